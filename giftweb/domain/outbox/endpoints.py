"""Webhooks: a campaign's endpoints, and the events that they are told (B5).

An event and its deliveries are written by the outbox together with what they tell (I29); how a
delivery fares is in webhook_deliveries.
"""

import base64
import json
import os
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from giftweb import clock, codes, database, ids
from giftweb.database import transactional
from giftweb.domain import audit
from giftweb.domain.audit.log import Actor
from giftweb.errors import Invalid, NotFound, Refused

TEST_EVENT = "webhook.test"
_URL_LIMIT = 2000


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where a campaign's events go."""

    id: str
    campaign_id: str
    url: str
    is_active: bool
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened, as it was then."""

    id: str
    type: str
    campaign_id: str
    is_test: bool
    subject: str
    payload: dict[str, Any]
    created_at: datetime


# Endpoints


@transactional
def create(campaign_id: str, *, url: str, by: Actor) -> tuple[Endpoint, str]:
    """Register an endpoint; it and its secret (``whsec_...``), which is shown this once.

    Raises: Invalid (url), NotFound (campaign).
    """
    url = read_url(url)
    if database.row("SELECT 1 FROM campaign WHERE id = ?", campaign_id) is None:
        raise NotFound
    endpoint = Endpoint(ids.new("whk"), campaign_id, url, True, clock.now())
    secret = "whsec_" + base64.b64encode(os.urandom(32)).decode()
    audit.record(
        by=by, action="webhook.created", subject=endpoint.id, data={"campaign": campaign_id}
    )
    database.insert(
        "webhook_endpoint",
        id=endpoint.id,
        campaign_id=campaign_id,
        url=url,
        secret_sealed=codes.seal(secret, endpoint.id),
        is_active=True,
        created_at=clock.to_micros(endpoint.created_at),
    )
    return endpoint, secret


def read_url(text: str) -> str:
    """The address of an endpoint.

    Whether it lies inside our network is asked at each connection, when its name is resolved.

    Raises: Invalid (url) when it is not a plain https address.
    """
    url = text.strip()
    try:
        parts = urlsplit(url)
        is_whole = parts.scheme == "https" and bool(parts.hostname) and parts.port != 0
    except ValueError:
        is_whole = False
    if not is_whole or not url.isascii() or not url.isprintable() or " " in url:
        raise Invalid(
            "Enter an address that starts with https://, such as https://shop.example/hooks.",
            field="url",
        )
    if "@" in parts.netloc or parts.fragment:
        raise Invalid("Leave out the user name, the password and the part after #.", field="url")
    if len(url) > _URL_LIMIT:
        raise Invalid(f"Use an address of at most {_URL_LIMIT} characters.", field="url")
    return url


@transactional
def disable(endpoint_id: str, *, by: Actor) -> Endpoint:
    """Send nothing there any more. What was on its way counts as failed and can be replayed.

    Raises: NotFound.
    """
    endpoint = find_endpoint(endpoint_id)
    if endpoint.is_active:
        _switch(endpoint, "webhook.disabled", is_active=False, by=by)
        database.execute(
            "UPDATE delivery SET state = 'failed', problem = 'The endpoint was switched off.'"
            " WHERE endpoint_id = ? AND state IN ('waiting', 'sending')",
            endpoint_id,
        )
    return find_endpoint(endpoint_id)


@transactional
def enable(endpoint_id: str, *, by: Actor) -> Endpoint:
    """Send there again, from the next event on.

    Raises: NotFound.
    """
    endpoint = find_endpoint(endpoint_id)
    if not endpoint.is_active:
        _switch(endpoint, "webhook.enabled", is_active=True, by=by)
    return find_endpoint(endpoint_id)


def _switch(endpoint: Endpoint, action: str, *, is_active: bool, by: Actor) -> None:
    audit.record(by=by, action=action, subject=endpoint.id, data={"campaign": endpoint.campaign_id})
    database.execute(
        "UPDATE webhook_endpoint SET is_active = ? WHERE id = ?", is_active, endpoint.id
    )


_ENDPOINT = "SELECT id, campaign_id, url, is_active, created_at FROM webhook_endpoint"


def find_endpoint(endpoint_id: str) -> Endpoint:
    """An endpoint by its id.

    Raises: NotFound.
    """
    found = database.row(f"{_ENDPOINT} WHERE id = ?", endpoint_id)
    if found is None:
        raise NotFound
    return _endpoint(found)


def endpoints(campaign_id: str) -> list[Endpoint]:
    """A campaign's endpoints, the newest first."""
    found = database.rows(f"{_ENDPOINT} WHERE campaign_id = ? ORDER BY id DESC", campaign_id)
    return [_endpoint(row) for row in found]


def _endpoint(row: tuple) -> Endpoint:
    endpoint_id, campaign_id, url, is_active, created_at = row
    return Endpoint(endpoint_id, campaign_id, url, bool(is_active), clock.from_micros(created_at))


# Events

EVENT_COLUMNS = "e.id, e.type, e.campaign_id, e.is_test, e.subject, e.payload, e.created_at"


def find_event(event_id: str) -> Event:
    """An event by its id.

    Raises: NotFound.
    """
    found = database.row(f"SELECT {EVENT_COLUMNS} FROM event e WHERE e.id = ?", event_id)
    if found is None:
        raise NotFound
    return event_from(found)


def events(
    campaign_id: str,
    *,
    is_test: bool,
    after: str | None = None,
    type: str | None = None,
    limit: int = 20,
) -> list[Event]:
    """A campaign's events of one mode, the newest first; ``after`` is the last id already seen."""
    conditions, params = "", [campaign_id, is_test]
    for condition, value in (("e.id < ?", after), ("e.type = ?", type)):
        if value:
            conditions += f" AND {condition}"
            params.append(value)
    found = database.rows(
        f"SELECT {EVENT_COLUMNS} FROM event e WHERE e.campaign_id = ? AND e.is_test = ?"
        f"{conditions} ORDER BY e.id DESC LIMIT ?",
        *params,
        limit,
    )
    return [event_from(row) for row in found]


def event_from(row: tuple) -> Event:
    """A row of the event's columns as an Event."""
    event_id, type, campaign_id, is_test, subject, payload, created_at = row
    return Event(
        event_id,
        type,
        campaign_id,
        bool(is_test),
        subject,
        json.loads(payload),
        clock.from_micros(created_at),
    )


@transactional
def send_test(endpoint_id: str, *, by: Actor) -> Event:
    """Send the endpoint an event that means nothing, to see that it answers.

    Raises: NotFound, Refused (switched off).
    """
    endpoint = find_endpoint(endpoint_id)
    if not endpoint.is_active:
        raise Refused("Switch the endpoint on first.")
    event_id, now = ids.new("evt"), clock.micros()
    audit.record(by=by, action="webhook.tested", subject=endpoint_id)
    database.insert(
        "event",
        id=event_id,
        type=TEST_EVENT,
        campaign_id=endpoint.campaign_id,
        is_test=True,
        subject=endpoint_id,
        payload=database.to_json(
            {"message": "Your endpoint can hear us.", "endpoint": endpoint_id}
        ),
        created_at=now,
    )
    _queue(event_id, endpoint_id)
    return find_event(event_id)


# Send again


@transactional
def replay_event(event_id: str, *, by: Actor) -> int:
    """Send an event once more to every active endpoint of its campaign; to how many.

    Raises: NotFound.
    """
    event = find_event(event_id)
    targets = [e for e in endpoints(event.campaign_id) if e.is_active]
    audit.record(by=by, action="event.replayed", subject=event_id, is_test=event.is_test)
    for endpoint in targets:
        _queue(event_id, endpoint.id)
    return len(targets)


@transactional
def replay(delivery_id: str, *, by: Actor) -> None:
    """Send one delivery once more, with three fresh days of tries.

    Raises: NotFound, Refused (the endpoint is switched off).
    """
    found = database.row("SELECT event_id, endpoint_id FROM delivery WHERE id = ?", delivery_id)
    if found is None:
        raise NotFound
    event_id, endpoint_id = found
    if not find_endpoint(endpoint_id).is_active:
        raise Refused("Its endpoint is switched off. Switch it on, then send again.")
    audit.record(by=by, action="event.replayed", subject=event_id, data={"endpoint": endpoint_id})
    _queue(event_id, endpoint_id)


@transactional
def replay_failed(campaign_id: str, *, by: Actor) -> int:
    """Send everything again that failed to reach the campaign's active endpoints; how many."""
    count = database.execute(
        "UPDATE delivery SET state = 'waiting', attempts = 0, due_at = ?, problem = NULL,"
        " answer_status = NULL WHERE state = 'failed' AND endpoint_id IN"
        " (SELECT id FROM webhook_endpoint WHERE campaign_id = ? AND is_active)",
        clock.micros(),
        campaign_id,
    )
    audit.record(by=by, action="event.failed_replayed", subject=campaign_id, data={"count": count})
    return count


def _queue(event_id: str, endpoint_id: str) -> None:
    now = clock.micros()
    database.execute(
        "INSERT INTO delivery (id, event_id, endpoint_id, state, attempts, due_at, created_at)"
        " VALUES (?, ?, ?, 'waiting', 0, ?, ?) ON CONFLICT (id) DO UPDATE SET state = 'waiting',"
        " attempts = 0, due_at = excluded.due_at, problem = NULL, answer_status = NULL,"
        " delivered_at = NULL",
        f"{event_id}:{endpoint_id}",
        event_id,
        endpoint_id,
        now,
        now,
    )
