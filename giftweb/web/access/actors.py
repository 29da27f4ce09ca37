"""Who acts in this request, and from which address."""

import ipaddress
from functools import lru_cache

from flask import request

from giftweb.domain.audit.log import Actor
from giftweb.domain.staff.sign_in import Visitor
from giftweb.web.access import sign_in

MAX_LENGTH = 45
"""Of an address: an IPv6 one with an IPv4 one in it."""


def current() -> Actor:
    """The signed-in member of staff.

    Raises: NotAllowed when nobody is signed in.
    """
    return sign_in.signed_in().session.actor


def visitor() -> Visitor:
    """Whoever tries to sign in, as the domain wants to know it."""
    agent = request.headers.get("User-Agent", "")
    return Visitor(client_address(), agent=agent, known_as=sign_in.known_as())


def client_address() -> str:
    """The caller's address, past as many proxies as TRUSTED_PROXIES believes in.

    ProxyFix reads the proxies' header (app.py); here the address gets its canonical form.
    """
    text = request.remote_addr or ""
    return _canonical(text) if len(text) <= MAX_LENGTH else "unknown"


@lru_cache(maxsize=4096)
def _canonical(text: str) -> str:
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return text or "unknown"
    mapped = getattr(address, "ipv4_mapped", None)
    return str(mapped or address)
