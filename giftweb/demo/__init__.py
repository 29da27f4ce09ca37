"""The demo shop, created through the domain's own verbs.

It writes no row by itself, and no shop needs it. Door: ``load.load``.
"""
