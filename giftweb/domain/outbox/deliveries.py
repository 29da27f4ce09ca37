"""Deliveries: events on their way to endpoints, and the outcome of each (B5, I29).

The worker claims deliveries, sends them past the address guard (gateways.webhook_sender) and
writes down how that ended. A crash in between sends one again: a receiver knows an event by its id.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import peewee

from giftweb import clock, codes, models
from giftweb.database import records, transactional
from giftweb.database.listings import Listing, Page, literal
from giftweb.domain.outbox import leases
from giftweb.domain.outbox.endpoints import Event
from giftweb.models import WebhookEndpoint

WAITING, SENDING, DELIVERED, FAILED = "waiting", "sending", "delivered", "failed"
STATES = (WAITING, SENDING, DELIVERED, FAILED)

LEASE = timedelta(minutes=2)
BACK_OFF = tuple(
    timedelta(seconds=seconds)
    for seconds in (5, 300, 1800, 7200, 18000, 36000, 50400, 72000, 86400)
)
"""The waits between tries: three days and a little in all, as Standard Webhooks advises."""

_PROBLEM_LIMIT = 300


@dataclass(frozen=True, slots=True)
class _OfEvent:
    """A row of the table, with the columns of its event."""

    id: str
    endpoint_id: str
    url: str
    attempts: int
    due_at: datetime
    event_id: str
    type: str
    campaign_id: str
    is_test: bool
    subject: str
    payload: dict[str, Any]
    happened_at: datetime

    @property
    def event(self) -> Event:
        """What is delivered."""
        return Event(
            id=self.event_id,
            type=self.type,
            campaign_id=self.campaign_id,
            is_test=self.is_test,
            subject=self.subject,
            payload=self.payload,
            created_at=self.happened_at,
        )


@dataclass(frozen=True, slots=True)
class Attempt(_OfEvent):
    """A claimed delivery: everything a sender needs. ``due_at`` is the end of the lease."""

    secret_sealed: bytes

    @property
    def secret(self) -> str:
        """What its requests are signed with."""
        return codes.unseal(bytes(self.secret_sealed), self.endpoint_id)


@dataclass(frozen=True, slots=True)
class Delivery(_OfEvent):
    """A delivery as the desk shows it."""

    state: str
    created_at: datetime
    delivered_at: datetime | None
    answer_status: int | None
    problem: str | None


def _query(value: type) -> peewee.ModelSelect:
    tables = (models.Delivery, WebhookEndpoint, models.Event)
    found = records.select(value, *tables, happened_at=models.Event.created_at)
    return found.join(WebhookEndpoint).switch(models.Delivery).join(models.Event)


LISTING: Listing[Delivery] = Listing(
    lambda: _query(Delivery),
    key=models.Delivery.id,
    sorts={"id": ()},
    default="-id",
    count_limit=1000,
)


# Reading


def find(delivery_id: str) -> Delivery:
    """A delivery by its id.

    Raises: NotFound.
    """
    return records.one(_query(Delivery).where(models.Delivery.id == delivery_id))


def listing(
    campaign_id: str, *, state: str | None = None, after: str | None = None, limit: int = 25
) -> Page[Delivery]:
    """A campaign's deliveries, newest first, of one state or of all."""
    condition = WebhookEndpoint.campaign == campaign_id
    if state in STATES:
        condition &= models.Delivery.state == literal(state)
    return LISTING.page([condition], after=after, limit=limit)


# The worker's side


def claim(*, limit: int = 16, without: Collection[str] = ()) -> list[Attempt]:
    """Claim due deliveries, but none of the endpoints ``without``."""
    return _claim(limit, without) if leases.is_any_due(models.Delivery) else []


@transactional
def _claim(limit: int, without: Collection[str]) -> list[Attempt]:
    resting = [models.Delivery.endpoint.not_in(list(without))] if without else []
    claimed = leases.claim(models.Delivery, *resting, limit=limit, lease=LEASE)
    if not claimed:
        return []
    found = _query(Attempt).where(models.Delivery.id.in_(claimed))
    return list(found.order_by(models.Delivery.id))


@transactional
def mark_delivered(attempt: Attempt, *, status: int) -> None:
    """The endpoint took it.

    Raises: leases.LeaseLost.
    """
    leases.write_outcome(
        models.Delivery,
        attempt.id,
        lease_end=attempt.due_at,
        state="delivered",
        delivered_at=clock.now(),
        answer_status=status,
        problem=None,
    )


@transactional
def put_off(attempt: Attempt, *, problem: str, status: int | None = None) -> str:
    """It was not taken: wait and try again, or after three days give up; the state it is in.

    Raises: leases.LeaseLost.
    """
    due_at = leases.next_try(attempt.attempts, BACK_OFF)
    state = "failed" if due_at is None else "waiting"
    leases.write_outcome(
        models.Delivery,
        attempt.id,
        lease_end=attempt.due_at,
        state=state,
        due_at=due_at or clock.now(),
        answer_status=status,
        problem=problem[:_PROBLEM_LIMIT],
    )
    return state
