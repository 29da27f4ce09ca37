"""Everything the desk shows about one card: its history, who did what, its mails, what is legal."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import peewee

from giftweb import clock, database
from giftweb.database import records
from giftweb.domain import cards, outbox, time_zones
from giftweb.domain.audit.log import Entry
from giftweb.domain.cards.values import Card, History
from giftweb.domain.cards.wallets import Held
from giftweb.domain.catalogue.items import Delivery
from giftweb.domain.law import CashOut
from giftweb.domain.outbox.mails import Mail
from giftweb.errors import CardAlreadyUsed, CardInUse, CardNotUsable, DomainError, Refused
from giftweb.language import lazy_gettext
from giftweb.models import (
    AuditEntry,
    Campaign,
    Checkout,
    Customer,
    GiftCard,
    Hold,
    Order,
    Transfer,
)
from giftweb.money import Money

ENTRIES = 50


@dataclass(frozen=True, slots=True)
class Reserved:
    """Money that an open order holds."""

    amount_minor: int
    currency: str
    reference: str
    until: datetime

    @property
    def amount(self) -> Money:
        """How much, in the card's currency."""
        return Money(self.amount_minor, self.currency)


@dataclass(frozen=True, slots=True)
class CardPage:
    """A card and all that is known about it. ``is_used``: an order has taken money from it."""

    card: Card
    history: History
    entries: tuple[Entry, ...]
    mails: tuple[Mail, ...]
    wallets: tuple[Held, ...]
    reserved: tuple[Reserved, ...]
    is_used: bool
    replaces: Card | None
    replaced_by: Card | None
    merged: tuple[Card, ...]
    order_number: int | None
    campaign_name: str | None
    customer_id: str | None
    time_zone: str
    cash_out: CashOut | None

    @property
    def is_alive(self) -> bool:
        """Whether anything can still happen to it: not cancelled, replaced or expired."""
        return self.card.status not in cards.locking.NOT_ALIVE

    @property
    def delivery(self) -> Delivery | None:
        """When it is to be sent; None when it does not wait for that."""
        if self.card.deliver_at is None or not self.card.is_scheduled:
            return None
        return Delivery(self.card.deliver_at, self.card.deliver_zone or self.time_zone)

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
            return CardNotUsable(cards.refusals.unusable(self.card.status))
        if action == "cancel" and self.is_used:
            return CardAlreadyUsed()
        return Refused(_NOT_NOW[action]) if action in _NOT_NOW else CardInUse()


def _is_alive(page: CardPage) -> bool:
    return page.is_alive


def _is_free(page: CardPage) -> bool:
    return page.card.status == cards.values.ACTIVE and not page.reserved


_LEGAL: dict[str, Callable[[CardPage], bool]] = {
    "recharge": _is_alive,
    "adjust": _is_alive,
    "freeze": lambda page: page.is_alive and not page.is_frozen,
    "unfreeze": lambda page: page.is_alive and page.is_frozen,
    "cancel": lambda page: (
        page.card.status not in cards.locking.ENDED and not page.is_used and not page.reserved
    ),
    "replace": lambda page: page.is_alive and not page.reserved,
    "merge": lambda page: _is_free(page) and page.card.holder_email is not None,
    "resend": lambda page: page.is_alive and page.card.holder_email is not None,
    "correct": _is_alive,
    "move": lambda page: page.is_alive and page.card.is_scheduled,
    "reveal": _is_alive,
    "cash_out": lambda page: page.cash_out is not None and _is_free(page),
}


_NOT_NOW = {
    "move": cards.delivery.NOT_WAITING,
    "freeze": lazy_gettext("This card is frozen already."),
    "unfreeze": lazy_gettext("This card is not frozen."),
    "cash_out": lazy_gettext(
        "The law that this card's campaign keeps pays out no rest of this size."
    ),
    "resend": lazy_gettext("Nobody's address is known for this card. Correct the address first."),
}


def read(card_id: str, *, before: int | None = None) -> CardPage:
    """The card with the page of its history before the version ``before``.

    Raises: NotFound.
    """
    with database.snapshot():
        card = cards.find(card_id)
        successor = list(cards.select().where(cards.values.succeeds(card)))
        merged = cards.select().where(GiftCard.merged_into_id == card_id)
        return CardPage(
            card=card,
            history=cards.history(card, before=before),
            entries=_entries(card_id),
            mails=tuple(outbox.mails.of_card(card_id)),
            wallets=tuple(cards.wallets.of_card(card_id)),
            reserved=_reserved(card),
            is_used=cards.endings.has_been_used(card_id),
            replaces=cards.find(card.replaces_id) if card.replaces_id else None,
            replaced_by=successor[0] if successor else None,
            merged=tuple(merged.order_by(GiftCard.id)),
            order_number=_of(Order.number, Order.id, card.order_id),
            campaign_name=_of(Campaign.name, Campaign.id, card.campaign_id),
            customer_id=_of(Customer.id, Customer.email, card.holder_email),
            time_zone=time_zones.of_campaign(card.campaign_id),
            cash_out=cards.cash_out.rule_for(card),
        )


def _of(column: peewee.Field, key: peewee.Field, value: str | None) -> Any:
    """A column of the row with this key; None when there is none."""
    return None if value is None else column.model.select(column).where(key == value).scalar()


def _entries(card_id: str) -> tuple[Entry, ...]:
    """The audit entries of the card and of its transfers, newest first (B15)."""
    own = AuditEntry.select(AuditEntry.id).where(AuditEntry.subject == card_id)
    own = own.order_by(AuditEntry.id.desc()).limit(ENTRIES).alias("own")
    moves = Transfer.select(Transfer.audit_id.alias("id")).where(Transfer.card_id == card_id)
    moves = moves.order_by(Transfer.version.desc()).limit(ENTRIES).alias("moves")
    either = peewee.Select([own], [own.c.id]) | peewee.Select([moves], [moves.c.id])
    found = records.select(Entry, AuditEntry).where(AuditEntry.id.in_(either))
    return tuple(found.order_by(AuditEntry.id.desc()).limit(ENTRIES))


def _reserved(card: Card) -> tuple[Reserved, ...]:
    if not card.held_minor:
        return ()
    found = records.select(Reserved, Hold, Checkout, until=Hold.expires_at).join(Checkout)
    is_open = Hold.resolved_at.is_null() & (Hold.expires_at > clock.now())
    return tuple(found.where(Hold.card_id == card.id, is_open).order_by(Hold.expires_at))
