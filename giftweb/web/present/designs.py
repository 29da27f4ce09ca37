"""The picture of a card's design as a JPEG: small for a mail, large for paper.

Only paper needs the library for pictures, so it is imported there.
"""

from functools import lru_cache
from pathlib import Path

from giftweb.domain import catalogue
from giftweb.domain.catalogue.designs import DRAWN
from giftweb.errors import NotFound

_PLACE = Path(__file__).parents[2] / "static/designs"


def for_mail(key: str | None) -> bytes | None:
    """At most 70 kB; None where the card has the shop's colour."""
    if not key:
        return None
    if key in DRAWN:
        return (_PLACE / f"{key}.jpg").read_bytes()
    try:
        return catalogue.designs.picture(key).fallback
    except NotFound:
        return None


def for_paper(key: str | None) -> bytes | None:
    """As large as it is kept."""
    if not key:
        return None
    try:
        return _jpeg(key)
    except NotFound:
        return None


@lru_cache(maxsize=16)
def _jpeg(key: str) -> bytes:
    from giftweb.web.present import pictures

    if key in DRAWN:
        return pictures.to_jpeg((_PLACE / f"{key}.webp").read_bytes())
    return pictures.to_jpeg(catalogue.designs.picture(key).webp)
