"""Who acts in this request, and from which address."""

from contextlib import AbstractContextManager
from functools import lru_cache

from flask import has_request_context, request

from giftweb import security_log
from giftweb.domain import cards
from giftweb.domain.audit.log import Actor
from giftweb.domain.staff.sign_in import Visitor
from giftweb.domain.throttle import Scope, sources
from giftweb.errors import DomainError
from giftweb.web.access import sign_in
from giftweb.web.http import problems


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

    ProxyFix reads the proxies' header (app.py), where some write a port too; here the address gets
    its canonical form. Whatever is no address is one source.
    """
    text = request.remote_addr or ""
    return _canonical(text) if len(text) <= sources.LONGEST_ADDRESS else sources.NO_ADDRESS


@lru_cache(maxsize=4096)
def _canonical(text: str) -> str:
    return str(sources.parse(text) or sources.NO_ADDRESS)


def facts() -> dict[str, str]:
    """What the security log says of the request that is being answered, if there is one."""
    if not has_request_context():
        return {}
    name = problems.request_id(request.environ)
    return {"request": name, "source": security_log.pseudonym(client_address())}


def guarded(
    code: str,
    scope: Scope,
    *,
    cart: str,
    proof: str,
    failures: tuple[type[DomainError], ...],
    pin: str | None = None,
) -> AbstractContextManager[None]:
    """Counts the tries of a code, and of the PIN with it, that this visitor types for a cart."""
    return cards.guesses.heard(
        code, scope, pin=pin, source=client_address(), name=cart, proof=proof, failures=failures
    )
