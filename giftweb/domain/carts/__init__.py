"""Open checkouts and the gift cards applied to them: nothing is moved or reserved (D3).

Authorising and capturing is checkout. Door: the verbs of ``carts``, the values of ``values``.
"""

from giftweb.domain.carts import allocation, cart, carts, coverage, payload, replies, terms, values
from giftweb.domain.carts.cart import CART_LIFE, Cart
from giftweb.domain.carts.carts import (
    Refreshed,
    apply,
    change,
    limit,
    open_checkout,
    reallocate,
    refresh,
    remove,
    require_open,
)
from giftweb.domain.carts.coverage import as_of_now, rate_for
from giftweb.domain.carts.network import remember_network
from giftweb.domain.carts.values import (
    AUTHORISED,
    CAPTURED,
    EXPIRED,
    OPEN,
    VOIDED,
    Token,
    client_token,
    currency_of,
    find,
    lock,
)
