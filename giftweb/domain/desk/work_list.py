"""What waits for somebody at the desk: each row leads to where it is put right."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from giftweb import clock, database
from giftweb.database import transactional
from giftweb.domain import audit
from giftweb.domain.audit.log import Actor
from giftweb.errors import NotFound
from giftweb.money import Money

SOON = timedelta(minutes=10)
"""A hold that runs out so soon is worth a look."""

SETTLING = timedelta(minutes=1)
"""A refund without an answer is worth a look after so long, and at once when asking failed."""

A_KIND = 50
"""So many rows of a kind are shown; ``Work.is_cut`` says when there are more."""


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

    def is_cut(self, kind: str) -> bool:
        """Whether more of a kind waits than is shown."""
        return len(self.tasks.get(kind, ())) >= A_KIND


_UNSEEN = "NOT EXISTS (SELECT 1 FROM work_seen w WHERE w.subject = {}) "
_ORDER = (
    "SELECT {subject}, {at}, o.is_test, CAST(o.number AS TEXT), {detail}, {amount}, o.currency,"
    " o.number, NULL FROM {source} JOIN orders o ON o.id = {order} WHERE {where}"
)


def _of_order(subject: str, source: str, where: str, *, detail: str = "NULL", **more: str) -> str:
    alias = subject.partition(".")[0]
    parts = {"at": f"{alias}.created_at", "amount": f"{alias}.amount_minor"}
    parts |= {"order": f"{alias}.order_id"} | more
    return _ORDER.format(subject=subject, source=source, where=where, detail=detail, **parts)


_QUERIES: dict[str, tuple[str, str]] = {
    "approval": (
        "SELECT a.id, a.asked_at, 1 = 0, s.name, a.reason, a.amount_minor, a.currency, a.id, NULL"
        " FROM approval a JOIN staff s ON s.id = a.asked_by_id WHERE a.status = 'waiting'",
        "a.id",
    ),
    "refund_unanswered": (
        _of_order(
            "r.id",
            "refund r",
            "r.status = 'claimed' AND (r.failure IS NOT NULL OR r.created_at < ?)",
            detail="r.failure",
        ),
        "r.id",
    ),
    "refund_failed": (
        _of_order(
            "r.id",
            "refund r JOIN payment p ON p.id = r.payment_id",
            "r.status = 'failed'"
            " AND p.refunded_minor + p.charged_back_minor + r.amount_minor <= p.amount_minor",
            detail="r.failure",
        ),
        "r.id",
    ),
    "refund_requested": (_of_order("r.id", "refund r", "r.status = 'requested'"), "r.id"),
    "chargeback": (_of_order("b.id", "chargeback b", "1 = 1"), "b.id"),
    "shortfall": (_of_order("f.id", "shortfall f", "1 = 1", detail="f.kind"), "f.id"),
    "hold": (
        "SELECT h.id, h.expires_at, h.is_test, g.last4, c.reference, h.amount_minor, h.currency,"
        " g.id, NULL FROM hold h JOIN gift_card g ON g.id = h.card_id"
        " JOIN checkout c ON c.id = h.checkout_id"
        " WHERE h.resolved_at IS NULL AND h.expires_at > ? AND h.expires_at < ?",
        "h.id",
    ),
    "mail": (
        "SELECT m.id, m.created_at, m.is_test, m.to_email, m.problem, NULL, NULL, m.id, m.kind"
        " FROM mail m WHERE m.state IN ('failed', 'unclear')",
        "m.id",
    ),
    "webhook": (
        "SELECT d.id, d.created_at, e.is_test, p.url, d.problem, NULL, NULL, d.id, p.campaign_id"
        " FROM delivery d JOIN event e ON e.id = d.event_id"
        " JOIN webhook_endpoint p ON p.id = d.endpoint_id WHERE d.state = 'failed'",
        "d.id",
    ),
}
"""Kind -> (its rows, the column that names a row), in the order of the screen."""

KINDS = tuple(_QUERIES)
_PLACES: dict[str, tuple[str, ...]] = {
    "approval": ("approval_id",),
    "hold": ("card_id",),
    "mail": ("mail_id",),
    "webhook": ("delivery_id", "campaign_id"),
}


def waiting(kinds: Sequence[str] = KINDS) -> Work:
    """What waits and nobody has marked as seen, oldest first."""
    with database.snapshot():
        found = {kind: _tasks(kind) for kind in KINDS if kind in kinds}
    return Work({kind: tasks for kind, tasks in found.items() if tasks})


def _tasks(kind: str, only: str | None = None) -> tuple[Task, ...]:
    query, subject = _QUERIES[kind]
    unseen = _UNSEEN.format(subject)
    params: tuple[Any, ...] = _times(kind)
    condition = f"{query} AND {unseen}"
    if only is not None:
        condition, params = f"{query} AND {subject} = ?", (*params, only)
    rows = database.rows(f"{condition} ORDER BY {subject} LIMIT {A_KIND}", *params)
    return tuple(_task(kind, row) for row in rows)


def _times(kind: str) -> tuple[int, ...]:
    now = clock.now()
    if kind == "hold":
        return clock.to_micros(now), clock.to_micros(now + SOON)
    return (clock.to_micros(now - SETTLING),) if kind == "refund_unanswered" else ()


def _task(kind: str, row: tuple) -> Task:
    subject, at, is_test, about, detail, minor, currency, *keys = row
    place = dict(zip(_PLACES.get(kind, ("number",)), keys, strict=False))
    if kind == "mail":
        detail = detail or keys[1]
    return Task(
        kind=kind,
        subject=subject,
        at=clock.from_micros(at),
        is_test=bool(is_test),
        about=about,
        detail=detail,
        amount=None if minor is None else Money(minor, currency),
        place=place,
    )


@transactional
def mark_seen(kind: str, *, subject: str, by: Actor) -> None:
    """Take a row off the list. Nothing is put right by it. Seen twice is seen.

    Raises: NotFound when no such row waits.
    """
    if kind not in KINDS or not _tasks(kind, only=subject):
        raise NotFound
    database.execute(
        "INSERT INTO work_seen (subject, staff_id, seen_at) VALUES (?, ?, ?)"
        " ON CONFLICT (subject) DO NOTHING",
        subject,
        by.id,
        clock.micros(),
    )
    audit.record(by=by, action="work.seen", subject=subject)


@transactional
def unmark(subject: str, *, by: Actor) -> None:
    """Put a row back on the list.

    Raises: NotFound when it was not marked.
    """
    if not database.execute("DELETE FROM work_seen WHERE subject = ?", subject):
        raise NotFound
    audit.record(by=by, action="work.unseen", subject=subject)
