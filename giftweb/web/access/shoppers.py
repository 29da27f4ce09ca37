"""The customer who is signed in at /account/, also while they shop (B20, S69)."""

from flask import session

from giftweb.domain import customers
from giftweb.domain.customers.customers import Customer

KEY = "customer"
"""Where the cookie keeps the key of the customer's session."""


def current() -> Customer | None:
    """Who is signed in; None for a visitor."""
    return customers.sign_in.signed_in(session.get(KEY))
