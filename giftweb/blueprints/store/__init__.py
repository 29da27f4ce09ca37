"""The hosted shop: browse, check out, thanks."""
