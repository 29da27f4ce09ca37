"""Everything the desk shows about one card: its history, who did what, its mails, what is legal."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from giftweb import clock, database
from giftweb.domain import cards, outbox
from giftweb.domain.audit.log import Entry
from giftweb.domain.cards.values import Card, History
from giftweb.domain.outbox.mails import Mail
from giftweb.errors import CardAlreadyUsed, CardInUse, CardNotUsable, DomainError, Refused
from giftweb.models import GiftCard
from giftweb.money import Money

ENTRIES = 50


@dataclass(frozen=True, slots=True)
class Reserved:
    """Money that an open order holds."""

    amount: Money
    reference: str
    until: datetime


@dataclass(frozen=True, slots=True)
class Record:
    """A card and all that is known about it. ``is_used``: an order has taken money from it."""

    card: Card
    history: History
    entries: tuple[Entry, ...]
    mails: tuple[Mail, ...]
    reserved: tuple[Reserved, ...]
    is_used: bool
    replaces: Card | None
    replaced_by: Card | None
    order_number: int | None
    campaign_name: str | None
    customer_id: str | None

    @property
    def is_alive(self) -> bool:
        """Whether anything can still happen to it: not cancelled, replaced or expired."""
        return self.card.status not in (*cards.locking.ENDED, cards.EXPIRED)

    @property
    def is_frozen(self) -> bool:
        """Whether somebody has frozen it."""
        return self.card.state == "frozen"

    def may(self, action: str) -> bool:
        """Whether the action is legal in the card's present state."""
        return _LEGAL[action](self)

    def refusal(self, action: str) -> DomainError | None:
        """Why the card's present state does not allow the action; None when it does."""
        if self.may(action):
            return None
        if self.card.status in cards.locking.ENDED or (action != "cancel" and not self.is_alive):
            return CardNotUsable(status=self.card.status)
        if action == "cancel" and self.is_used:
            return CardAlreadyUsed()
        return Refused(_NOT_NOW[action]) if action in _NOT_NOW else CardInUse()


def _is_alive(record: Record) -> bool:
    return record.is_alive


_LEGAL: dict[str, Callable[[Record], bool]] = {
    "recharge": _is_alive,
    "adjust": _is_alive,
    "freeze": lambda record: record.is_alive and not record.is_frozen,
    "unfreeze": lambda record: record.is_alive and record.is_frozen,
    "cancel": lambda record: (
        record.card.status not in cards.locking.ENDED and not record.is_used and not record.reserved
    ),
    "replace": lambda record: record.is_alive and not record.reserved,
    "resend": lambda record: record.is_alive and record.card.holder_email is not None,
    "correct": _is_alive,
    "reveal": _is_alive,
}


_NOT_NOW = {
    "freeze": "This card is frozen already.",
    "unfreeze": "This card is not frozen.",
    "resend": "Nobody's address is known for this card. Correct the address first.",
}


def read(card_id: str, *, before: int | None = None) -> Record:
    """The card with the page of its history before the version ``before``.

    Raises: NotFound.
    """
    with database.snapshot():
        card = cards.find(card_id)
        successor = list(cards.select().where(GiftCard.replaces_id == card_id))
        return Record(
            card=card,
            history=cards.history(card, before=before),
            entries=_entries(card_id),
            mails=tuple(outbox.mails.of_card(card_id)),
            reserved=_reserved(card),
            is_used=cards.endings.has_been_used(card_id),
            replaces=cards.find(card.replaces_id) if card.replaces_id else None,
            replaced_by=successor[0] if successor else None,
            order_number=_one("SELECT number FROM orders WHERE id = ?", card.order_id),
            campaign_name=_one("SELECT name FROM campaign WHERE id = ?", card.campaign_id),
            customer_id=_one("SELECT id FROM customer WHERE email = ?", card.holder_email),
        )


def _one(sql: str, value: str | None) -> Any:
    return None if value is None else database.scalar(sql, value)


_ENTRIES = (
    "SELECT id, at, actor_kind, actor_id, actor_role, action, subject, reason, data"
    " FROM audit_entry WHERE id IN ("
    "SELECT id FROM (SELECT id FROM audit_entry WHERE subject = ? ORDER BY id DESC LIMIT ?) AS own"
    " UNION SELECT audit_id FROM (SELECT audit_id FROM transfer WHERE card_id = ?"
    " ORDER BY version DESC LIMIT ?) AS moves) ORDER BY id DESC LIMIT ?"
)


def _entries(card_id: str) -> tuple[Entry, ...]:
    """The audit entries of the card and of its transfers, newest first (B15)."""
    found = database.rows(_ENTRIES, card_id, ENTRIES, card_id, ENTRIES, ENTRIES)
    return tuple(
        Entry(
            id=entry_id,
            at=clock.from_micros(at),
            actor_kind=kind,
            actor_id=actor,
            actor_role=role,
            action=action,
            subject=subject,
            reason=reason,
            data=json.loads(data) if data else None,
        )
        for entry_id, at, kind, actor, role, action, subject, reason, data in found
    )


def _reserved(card: Card) -> tuple[Reserved, ...]:
    if not card.held_minor:
        return ()
    found = database.rows(
        "SELECT h.amount_minor, c.reference, h.expires_at FROM hold h"
        " JOIN checkout c ON c.id = h.checkout_id"
        " WHERE h.card_id = ? AND h.resolved_at IS NULL AND h.expires_at > ? ORDER BY h.expires_at",
        card.id,
        clock.micros(),
    )
    return tuple(
        Reserved(Money(minor, card.currency), reference, clock.from_micros(until))
        for minor, reference, until in found
    )
