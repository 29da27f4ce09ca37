"""Who acts in this request, and from which address."""

import ipaddress
from functools import lru_cache

from flask import request

from giftweb.domain.audit.log import Actor
from giftweb.domain.staff.sign_in import Visitor
from giftweb.web.access import sign_in


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

    ProxyFix reads the proxies' header (app.py); here the address gets its one spelling.
    """
    return _spelled(request.remote_addr or "")


@lru_cache(maxsize=4096)
def _spelled(text: str) -> str:
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return text or "unknown"
    mapped = getattr(address, "ipv4_mapped", None)
    return str(mapped or address)
