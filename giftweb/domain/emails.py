"""Email addresses: read in one place, checked for syntax only, kept in lower case (D26)."""

import re
import unicodedata

from giftweb.errors import Invalid
from giftweb.language import gettext

_PLAIN = re.compile(
    r"[a-z0-9_+-]{1,30}(?:\.[a-z0-9_+-]{1,15}){0,2}"
    r"@(?:[a-z0-9](?:[a-z0-9-]{0,28}[a-z0-9])?\.){1,3}(?:com|org|net|edu|[a-z]{2})"
)
"""What most addresses look like. Whatever matches is valid; the library checks the rest."""

_SPECIAL = ("arpa", "invalid", "local", "localhost", "onion", "test")
"""Top-level domains that the library refuses. A shop in a house of its own may well use .local, and
whether anybody receives mail there is not a matter of syntax."""


def read(text: str, *, field: str = "email") -> str:
    """The address as it is kept and compared, the same for every way of writing it.

    Raises: Invalid on ``field`` with a sentence that shows what an address looks like.
    """
    address = folded(text)
    if _PLAIN.fullmatch(address) and "--" not in address:
        return address
    try:
        return folded(_normalized(address))
    except ValueError as error:
        raise Invalid(
            gettext("Enter an email address in the form name@example.com."), field=field
        ) from error


def folded(text: str) -> str:
    """Text as parts of addresses are compared: in lower case, full-width letters as plain ones,
    without blanks around it. It need not be an address."""
    if text.isascii():
        return text.strip().lower()
    lowered = unicodedata.normalize("NFKC", text).lower()
    return unicodedata.normalize("NFKC", lowered).strip()


_DOTLESS = ("gmail.com", "googlemail.com")
"""Hosts that deliver to one mailbox however many points an address has."""


def canonical(text: str) -> str:
    """What addresses of one mailbox have in common, to compare them; nobody is mailed at it.

    Without ``+tag`` and, where the host ignores them, without points; look-alike letters i are one,
    and a domain is in the letters that its owner chose.
    """
    address = folded(text).casefold().replace("i\u0307", "i").replace("ı", "i")
    local, at, host = address.rpartition("@")
    if not at:
        return address
    host = _in_letters(host.rstrip("."))
    local = local.partition("+")[0] or local
    return f"{local.replace('.', '') if host in _DOTLESS else local}@{host}"


def _in_letters(host: str) -> str:
    try:
        return host.encode("ascii").decode("idna") if "xn--" in host else host
    except UnicodeError:
        return host


def _normalized(address: str) -> str:
    """The library's form of an address; raises its ValueError."""
    # The library is slow to load and slow to ask.
    from email_validator import validate_email

    _, dot, top = address.rpartition(".")
    suffix = ".example" if dot and top in _SPECIAL else ""
    found = validate_email(address + suffix, check_deliverability=False, test_environment=True)
    return found.normalized.removesuffix(suffix)
