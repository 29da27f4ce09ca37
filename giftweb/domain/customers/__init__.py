"""Shoppers: who they are, what they have, how they sign in.

Their orders and cards are elsewhere. Door: the verbs of ``customers``, and ``sign_in``.
"""

from giftweb.domain.customers import changes, customers, sign_in
from giftweb.domain.customers.customers import (
    Customer,
    cards_of,
    download,
    ensure,
    find,
    find_by_emails,
    register,
    search,
    suggest,
    worth,
)
