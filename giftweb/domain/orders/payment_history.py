"""One payment's history: what was held, captured, refunded, at which rate, by whom, when (S41)."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from peewee import JOIN, fn

from giftweb import database, models
from giftweb.database import records
from giftweb.domain import cards, payments
from giftweb.domain.orders import values
from giftweb.domain.orders.values import Order
from giftweb.domain.payments.payments import Payment
from giftweb.domain.payments.refund_values import Refund
from giftweb.language import gettext, lazy_gettext
from giftweb.money import Money


@dataclass(frozen=True, slots=True)
class Hold:
    """What was reserved on the card before the order was placed, in the card's currency."""

    amount_minor: int
    currency: str
    created_at: datetime
    expires_at: datetime

    @property
    def amount(self) -> Money:
        """What was held."""
        return Money(self.amount_minor, self.currency)


@dataclass(frozen=True, slots=True)
class Event:
    """One link of the chain.

    ``kind``: held, awaited, captured, cancelled, refunded, settled, failed, charged_back.
    """

    kind: str
    at: datetime
    amount: Money
    by: str
    reason: str | None = None
    reference: str | None = None
    gift_card_last4: str | None = None


@dataclass(frozen=True, slots=True)
class Details:
    """A payment with its refunds and its history; events oldest first."""

    payment: Payment
    order: Order
    hold: Hold | None
    refunds: tuple[Refund, ...]
    events: tuple[Event, ...]


def details(payment_id: str) -> Details:
    """Everything about one payment.

    Raises: NotFound.
    """
    with database.snapshot():
        payment = payments.find(payment_id)
        order = values.find(payment.order_id)
        hold = _hold(payment)
        refunds = tuple(payments.refund_values.of_payment(payment_id))
        events = [*_opening(payment, order, hold), *_of_refunds(refunds), *_chargebacks(payment)]
    ordered = tuple(sorted(events, key=lambda event: event.at))
    return Details(payment, order, hold, refunds, ordered)


def _hold(payment: Payment) -> Hold | None:
    held = records.select(Hold, models.Hold)
    of_it = models.Payment.select(models.Payment.hold_id).where(models.Payment.id == payment.id)
    return held.where(models.Hold.id.in_(of_it)).first()


def _opening(payment: Payment, order: Order, hold: Hold | None) -> list[Event]:
    placed = _actor(("order.placed", "order.upsold"), order.id)
    is_pending = payment.is_awaited or payment.settled_at is not None
    kind = "awaited" if is_pending else "captured"
    events = [Event(kind, payment.created_at, payment.amount, placed, reference=payment.reference)]
    if hold is not None:
        events.insert(0, Event("held", hold.created_at, hold.amount, placed))
    if payment.settled_at is not None:
        by = _actor(("payment.received", "payment.cancelled"), payment.id)
        events.append(Event(payment.state, payment.settled_at, payment.amount, by))
    return events


def _of_refunds(refunds: tuple[Refund, ...]) -> list[Event]:
    names, cards_refunded = _requesters(refunds), _last_fours(refunds)
    events = []
    for refund in refunds:
        created = Event(
            "refunded",
            refund.created_at,
            refund.amount,
            names.get(refund.id, ""),
            refund.reason,
            gift_card_last4=cards_refunded.get(refund.gift_card_id),
        )
        events.append(created)
        if refund.settled_at is not None and refund.gift_card_id is None:
            kind = "failed" if refund.stored_status == payments.refund_values.FAILED else "settled"
            at, failure = refund.settled_at, refund.failure
            events.append(Event(kind, at, refund.amount, "", failure, reference=refund.reference))
    return events


def _last_fours(refunds: tuple[Refund, ...]) -> dict[str | None, str]:
    found = cards.find_many([refund.gift_card_id for refund in refunds if refund.gift_card_id])
    return {card.id: card.last4 for card in found.values()}


def _requesters(refunds: tuple[Refund, ...]) -> dict[str, str]:
    """Who made each refund: the entry of its payment written just before it."""
    if not refunds:
        return {}
    entries = _entries(("payment.refunded",), refunds[0].payment_id)
    return {
        refund.id: entry.name
        for refund, entry in zip(refunds, entries, strict=False)
        if entry.data["amount"] == refund.amount_minor
    }


def _chargebacks(payment: Payment) -> list[Event]:
    chargeback = models.Chargeback
    found = chargeback.select().where(chargeback.payment == payment.id).order_by(chargeback.id)
    by, currency = _actor(("payment.charged_back",), payment.id), payment.currency
    return [
        Event("charged_back", each.created_at, Money(each.amount_minor, currency), by)
        for each in found
    ]


_NAMES = {
    "system": lazy_gettext("System"),
    "cli": lazy_gettext("Command line"),
    "customer": lazy_gettext("The customer"),
}


@dataclass(frozen=True, slots=True)
class _Entry:
    """An entry of the audit log; ``who`` is a person's name, or a shop's."""

    data: dict[str, Any]
    actor_kind: str
    who: str | None

    @property
    def name(self) -> str:
        """Who did it, in words."""
        return self.who or str(_NAMES.get(self.actor_kind) or gettext("The shop"))


def _entries(actions: tuple[str, ...], subject: str) -> list[_Entry]:
    """The entries of these actions about a subject, oldest first."""
    entry, staff, shop = models.AuditEntry, models.Staff, models.Campaign
    query = records.select(_Entry, entry, who=fn.COALESCE(staff.name, shop.name))
    return list(
        query.join(staff, JOIN.LEFT_OUTER, on=staff.id == entry.actor_id)
        .join(models.ApiKey, JOIN.LEFT_OUTER, on=models.ApiKey.id == entry.actor_id)
        .join(shop, JOIN.LEFT_OUTER, on=shop.id == models.ApiKey.campaign)
        .where(entry.subject == subject, entry.action.in_(actions))
        .order_by(entry.id)
    )


def _actor(actions: tuple[str, ...], subject: str) -> str:
    """Who did it first; "" when nobody did."""
    entries = _entries(actions, subject)
    return entries[0].name if entries else ""
