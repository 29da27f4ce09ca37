"""What gift cards look like, and products: pictures that were uploaded, and designs of ours.

A card keeps the design by its key: the name of one of ours, or the id of a picture. "" is the
shop's colour with a ribbon. A product has its pictures in an order; a gift card without any has all
designs of ours.
"""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from giftweb import clock, models
from giftweb.database import transactional
from giftweb.domain import audit
from giftweb.domain.audit.log import Actor
from giftweb.domain.catalogue.products import Product
from giftweb.errors import Invalid, NotFound
from giftweb.language import gettext, lazy_gettext

DRAWN = {
    "birthday": lazy_gettext("Birthday"),
    "thanks": lazy_gettext("Thank you"),
    "congratulations": lazy_gettext("Congratulations"),
    "love": lazy_gettext("With love"),
    "winter": lazy_gettext("Winter holidays"),
    "seaside": lazy_gettext("For the summer"),
}
"""The designs that come with giftweb, by the name of their files, and their occasions."""

ALT = {
    "birthday": lazy_gettext("Balloons in confetti"),
    "thanks": lazy_gettext("Green branches"),
    "congratulations": lazy_gettext("Fireworks in the night"),
    "love": lazy_gettext("A large heart among small ones"),
    "winter": lazy_gettext("Snowy hills under the moon"),
    "seaside": lazy_gettext("A sailing boat before the sun"),
}
"""What is on them, for who does not see them."""

MOST = 12
"""So many pictures a product has at most."""

LONGEST_ALT, LONGEST_OCCASION = 200, 60
ID_LENGTH = 32


@dataclass(frozen=True, slots=True)
class Design:
    """A picture to choose: its ``key`` as a card keeps it, and its ``position`` on the product."""

    key: str
    occasion: str
    alt: str
    position: int = 0

    @property
    def label(self) -> str:
        """The occasion, or what is on it where none was named."""
        return self.occasion or self.alt


@dataclass(frozen=True, slots=True)
class Redrawn:
    """A picture as it is kept: drawn again from what was uploaded."""

    webp: bytes
    fallback: bytes
    width: int
    height: int


def drawn(name: str) -> Design:
    """A design of ours."""
    return Design(name, str(DRAWN[name]), str(ALT[name]))


def named(key: str | None) -> Design | None:
    """The design of a card by its key; None for the shop's colour, or what is not known."""
    if not key:
        return None
    if key in DRAWN:
        return drawn(key)
    row = models.ProductPicture
    found = row.select().where(row.picture == key).first()
    return Design(key, found.occasion, found.alt) if found else Design(key, "", "")


def of_products(product_ids: Iterable[str]) -> dict[str, list[Design]]:
    """The pictures of each of these products that has any, in their order."""
    row = models.ProductPicture
    rows = row.select().where(row.product.in_(list(product_ids)))
    found: dict[str, list[Design]] = {}
    for each in rows.order_by(row.product, row.position):
        found.setdefault(each.product_id, []).append(_design(each))
    return found


def _design(row: models.ProductPicture) -> Design:
    if row.drawn is None:
        return Design(row.picture_id, row.occasion, row.alt, row.position)
    occasion, alt = DRAWN.get(row.drawn, row.occasion), ALT.get(row.drawn, row.alt)
    return Design(row.drawn, str(occasion), str(alt), row.position)


def to_choose(product: Product) -> list[Design]:
    """The designs that a gift card can have: its product's, else all of ours."""
    own = of_products([product.id]).get(product.id)
    return own or [drawn(name) for name in DRAWN]


def checked(product: Product, key: str) -> str | None:
    """The key of a design that was chosen for the product; None: the shop's colour.

    Raises: Invalid (design).
    """
    if not key:
        return None
    if key not in {each.key for each in to_choose(product)}:
        raise Invalid(gettext("Choose one of the designs."), field="design")
    return key


# Kept pictures


def picture(picture_id: str) -> Redrawn:
    """A picture that was uploaded.

    Raises: NotFound.
    """
    found = models.Picture.get_or_none(models.Picture.id == picture_id)
    if found is None:
        raise NotFound
    return Redrawn(bytes(found.webp), bytes(found.fallback), found.width, found.height)


@transactional
def add(product: Product, *, new: Redrawn, alt: str, occasion: str = "", by: Actor) -> str:
    """Give the product another picture, behind those that it has; its key.

    Raises: Invalid (alt, occasion, picture).
    """
    _require_words(alt, occasion)
    picture_id = keep(new)
    _append(product, {"picture": picture_id, "alt": alt.strip(), "occasion": occasion.strip()})
    audit.record(by=by, action="product.picture_added", subject=product.id)
    return picture_id


def keep(new: Redrawn) -> str:
    """Keep a picture, in the transaction of whoever needs it; its id."""
    picture_id = hashlib.sha256(new.webp).hexdigest()[:ID_LENGTH]
    row = {
        "id": picture_id,
        "width": new.width,
        "height": new.height,
        "webp": new.webp,
        "fallback": new.fallback,
        "created_at": clock.now(),
    }
    insert = models.Picture.insert(row)
    insert.on_conflict(action="nothing", conflict_target=[models.Picture.id]).execute()
    return picture_id


@transactional
def add_drawn(product: Product, *, names: Sequence[str], by: Actor) -> None:
    """Offer designs of ours beside the product's own pictures; those that it has stay.

    Raises: Invalid (drawn).
    """
    if not product.is_gift_card or not set(names) <= DRAWN.keys():
        raise Invalid(gettext("Choose one of the designs."), field="drawn")
    own = {each.key for each in of_products([product.id]).get(product.id, ())}
    for name in names:
        if name not in own:
            _append(product, {"drawn": name, "alt": "", "occasion": ""})
    audit.record(by=by, action="product.picture_added", subject=product.id)


@transactional
def remove(product: Product, *, position: int, by: Actor) -> None:
    """Take a picture off the product. Cards that have it keep it.

    Raises: NotFound.
    """
    row = models.ProductPicture
    gone = row.delete().where(row.product == product.id, row.position == position).execute()
    if not gone:
        raise NotFound
    audit.record(by=by, action="product.picture_removed", subject=product.id)


def _require_words(alt: str, occasion: str) -> None:
    if not alt.strip():
        raise Invalid(gettext("Say what is on the picture, for who does not see it."), field="alt")
    for field, text, most in (("alt", alt, LONGEST_ALT), ("occasion", occasion, LONGEST_OCCASION)):
        if len(text) > most:
            raise Invalid(gettext("Use at most {count} characters.", count=most), field=field)


def _append(product: Product, values: dict[str, str]) -> None:
    row = models.ProductPicture
    own = of_products([product.id]).get(product.id, [])
    if len(own) >= MOST:
        sentence = gettext("A product has at most {count} pictures.", count=MOST)
        raise Invalid(sentence, field="picture")
    position = max((each.position for each in own), default=0) + 1
    row.insert(product=product.id, position=position, **values).execute()
