"""The demo shop, told through the domain's own verbs."""
