"""The customer who is signed in at /account/, also while they shop (B20, S69)."""

from typing import Any

from flask import session

from giftweb.domain import customers
from giftweb.domain.customers.customers import Customer
from giftweb.web.access import sign_in

KEY = "customer"
"""Where the cookie keeps the key of the customer's session."""


def enter(key: str) -> dict[str, Any]:
    """Put a fresh sign-in's key into a fresh session; what was in the one before, but the desk's
    own sign-in, which stays.
    """
    before = dict(session)
    _clear()
    session[KEY] = key
    return before


def leave() -> None:
    """End the customer's sign-in and empty the session, but for the desk's own sign-in."""
    customers.sign_in.leave(session.get(KEY))
    _clear()


def _clear() -> None:
    desk = {name: session[name] for name in sign_in.KEYS if name in session}
    session.clear()
    session.update(desk)


def current() -> Customer | None:
    """Who is signed in; None for a visitor."""
    return customers.sign_in.signed_in(session.get(KEY))
