"""Where a campaign's gift cards are spent: the address of its shop, and links that carry a code.

A code stands in the fragment alone: browsers keep that to themselves, so no server reads it. The
hosted shop and the balance page read ``#gift-card=...`` by script; the page of another shop gets
the code only where its address says so, as ``{code}``.
"""

from urllib.parse import quote, urlsplit

from giftweb import origins
from giftweb.errors import Invalid
from giftweb.language import gettext

CODE = "{code}"
LONGEST = 500


def read(text: str, *, field: str = "shop_url") -> str:
    """The address as it was entered, without blanks around it; "" stays "".

    Raises: Invalid for anything but https (or http on this very machine), and for a ``{code}``
    outside the fragment.
    """
    address = text.strip()
    if not address:
        return ""
    if len(address) > LONGEST or not address.isascii() or any(sign in address for sign in ' "<>\\'):
        raise Invalid(gettext("Enter an address such as https://shop.example/."), field=field)
    before, _, fragment = address.partition("#")
    if CODE in before or fragment.count(CODE) > 1:
        raise Invalid(
            gettext("Put {placeholder} behind a #: no server may read it.", placeholder=CODE),
            field=field,
        )
    try:
        parts = urlsplit(before)
        origins.read(f"{parts.scheme}://{parts.netloc}")
    except (Invalid, ValueError):
        sentence = gettext(
            "Enter an address that begins with https://, such as https://shop.example/."
        )
        raise Invalid(sentence, field=field) from None
    return address


def hosted(campaign_id: str) -> str:
    """The path of a campaign's own shop in this house."""
    return f"/shop/{campaign_id}/"


def plain(address: str) -> str:
    """The address without a code."""
    before, _, fragment = address.partition("#")
    return before if CODE in fragment else address


def with_code(address: str, code: str) -> str:
    """The address that brings a code along, where the shop behind it takes one."""
    if not code:
        return plain(address)
    if address.startswith("/"):
        return f"{address}#gift-card={quote(code, safe='')}"
    return address.replace(CODE, quote(code, safe=""))
