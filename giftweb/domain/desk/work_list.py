"""What waits for somebody at the desk: each row leads to where it is put right."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import peewee
from peewee import fn

from giftweb import clock, database
from giftweb.database import records, transactional
from giftweb.database.listings import literal
from giftweb.domain import audit, awaited
from giftweb.domain.audit.log import Actor
from giftweb.errors import NotFound
from giftweb.models import (
    Approval,
    CardReview,
    Chargeback,
    Checkout,
    Customer,
    Delivery,
    Event,
    GiftCard,
    Hold,
    Mail,
    Order,
    Payment,
    Refund,
    Shortfall,
    Staff,
    WebhookEndpoint,
    WorkSeen,
)
from giftweb.money import Money
from giftweb.tables.base import Table

SOON = timedelta(minutes=10)
"""A hold that runs out so soon is worth a look."""

UNANSWERED_FOR = timedelta(minutes=1)
"""A refund without an answer is worth a look after so long, and at once when asking failed."""

A_KIND = 50
"""So many rows of a kind are shown; ``Work.is_truncated`` says when there are more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """One row. ``subject`` is what is marked seen; ``place`` names the page by its keys."""

    kind: str
    subject: str
    at: datetime
    is_test: bool
    about: str
    detail: str | None
    amount: Money | None
    place: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Work:
    """All that waits, one list a kind in the order of KINDS; kinds without rows are left out."""

    tasks: dict[str, tuple[Task, ...]]

    @property
    def count(self) -> int:
        """How many rows there are."""
        return sum(len(tasks) for tasks in self.tasks.values())

    def is_truncated(self, kind: str) -> bool:
        """Whether more of a kind waits than is shown."""
        return len(self.tasks.get(kind, ())) >= A_KIND


@dataclass(frozen=True, slots=True, kw_only=True)
class _Row:
    """What a query finds; ``keys`` of the page are ``key`` and, for some kinds, ``other_key``."""

    subject: str
    at: datetime
    is_test: bool
    about: str
    key: Any
    detail: str | None = None
    amount_minor: int | None = None
    currency: str | None = None
    other_key: str | None = None


_NOTHING = ("detail", "amount_minor", "currency", "other_key")


def _rows(table: type[Table], **columns: Any) -> peewee.ModelSelect:
    """Rows of a kind, named by the id of the table, without what has been seen."""
    nothing = {name: peewee.SQL("NULL") for name in _NOTHING}
    return records.select(_Row, table, **nothing | {"subject": table.id} | columns)


def _of_order(table: type[Table], **columns: Any) -> peewee.ModelSelect:
    about = {
        "at": table.created_at,
        "is_test": Order.is_test,
        "about": peewee.Cast(Order.number, "TEXT"),
        "amount_minor": table.amount_minor,
        "currency": Order.currency,
        "key": Order.number,
    }
    return _rows(table, **about | columns).join(Order)


def _approvals() -> peewee.ModelSelect:
    found = _rows(
        Approval,
        at=Approval.asked_at,
        # Only live money waits for approval.
        is_test=(Approval.id == "").converter(bool),
        about=Staff.name,
        detail=Approval.reason,
        # Where money goes is asked for without an amount.
        amount_minor=fn.NULLIF(Approval.amount_minor, 0),
        currency=Approval.currency,
        key=Approval.id,
    )
    found = found.join(Staff, on=Approval.asked_by == Staff.id)
    return found.where(Approval.status == literal("waiting"))


def _refunds_unanswered() -> peewee.ModelSelect:
    is_late = Refund.failure.is_null(False) | (Refund.created_at < clock.now() - UNANSWERED_FOR)
    return _of_order(Refund, detail=Refund.failure).where(
        Refund.status == literal("claimed"), is_late
    )


def _refunds_failed() -> peewee.ModelSelect:
    found = _of_order(Refund, detail=Refund.failure).switch(Refund).join(Payment)
    gone = Payment.refunded_minor + Payment.charged_back_minor + Refund.amount_minor
    return found.where(Refund.status == literal("failed"), gone <= Payment.amount_minor)


def _refunds_requested() -> peewee.ModelSelect:
    found = _of_order(Refund).switch(Refund).join(Payment)
    return found.where(Refund.status == literal("requested"), Payment.gateway != "offline")


def _refunds_to_send() -> peewee.ModelSelect:
    found = _of_order(Refund, detail=Order.customer_email).switch(Refund).join(Payment)
    return found.where(Refund.status == literal("requested"), Payment.gateway == "offline")


def _payments_awaited() -> peewee.ModelSelect:
    return _of_order(Payment, detail=Payment.reference).where(awaited.search.BY_HAND)


def _reviews() -> peewee.ModelSelect:
    """One row an order: its first card that waits."""
    other, card = CardReview.alias(), GiftCard.alias()
    is_alive = card.state.in_([literal("open"), literal("frozen")])
    waits = CardReview.decision.is_null() & GiftCard.state.in_([literal("open"), literal("frozen")])
    of_order = other.select(other.id).join(card, on=other.card == card.id)
    is_earlier = (other.order == CardReview.order) & (other.id < CardReview.id)
    earlier = of_order.where(is_earlier, other.decision.is_null(), is_alive)
    found = _rows(
        CardReview,
        at=CardReview.created_at,
        is_test=Order.is_test,
        about=peewee.Cast(Order.number, "TEXT"),
        detail=CardReview.reason,
        key=Order.number,
    )
    found = found.join(Order, on=CardReview.order == Order.id).switch(CardReview).join(GiftCard)
    return found.where(waits, ~fn.EXISTS(earlier))


def _holds() -> peewee.ModelSelect:
    found = _rows(
        Hold,
        at=Hold.expires_at,
        is_test=Hold.is_test,
        about=GiftCard.last4,
        detail=Checkout.reference,
        amount_minor=Hold.amount_minor,
        currency=Hold.currency,
        key=GiftCard.id,
    )
    found = found.join(GiftCard).switch(Hold).join(Checkout)
    now = clock.now()
    is_soon = (Hold.expires_at > now) & (Hold.expires_at < now + SOON)
    return found.where(Hold.resolved_at.is_null(), is_soon)


def _mails() -> peewee.ModelSelect:
    found = _rows(
        Mail,
        at=Mail.created_at,
        is_test=Mail.is_test,
        about=Mail.to_email,
        detail=fn.COALESCE(Mail.problem, Mail.kind),
        key=Mail.id,
    )
    return found.where(Mail.state.in_([literal("failed"), literal("unclear")]))


def _deliveries() -> peewee.ModelSelect:
    found = _rows(
        Delivery,
        at=Delivery.created_at,
        is_test=Event.is_test,
        about=WebhookEndpoint.url,
        detail=Delivery.problem,
        key=Delivery.id,
        other_key=WebhookEndpoint.campaign,
    )
    found = found.join(Event).switch(Delivery).join(WebhookEndpoint)
    return found.where(Delivery.state == literal("failed"))


def _erasures() -> peewee.ModelSelect:
    found = _rows(
        Customer,
        at=Customer.erasure_asked_at,
        is_test=(Customer.id == "").converter(bool),
        about=Customer.name,
        key=Customer.id,
    )
    return found.where(Customer.erasure_asked_at.is_null(False))


_QUERIES: dict[str, Callable[[], peewee.ModelSelect]] = {
    "approval": _approvals,
    "payment_awaited": _payments_awaited,
    "review": _reviews,
    "refund_unanswered": _refunds_unanswered,
    "refund_failed": _refunds_failed,
    "refund_requested": _refunds_requested,
    "refund_to_send": _refunds_to_send,
    "chargeback": lambda: _of_order(Chargeback),
    "shortfall": lambda: _of_order(Shortfall, detail=Shortfall.kind),
    "hold": _holds,
    "mail": _mails,
    "webhook": _deliveries,
    "erasure": _erasures,
}
"""Kind -> what finds its rows, in the order of the screen."""

KINDS = tuple(_QUERIES)
_PLACES: dict[str, tuple[str, ...]] = {
    "approval": ("approval_id",),
    "hold": ("card_id",),
    "mail": ("mail_id",),
    "erasure": ("customer_id",),
    "webhook": ("delivery_id", "campaign_id"),
}


def waiting(kinds: Sequence[str] = KINDS) -> Work:
    """What waits and nobody has marked as seen, oldest first."""
    with database.snapshot():
        found = {kind: _tasks(kind) for kind in KINDS if kind in kinds}
    return Work({kind: tasks for kind, tasks in found.items() if tasks})


# Hot: each page of the desk shows them in its menu, in one statement of 0.05 ms.

_COUNTS = """
SELECT (SELECT COUNT(*) FROM approval WHERE status = 'waiting'),
    (SELECT COUNT(*) FROM payment WHERE state = 'pending' AND gateway IN ('shop', 'offline'))
"""


def counts() -> dict[str, int]:
    """How many approvals and awaited payments there are, seen or not, for the menu."""
    return dict(zip(("approval", "payment_awaited"), database.rows(_COUNTS)[0], strict=True))


def _tasks(kind: str) -> tuple[Task, ...]:
    found = _QUERIES[kind]()
    is_seen = WorkSeen.select(peewee.SQL("1")).where(WorkSeen.subject == found.model.id)
    found = found.where(~fn.EXISTS(is_seen)).order_by(found.model.id)
    return tuple(_task(kind, row) for row in found.limit(A_KIND))


def _task(kind: str, row: _Row) -> Task:
    names = _PLACES.get(kind, ("number",))
    return Task(
        kind=kind,
        subject=row.subject,
        at=row.at,
        is_test=row.is_test,
        about=row.about,
        detail=row.detail,
        amount=None if row.amount_minor is None else Money(row.amount_minor, row.currency or ""),
        place=dict(zip(names, (row.key, row.other_key), strict=False)),
    )


@transactional
def mark_seen(kind: str, *, subject: str, by: Actor) -> None:
    """Take a row off the list. Nothing is put right by it. Seen twice is seen.

    Raises: NotFound when no such row waits.
    """
    found = _QUERIES[kind]() if kind in KINDS else None
    if found is None or not found.where(found.model.id == subject).exists():
        raise NotFound
    seen = WorkSeen.insert(subject=subject, staff=by.id, seen_at=clock.now())
    seen.on_conflict(action="nothing", conflict_target=[WorkSeen.subject]).execute()
    audit.record(by=by, action="work.seen", subject=subject)


@transactional
def unmark(subject: str, *, by: Actor) -> None:
    """Put a row back on the list.

    Raises: NotFound when it was not marked.
    """
    if not WorkSeen.delete().where(WorkSeen.subject == subject).execute():
        raise NotFound
    audit.record(by=by, action="work.unseen", subject=subject)
