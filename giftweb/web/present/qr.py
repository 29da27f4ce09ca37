"""The QR code of a card: a link to the balance page, with the code in the fragment (B13).

Whoever scans it opens the page, whose script reads the fragment; no server reads the code. Tills
read the same code with ``giftweb.web.pages.scanned.code_of``.
"""

from io import BytesIO
from urllib.parse import quote

import segno

_CORRECTION = "m"
"""A quarter of the modules may be hidden, as by a crease or a finger."""


def link(base_url: str, *, campaign_id: str | None, code: str) -> str:
    """The balance page in the card's shop, with its code in the fragment."""
    query = f"?shop={campaign_id}" if campaign_id else ""
    return f"{base_url}/balance{query}#gift-card={quote(code, safe='')}"


def matrix(content: str) -> tuple[bytearray, ...]:
    """The rows of the code's modules; 1 is dark."""
    return tuple(segno.make(content, error=_CORRECTION, micro=False).matrix)


def png(content: str, *, scale: int = 5) -> bytes:
    """The code as a PNG with its quiet zone, dark on white in every theme; some 1 kB."""
    out = BytesIO()
    segno.make(content, error=_CORRECTION, micro=False).save(out, kind="png", scale=scale, border=4)
    return out.getvalue()
