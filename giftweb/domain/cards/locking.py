"""A gift card under its lock: read, checked, moved, stored; its events and mails."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from giftweb import clock, codes, database, models
from giftweb.domain import audit, ledger, outbox
from giftweb.domain.cards import payload, refusals, values
from giftweb.domain.cards.values import Card
from giftweb.domain.ledger.holds import Hold
from giftweb.domain.ledger.transfers import Movement, Position
from giftweb.errors import CardNotUsable, InReview, NotFound, ReviewRefused

ENDED = (values.CANCELLED, values.REPLACED)
NOT_ALIVE = (*ENDED, values.EXPIRED, values.INACTIVE)


@dataclass(frozen=True, slots=True)
class Locked:
    """A card and its account under the lock, lapsed holds already written."""

    card: Card
    position: Position


def store(card: Card, code: str, pin: str | None = None) -> None:
    """Write the row of a new card whose account is open."""
    audit.seals.insert(models.GiftCard, card, **_code_columns(card.id, code, pin))


def row_of(card: Card, code: str, pin: str | None = None) -> dict[str, Any]:
    """The columns that ``store`` writes."""
    return audit.seals.row(models.GiftCard, card, **_code_columns(card.id, code, pin))


def _code_columns(card_id: str, code: str, pin: str | None) -> dict[str, Any]:
    sealed = codes.seal(code, card_id)
    return {
        "pin_sealed": None if pin is None else codes.seal_pin(pin, card_id),
        "code_index": codes.index(code),
        "code_sealed": sealed,
        "key_version": int.from_bytes(sealed[:2], "big"),
    }


def after(card: Card, position: Position) -> Card:
    """The card as its locked position says."""
    return values.at_position(card, position)


def lock_one(card_id: str) -> Locked:
    """``lock`` for a single card."""
    return lock([card_id])[card_id]


def move(locked: Locked, movement: Movement, *, captures: Hold | None = None) -> tuple[Locked, str]:
    """Post a transfer of a locked card and queue its event; the card after it, the transfer.

    ``captures``: the hold whose money this transfer takes; it is freed in the same write.
    """
    freed = captures.amount_minor if captures else 0
    position, transfer_id = ledger.post(locked.position, movement, freed_minor=freed)
    if captures:
        ledger.holds.mark_captured(captures, transfer_id=transfer_id)
    moved = Locked(after(locked.card, position), position)
    queue_event("gift_card.balance_changed", moved.card)
    return moved, transfer_id


def require_alive(card: Card) -> None:
    """Refuse a card that is cancelled, replaced, expired or not activated yet.

    Raises: CardNotUsable.
    """
    if card.status in NOT_ALIVE:
        raise CardNotUsable(refusals.unusable(card.status))


def require_reviewed(card_id: str) -> None:
    """Refuse to let the code of a bought card out that waits for a review, or was refused (B26).

    Raises: InReview, ReviewRefused.
    """
    review = models.CardReview
    found = review.select(review.decision).where(review.card == card_id).first()
    if found is not None and found.decision != "released":
        raise (ReviewRefused if found.decision else InReview)(gift_card_id=card_id)


def set_state(locked: Locked, state: str) -> Card:
    """Write what was done to a locked card and queue its event."""
    audit.seals.change(models.GiftCard, locked.card.id, state=state)
    card = locked.card._replace(state=state)
    queue_event("gift_card.updated", card)
    return card


def mail_holder(
    kind: str,
    card: Card,
    *,
    not_before: datetime | None = None,
    data: dict | None = None,
    order_id: str | None = None,
) -> None:
    """Queue a mail about the card to its holder, if there is an address.

    ``order_id``: the order that it is about, when that is not the card's own.
    """
    outbox.mail(
        kind,
        to=card.holder_email,
        card_id=card.id,
        order_id=order_id or card.order_id,
        not_before=not_before,
        data=data,
        is_test=card.is_test,
    )


def queue_event(type: str, card: Card) -> None:
    """Queue an event about the card for its campaign, and have the wallets that hold it wait for
    the news (domain.cards.wallets).
    """
    outbox.event(
        type,
        subject=card.id,
        campaign_id=card.campaign_id,
        is_test=card.is_test,
        payload=payload.GiftCard.of(card),
    )
    if type != "gift_card.issued":
        database.write(_NEWS, now := clock.micros(), now, card.id)


# Hot: every movement of money locks its card first. Plain SQL takes 0.05 ms, and peewee's query
# builder has no lock that both engines take. A card that no wallet holds pays 0.006 ms for the
# news, of 1.8 for a recharge; on PostgreSQL they travel with its other writes.

_NEWS = (
    "UPDATE wallet_pass SET state = 'waiting', attempts = 0, due_at = ?, changed_at = ?"
    " WHERE card_id = ?"
)


def lock(card_ids: Iterable[str]) -> dict[str, Locked]:
    """Lock cards by id until the transaction ends, and write the lapse of their holds.

    Raises: NotFound when one of them does not exist.
    """
    wanted = sorted(set(card_ids))
    if not wanted:
        return {}
    found = database.rows(
        f"SELECT {values.READER.columns}, a.held_minor, a.moved_at, a.seal {values.FROM}"
        f" WHERE a.id IN ({database.placeholders(wanted)}) ORDER BY a.id{database.for_update()}",
        clock.micros(),
        *wanted,
    )
    if len(found) != len(wanted):
        raise NotFound
    return {row[0]: _locked(row) for row in found}


def _locked(row: tuple) -> Locked:
    *columns, held, moved_at, seal = row
    card = values.READER.read(columns)
    position = ledger.holds.lapse(
        Position(
            card.id,
            card.currency,
            card.is_test,
            card.balance_minor,
            held,
            card.version,
            moved_at,
            bytes(seal),
            funding=card.parts,
        )
    )
    return Locked(after(card, position), position)
