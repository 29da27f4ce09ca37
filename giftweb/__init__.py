"""giftweb: a gift card system that a shop can trust with its customers' money."""
