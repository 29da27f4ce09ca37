"""The hosted shop: browse, check out, thanks.

What a cart is, and what it costs, is giftweb.domain.carts. Door: the ``blueprint`` of each module.
"""
