"""Deliveries: events on their way to endpoints, and what became of each (B5, I29).

The worker claims deliveries, sends them past the address guard (gateways.webhook_sender) and
settles them. A crash in between sends one again: a receiver knows an event by its id.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from giftweb import clock, codes, database
from giftweb.database import transactional
from giftweb.domain.outbox import leases
from giftweb.domain.outbox.endpoints import EVENT_COLUMNS, Event, event_from
from giftweb.errors import NotFound

WAITING, SENDING, DELIVERED, FAILED = "waiting", "sending", "delivered", "failed"
STATES = (WAITING, SENDING, DELIVERED, FAILED)

LEASE = timedelta(minutes=2)
BACK_OFF = tuple(
    timedelta(seconds=seconds)
    for seconds in (5, 300, 1800, 7200, 18000, 36000, 50400, 72000, 86400)
)
"""The waits between tries: three days and a little in all, as Standard Webhooks advises."""

_PROBLEM_LIMIT = 300
_COUNTED = 1000


@dataclass(frozen=True, slots=True)
class Attempt:
    """A claimed delivery: everything a sender needs."""

    id: str
    endpoint_id: str
    url: str
    secret: str
    event: Event
    number: int
    held: int


@dataclass(frozen=True, slots=True)
class Delivery:
    """A delivery as the desk shows it."""

    id: str
    endpoint_id: str
    url: str
    state: str
    attempts: int
    due_at: datetime
    created_at: datetime
    delivered_at: datetime | None
    answer_status: int | None
    problem: str | None
    event: Event


@dataclass(frozen=True, slots=True)
class Page:
    """A part of a campaign's deliveries, newest first; ``count`` stops at a thousand."""

    deliveries: tuple[Delivery, ...]
    after: str | None
    count: int

    @property
    def is_counted_whole(self) -> bool:
        """Whether ``count`` is all there is."""
        return self.count <= _COUNTED


# Reading

_FROM = (
    "FROM delivery d JOIN webhook_endpoint w ON w.id = d.endpoint_id"
    " JOIN event e ON e.id = d.event_id"
)
_SELECT = (
    "SELECT d.id, d.endpoint_id, w.url, d.state, d.attempts, d.due_at, d.created_at,"
    f" d.delivered_at, d.answer_status, d.problem, {EVENT_COLUMNS} {_FROM}"
)


def find(delivery_id: str) -> Delivery:
    """A delivery by its id.

    Raises: NotFound.
    """
    found = database.row(f"{_SELECT} WHERE d.id = ?", delivery_id)
    if found is None:
        raise NotFound
    return _delivery(found)


def listing(
    campaign_id: str, *, state: str | None = None, after: str | None = None, limit: int = 25
) -> Page:
    """A campaign's deliveries, newest first, of one state or of all."""
    where, values = "w.campaign_id = ?", [campaign_id]
    if state in STATES:
        # As a word of ours and not a parameter, so that the index of the few that failed is used.
        where = f"{where} AND d.state = '{state}'"
    count = database.scalar(
        f"SELECT COUNT(*) FROM (SELECT 1 {_FROM} WHERE {where} LIMIT {_COUNTED + 1}) AS counted",
        *values,
    )
    if after:
        where, values = f"{where} AND d.id < ?", [*values, after]
    found = database.rows(f"{_SELECT} WHERE {where} ORDER BY d.id DESC LIMIT ?", *values, limit + 1)
    deliveries = tuple(_delivery(row) for row in found[:limit])
    return Page(deliveries, deliveries[-1].id if len(found) > limit else None, count)


def _delivery(row: tuple) -> Delivery:
    (delivery_id, endpoint_id, url, state, attempts, due, made, done, status, why, *event) = row
    return Delivery(
        id=delivery_id,
        endpoint_id=endpoint_id,
        url=url,
        state=state,
        attempts=attempts,
        due_at=clock.from_micros(due),
        created_at=clock.from_micros(made),
        delivered_at=None if done is None else clock.from_micros(done),
        answer_status=status,
        problem=why,
        event=event_from(tuple(event)),
    )


# The worker's side


def claim(*, limit: int = 16, without: Collection[str] = ()) -> list[Attempt]:
    """Claim due deliveries, but none of the endpoints ``without``."""
    return _claim(limit, without) if leases.is_any_due("delivery") else []


@transactional
def _claim(limit: int, without: Collection[str]) -> list[Attempt]:
    left_out = (
        f"endpoint_id NOT IN ({database.placeholders(list(without))})" if without else "1 = 1"
    )
    claimed = leases.claim(
        "delivery", limit=limit, lease=LEASE, condition=left_out, values=list(without)
    )
    if not claimed:
        return []
    found = database.rows(
        f"SELECT d.id, d.endpoint_id, w.url, w.secret_sealed, d.attempts, d.due_at, {EVENT_COLUMNS}"
        " FROM delivery d JOIN webhook_endpoint w ON w.id = d.endpoint_id"
        f" JOIN event e ON e.id = d.event_id WHERE d.id IN ({database.placeholders(claimed)})"
        " ORDER BY d.id",
        *claimed,
    )
    return [_attempt(row) for row in found]


def _attempt(row: tuple) -> Attempt:
    delivery_id, endpoint_id, url, sealed, attempts, held, *event = row
    secret = codes.unseal(bytes(sealed), endpoint_id)
    return Attempt(delivery_id, endpoint_id, url, secret, event_from(tuple(event)), attempts, held)


@transactional
def mark_delivered(attempt: Attempt, *, status: int) -> None:
    """The endpoint took it.

    Raises: leases.LeaseLost.
    """
    leases.settle(
        "delivery",
        attempt.id,
        held=attempt.held,
        state="delivered",
        delivered_at=clock.micros(),
        answer_status=status,
        problem=None,
    )


@transactional
def put_off(attempt: Attempt, *, problem: str, status: int | None = None) -> str:
    """It was not taken: wait and try again, or after three days give up; the state it is in.

    Raises: leases.LeaseLost.
    """
    due_at = leases.next_try(attempt.number, BACK_OFF)
    state = "failed" if due_at is None else "waiting"
    leases.settle(
        "delivery",
        attempt.id,
        held=attempt.held,
        state=state,
        due_at=clock.micros() if due_at is None else due_at,
        answer_status=status,
        problem=problem[:_PROBLEM_LIMIT],
    )
    return state
