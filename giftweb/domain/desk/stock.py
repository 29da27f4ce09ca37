"""Printed cards as the desk sees them: what waits, and what is lost, cancelled by range (B22)."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime

from peewee import JOIN, fn

from giftweb.database import records
from giftweb.database.listings import literal
from giftweb.domain import cards, throttle
from giftweb.domain.audit.log import Actor
from giftweb.domain.cards.stock import ORIGIN, Range
from giftweb.domain.cards.values import INACTIVE
from giftweb.errors import Refused, UnknownCode
from giftweb.language import gettext
from giftweb.models import Campaign, GiftCard

TRIES = throttle.of_shop("stock")


@dataclass(frozen=True, slots=True)
class OnHand:
    """Cards that wait to be activated. ``campaign``: who sells them; None: anybody."""

    campaign: str | None
    currency: str
    is_test: bool
    count: int
    oldest_at: datetime


def on_hand() -> list[OnHand]:
    """What waits, by campaign, currency and mode."""
    found = records.select(
        OnHand,
        GiftCard,
        campaign=Campaign.name,
        count=fn.COUNT(GiftCard.id),
        oldest_at=fn.MIN(GiftCard.created_at).converter(GiftCard.created_at.python_value),
    )
    found = found.join(Campaign, JOIN.LEFT_OUTER, on=GiftCard.campaign == Campaign.id)
    found = found.where(GiftCard.state == literal(INACTIVE), GiftCard.origin == ORIGIN)
    found = found.group_by(Campaign.name, GiftCard.campaign, GiftCard.currency, GiftCard.is_test)
    return list(found.order_by(GiftCard.is_test, Campaign.name, GiftCard.currency))


def look_up(first: str, last: str, *, by: Actor) -> Range:
    """The cards from one code to another that would be cancelled.

    Raises: as ``cards.stock.between``; Refused (none of them waits), TooManyTries.
    """
    with _heard(first, last, by=by):
        found = cards.stock.between(first, last)
    if not found.waiting:
        raise Refused(gettext("No card of this range waits in stock any more."))
    return found


def cancel(first: str, last: str, *, by: Actor, reason: str) -> Range:
    """Cancel the cards of a range that wait; those that were activated stay as they are.

    Raises: as ``cards.stock.cancel_lost``; TooManyTries.
    """
    with _heard(first, last, by=by):
        return cards.stock.cancel_lost(first, last_code=last, by=by, reason=reason)


@contextmanager
def _heard(first: str, last: str, *, by: Actor) -> Iterator[None]:
    """Codes that are none are counted for each person."""
    typed = {first: None, last: None}
    with cards.guesses.all_heard(typed, TRIES, name=by.id or "", failures=(UnknownCode,)):
        yield
