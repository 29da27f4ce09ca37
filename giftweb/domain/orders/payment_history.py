"""All of one payment: what was held, captured, refunded, at which rate, by whom and when (S41)."""

import json
from dataclasses import dataclass
from datetime import datetime

from giftweb import clock, database
from giftweb.domain import payments
from giftweb.domain.orders import values
from giftweb.domain.orders.values import Order
from giftweb.domain.payments.payments import Payment
from giftweb.domain.payments.refund_values import Refund
from giftweb.money import Money


@dataclass(frozen=True, slots=True)
class Hold:
    """What was reserved on the card before the order was placed, in the card's currency."""

    amount: Money
    held_at: datetime
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Event:
    """One link of the chain. ``kind``: held, captured, refunded, settled, failed, charged_back."""

    kind: str
    at: datetime
    amount: Money
    by: str
    reason: str | None = None
    reference: str | None = None
    gift_card_last4: str | None = None


@dataclass(frozen=True, slots=True)
class Details:
    """A payment with all that became of it; events oldest first."""

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
    found = database.row(
        "SELECT h.amount_minor, h.currency, h.created_at, h.expires_at FROM payment p"
        " JOIN hold h ON h.id = p.hold_id WHERE p.id = ?",
        payment.id,
    )
    if found is None:
        return None
    minor, currency, at, until = found
    return Hold(Money(minor, currency), clock.from_micros(at), clock.from_micros(until))


def _opening(payment: Payment, order: Order, hold: Hold | None) -> list[Event]:
    placed = _actors(("order.placed", "order.upsold"), [order.id]).get(order.id, "")
    captured = Event(
        "captured", payment.created_at, payment.amount, placed, reference=payment.reference
    )
    if hold is None:
        return [captured]
    return [Event("held", hold.held_at, hold.amount, placed), captured]


def _of_refunds(refunds: tuple[Refund, ...]) -> list[Event]:
    subjects = [refund.id for refund in refunds]
    asked = _askers(refunds)
    settled = database.rows(
        "SELECT r.id, r.settled_at, g.last4 FROM refund r LEFT JOIN gift_card g"
        f" ON g.id = r.gift_card_id WHERE r.id IN ({database.marks(subjects)})",
        *subjects,
    )
    ends = {refund_id: (at, last4) for refund_id, at, last4 in settled}
    events = []
    for refund in refunds:
        settled_at, last4 = ends[refund.id]
        events.append(
            Event(
                "refunded",
                refund.created_at,
                refund.amount,
                asked.get(refund.id, ""),
                refund.reason,
                gift_card_last4=last4,
            )
        )
        if settled_at is not None and refund.gift_card_id is None:
            kind = "failed" if refund.stored_status == payments.refund_values.FAILED else "settled"
            at = clock.from_micros(settled_at)
            events.append(
                Event(kind, at, refund.amount, "", refund.failure, reference=refund.reference)
            )
    return events


def _askers(refunds: tuple[Refund, ...]) -> dict[str, str]:
    """Who asked for each refund: the entry of its payment that was written just before it."""
    if not refunds:
        return {}
    entries = database.rows(
        f"SELECT e.at, e.data, {_NAME} FROM audit_entry e {_NAMED} WHERE e.subject = ?"
        " AND e.action = 'payment.refunded' ORDER BY e.id",
        refunds[0].payment_id,
    )
    named: dict[str, str] = {}
    for refund, (_, data, name) in zip(refunds, entries, strict=False):
        if json.loads(data)["amount"] == refund.amount.minor:
            named[refund.id] = name
    return named


def _chargebacks(payment: Payment) -> list[Event]:
    found = database.rows(
        "SELECT amount_minor, created_at FROM chargeback WHERE payment_id = ? ORDER BY id",
        payment.id,
    )
    by = _actors(("payment.charged_back",), [payment.id]).get(payment.id, "")
    currency = payment.amount.currency
    return [
        Event("charged_back", clock.from_micros(at), Money(minor, currency), by)
        for minor, at in found
    ]


_NAME = (
    "COALESCE(s.name, c.name, CASE e.actor_kind WHEN 'system' THEN 'System' WHEN 'cli' THEN"
    " 'Command line' WHEN 'customer' THEN 'The customer' ELSE 'The shop' END)"
)
_NAMED = (
    "LEFT JOIN staff s ON s.id = e.actor_id LEFT JOIN api_key k ON k.id = e.actor_id"
    " LEFT JOIN campaign c ON c.id = k.campaign_id"
)


def _actors(actions: tuple[str, ...], subjects: list[str]) -> dict[str, str]:
    """Who did it, by subject: a person's name, a shop's, or what kind of actor it was."""
    found = database.rows(
        f"SELECT e.subject, {_NAME} FROM audit_entry e {_NAMED}"
        f" WHERE e.subject IN ({database.marks(subjects)})"
        f" AND e.action IN ({database.marks(actions)}) ORDER BY e.id DESC",
        *subjects,
        *actions,
    )
    return dict(found)
