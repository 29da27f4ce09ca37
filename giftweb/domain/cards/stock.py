"""Stock: codes for printed cards, worth nothing until they are activated (B22, I40).

A card in stock has a row, an account without money, and no history. Activated, it is a card like
any other; one that was lost before is cancelled, alone or with those that were made around it.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice
from typing import Any, NamedTuple

from giftweb import clock, codes, database, ids
from giftweb.database import bulk, transactional
from giftweb.database.listings import literal
from giftweb.domain import audit, ledger
from giftweb.domain.audit.log import Actor
from giftweb.domain.cards import by_code, endings, locking, pins, values
from giftweb.domain.cards.values import INACTIVE, Card
from giftweb.errors import CardNotUsable, Invalid
from giftweb.language import count_text, gettext, lazy_gettext
from giftweb.models import FUNDED, Account, GiftCard
from giftweb.money import exponent

ORIGIN = "stock"
MOST = 100_000
_PORTION = 1000


class Printed(NamedTuple):
    """What is printed on a card."""

    code: str
    pin: str | None


class Batch(NamedTuple):
    """What all cards of a batch have in common. Without a campaign any campaign may sell them."""

    currency: str
    campaign_id: str | None = None
    is_test: bool = False


@transactional
def make(
    count: int,
    *,
    batch: Batch,
    has_pins: bool,
    write: Callable[[Sequence[Printed]], None],
    by: Actor,
) -> None:
    """Make codes, and PINs, for so many cards, in the order in which they are to be printed.

    ``write`` gets them before anything is committed: they are nowhere else to be read.

    Raises: Invalid (count, currency), NotFound (campaign).
    """
    if not 1 <= count <= MOST:
        raise Invalid(
            gettext("Enter a number from 1 to {most}.", most=count_text(MOST)), field="count"
        )
    new = [Printed(codes.generate(), pins.generate() if has_pins else None) for _ in range(count)]
    take_in(new, batch=batch, by=by)
    write(new)


@transactional
def take_in(new: Sequence[Printed], *, batch: Batch, by: Actor) -> None:
    """Put printed cards into stock; the codes are ours, or in a format that is registered.

    Raises: Invalid (currency).
    """
    exponent(batch.currency)
    audit.record(
        by=by,
        action="gift_card.stocked",
        subject=ids.new("stk"),
        data={"cards": len(new), "currency": batch.currency, "campaign": batch.campaign_id},
        is_test=batch.is_test,
    )
    waiting = iter(new)
    while portion := list(islice(waiting, _PORTION)):
        rows = [(ids.new("gc"), printed) for printed in portion]
        bulk.insert("account", (_account(card_id, batch) for card_id, _ in rows))
        bulk.insert("gift_card", (_row(card_id, printed, batch) for card_id, printed in rows))


def _account(card_id: str, batch: Batch) -> dict[str, object]:
    return ledger.account_row(ledger.empty(card_id, currency=batch.currency, is_test=batch.is_test))


def _row(card_id: str, printed: Printed, batch: Batch) -> dict[str, object]:
    columns = {
        "id": card_id,
        "currency": batch.currency,
        "is_test": batch.is_test,
        "last4": printed.code[-4:],
        "type": "physical",
        "origin": ORIGIN,
        "source": "sales",
        "state": INACTIVE,
        "campaign_id": batch.campaign_id,
        "created_at": clock.now(),
        "needs_pin": True if printed.pin else None,
    }
    return locking.row_of(Card(**_NOTHING | columns), printed.code, printed.pin)


_AMOUNTS = (*FUNDED, "balance_minor", "held_minor", "initial_minor", "version")
_NOTHING: dict[str, Any] = dict.fromkeys(Card._fields) | dict.fromkeys(_AMOUNTS, 0)
"""The fields of a card that has nothing yet."""


def reserve(count: int, *, batch: Batch) -> list[str]:
    """Ids of so many cards that wait, the campaign's own first, the oldest first; fewer where there
    are fewer. They are locked: nobody else sells them before the transaction ends."""
    own = GiftCard.campaign == batch.campaign_id
    # Accounts first, as whoever activates a single card locks them.
    both = Account.select(GiftCard.id).join(GiftCard, on=GiftCard.id == Account.id)
    waiting = both.where(
        GiftCard.state == literal(INACTIVE),
        GiftCard.currency == batch.currency,
        GiftCard.is_test == batch.is_test,
        own | GiftCard.campaign.is_null(),
    )
    found = waiting.order_by(GiftCard.campaign.is_null(), GiftCard.id).limit(count)
    if database.is_postgres():
        found = found.for_update(skip_locked=True)
    return [card_id for (card_id,) in found.tuples()]


# Lost


class Range(NamedTuple):
    """Cards that were made one after the other: how many wait, and how many were activated."""

    waiting: tuple[str, ...]
    activated: int


def between(first_code: str, last_code: str) -> Range:
    """The cards from one to another, both included, in the order in which they were made.

    Raises: CodeMalformed, UnknownCode, Invalid (last: they are not of one batch, or in the other
    order).
    """
    first, last = by_code.find_by_code(first_code), by_code.find_by_code(last_code)
    if ORIGIN not in (first.origin, last.origin) or _kind(first) != _kind(last):
        raise Invalid(gettext("These two cards were not made for stock together."), field="last")
    if last.id < first.id:
        raise Invalid(gettext("This card was made before the first one. Swap them."), field="last")
    return _range(first, last)


def _kind(card: Card) -> tuple[str, str, bool, str | None]:
    return card.origin, card.currency, card.is_test, card.campaign_id


def _range(first: Card, last: Card) -> Range:
    in_range = GiftCard.select(GiftCard.id, GiftCard.state).where(
        GiftCard.id.between(first.id, last.id),
        GiftCard.origin == ORIGIN,
        GiftCard.currency == first.currency,
        GiftCard.is_test == first.is_test,
        GiftCard.campaign.is_null()
        if first.campaign_id is None
        else GiftCard.campaign == first.campaign_id,
    )
    found = list(in_range.order_by(GiftCard.id).tuples())
    waiting = tuple(card_id for card_id, state in found if state == INACTIVE)
    cancelled = sum(state == values.CANCELLED for _, state in found)
    return Range(waiting, len(found) - len(waiting) - cancelled)


@transactional
def cancel_lost(first_code: str, *, last_code: str, by: Actor, reason: str) -> Range:
    """Cancel the cards of a range that wait; those that were activated stay as they are.

    Raises: as ``between``; Invalid (reason).
    """
    if not reason.strip():
        raise Invalid(gettext("Say what happened to these cards."), field="reason")
    found = between(first_code, last_code)
    locked = locking.lock(found.waiting)
    waiting = tuple(_still_waiting(locked.values()))
    for card_id in waiting:
        endings.cancel(card_id, by=by, reason=reason)
    return Range(waiting, found.activated + len(found.waiting) - len(waiting))


def _still_waiting(locked: Iterable[locking.Locked]) -> Iterator[str]:
    return (each.card.id for each in locked if each.card.status == INACTIVE)


_NOT_WAITING = {
    values.ACTIVE: lazy_gettext("This card cannot be activated: it is active."),
    values.USED_UP: lazy_gettext("This card cannot be activated: it is used up."),
    values.FROZEN: lazy_gettext("This card cannot be activated: it is frozen."),
    values.EXPIRED: lazy_gettext("This card cannot be activated: it is expired."),
    values.CANCELLED: lazy_gettext("This card cannot be activated: it is cancelled."),
    values.REPLACED: lazy_gettext("This card cannot be activated: it is replaced."),
}


def require_waiting(card: Card) -> None:
    """Refuse a card that is not in stock any more, or never was.

    Raises: CardNotUsable.
    """
    if card.status != INACTIVE:
        raise CardNotUsable(str(_NOT_WAITING[card.status]), gift_card_id=card.id)
