"""The demo shop, created through the domain's own verbs."""
