"""The cards that a campaign issued or sold, as its shop's program lists them (docs/api.md)."""

import functools
import operator
from collections.abc import Iterator
from dataclasses import dataclass

from peewee import Expression

from giftweb.database.listings import Listing, Page
from giftweb.domain.cards import search, tags, values
from giftweb.domain.cards.values import Card, Line
from giftweb.errors import Invalid, NotFound
from giftweb.language import gettext
from giftweb.models import GiftCard
from giftweb.tables.cards import ORIGINS

__all__ = ["LISTING", "ORIGINS", "Lines", "Query", "find_lines", "find_page"]

LISTING: Listing[Card] = Listing(
    values.select, key=GiftCard.id, sorts={"created": ()}, default="-created"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Query:
    """What to list; None is no condition. ``after`` is the last id of the page before."""

    status: str | None = None
    holder_email: str | None = None
    last4: str | None = None
    origin: str | None = None
    tag: str | None = None
    after: str | None = None
    limit: int = 20


@dataclass(frozen=True, slots=True)
class Lines:
    """Lines of a card's history, newest first, and whether there are more."""

    lines: tuple[Line, ...]
    has_more: bool


def find_page(query: Query, *, campaign_id: str, is_test: bool) -> Page[Card]:
    """The campaign's cards of one mode that fit, newest first."""
    own = (GiftCard.campaign_id == campaign_id, GiftCard.is_test == is_test)
    return LISTING.uncounted([*own, *_conditions(query)], after=query.after, limit=query.limit)


def _conditions(query: Query) -> Iterator[Expression]:
    if query.status is not None:
        yield functools.reduce(operator.or_, search.of_status(query.status))
    if query.holder_email is not None:
        yield GiftCard.holder_email == query.holder_email.lower()
    if query.last4 is not None:
        yield GiftCard.last4 == query.last4.upper()
    if query.origin is not None:
        yield GiftCard.origin == query.origin
    if query.tag is not None:
        yield tags.has(query.tag)


def find_lines(card: Card, *, limit: int, after: str | None = None) -> Lines:
    """A part of the card's history.

    Raises: Invalid (after: not a line of this card).
    """
    before = None
    if after is not None:
        try:
            before = values.line(card, after).version
        except NotFound:
            raise Invalid(gettext("This card has no such transaction."), field="after") from None
    history = values.history(card, limit=limit, before=before)
    return Lines(history.lines, history.next_before is not None)
