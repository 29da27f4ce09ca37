"""Webhooks: a campaign's endpoints, and the events sent to them (B5).

An event and its deliveries are written by the outbox in the transaction that they report (I29); how
a delivery fares is in ``deliveries``.
"""

import base64
import os
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from giftweb import clock, codes, database, ids, models
from giftweb.database import records, transactional
from giftweb.database.listings import Listing, Page
from giftweb.domain import audit
from giftweb.domain.audit import seals
from giftweb.domain.audit.log import Actor
from giftweb.domain.outbox.public_addresses import is_inside
from giftweb.errors import Invalid, NotFound, Refused
from giftweb.language import gettext, lazy_gettext
from giftweb.models import Campaign, Delivery, WebhookEndpoint

TEST_EVENT = "webhook.test"
_URL_LIMIT = 2000
INSIDE = lazy_gettext(
    "Events are sent to the public internet only, and this address lies on one machine or in a "
    "private network. Enter a public address. To develop a shop on your machine, run there: "
    "flask webhook listen --forward-to http://127.0.0.1:3000/hook"
)


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
def create(
    campaign_id: str, *, url: str, by: Actor, is_active: bool = True
) -> tuple[Endpoint, str]:
    """Register an endpoint; it and its secret (``whsec_...``), which is shown this once.

    Raises: Invalid (url), NotFound (campaign).
    """
    url = read_url(url)
    if not Campaign.select().where(Campaign.id == campaign_id).exists():
        raise NotFound
    endpoint = Endpoint(ids.new("whk"), campaign_id, url, is_active, clock.now())
    secret = new_secret()
    audit.record(
        by=by, action="webhook.created", subject=endpoint.id, data={"campaign": campaign_id}
    )
    sealed = codes.seal(secret, endpoint.id)
    seals.insert(WebhookEndpoint, endpoint, secret_sealed=sealed)
    return endpoint, secret


def new_secret() -> str:
    """What the requests to one receiver are signed with."""
    return "whsec_" + base64.b64encode(os.urandom(32)).decode()


def read_url(text: str) -> str:
    """The address of an endpoint.

    A name that leads inside our network is noticed at each connection, when it is resolved.

    Raises: Invalid (url) when it is not a plain https address, or lies inside by how it is written.
    """
    url = text.strip()
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
        is_whole = parts.scheme == "https" and bool(host) and parts.port != 0
    except ValueError:
        host, is_whole = "", False
    if host and is_inside(host):
        raise Invalid(INSIDE, field="url")
    if not is_whole or not url.isascii() or not url.isprintable() or " " in url:
        raise Invalid(
            gettext(
                "Enter an address that starts with https://, such as https://shop.example/hooks."
            ),
            field="url",
        )
    if "@" in parts.netloc or parts.fragment:
        raise Invalid(
            gettext("Leave out the user name, the password and the part after #."), field="url"
        )
    if len(url) > _URL_LIMIT:
        raise Invalid(
            gettext("Use an address of at most {url_limit} characters.", url_limit=_URL_LIMIT),
            field="url",
        )
    return url


@transactional
def disable(endpoint_id: str, *, by: Actor) -> Endpoint:
    """Send nothing there any more. What was on its way counts as failed and can be replayed.

    Raises: NotFound.
    """
    endpoint = find_endpoint(endpoint_id)
    if endpoint.is_active:
        _switch(endpoint, "webhook.disabled", is_active=False, by=by)
        fail = Delivery.update(state="failed", problem="The endpoint was switched off.")
        is_on_its_way = Delivery.state.in_(["waiting", "sending"])
        fail.where(Delivery.endpoint == endpoint_id, is_on_its_way).execute()
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
    seals.change(WebhookEndpoint, endpoint.id, is_active=is_active)


def find_endpoint(endpoint_id: str) -> Endpoint:
    """An endpoint by its id.

    Raises: NotFound.
    """
    found = records.select(Endpoint, WebhookEndpoint)
    return records.one(found.where(WebhookEndpoint.id == endpoint_id))


def endpoints(campaign_id: str) -> list[Endpoint]:
    """A campaign's endpoints, the newest first."""
    found = records.select(Endpoint, WebhookEndpoint)
    found = found.where(WebhookEndpoint.campaign == campaign_id)
    return list(found.order_by(WebhookEndpoint.id.desc()))


# Events

EVENTS: Listing[Event] = Listing(
    lambda: records.select(Event, models.Event),
    key=models.Event.id,
    sorts={"id": ()},
    default="-id",
)


def find_event(event_id: str) -> Event:
    """An event by its id.

    Raises: NotFound.
    """
    return records.one(records.select(Event, models.Event).where(models.Event.id == event_id))


def events(
    campaign_id: str,
    *,
    is_test: bool,
    after: str | None = None,
    type: str | None = None,
    limit: int = 20,
) -> Page[Event]:
    """A campaign's events of one mode, the newest first; ``after`` is the last id already seen."""
    own = [models.Event.campaign == campaign_id, models.Event.is_test == is_test]
    if type:
        own.append(models.Event.type == type)
    return EVENTS.uncounted(own, after=after, limit=limit)


def events_since(moment: datetime, *, campaign_id: str | None = None) -> list[Event]:
    """The events of a moment and after it, of one campaign or of all, oldest first."""
    found = records.select(Event, models.Event)
    found = found.where(models.Event.id >= ids.earliest("evt", clock.to_micros(moment)))
    if campaign_id:
        found = found.where(models.Event.campaign == campaign_id)
    return list(found.order_by(models.Event.id))


def latest_event(type: str, *, campaign_id: str | None = None) -> Event:
    """The newest event of a type, of one campaign or of all.

    Raises: NotFound.
    """
    found = records.select(Event, models.Event).where(models.Event.type == type)
    if campaign_id:
        found = found.where(models.Event.campaign == campaign_id)
    return records.one(found.order_by(models.Event.id.desc()).limit(1))


@transactional
def send_test(endpoint_id: str, *, by: Actor) -> Event:
    """Send the endpoint an event that means nothing, to see that it answers.

    Raises: NotFound, Refused (switched off).
    """
    endpoint = find_endpoint(endpoint_id)
    if not endpoint.is_active:
        raise Refused(gettext("Switch the endpoint on first."))
    event = Event(
        id=ids.new("evt"),
        type=TEST_EVENT,
        campaign_id=endpoint.campaign_id,
        is_test=True,
        subject=endpoint_id,
        payload=trial_payload(endpoint_id),
        created_at=clock.now(),
    )
    audit.record(by=by, action="webhook.tested", subject=endpoint_id)
    database.insert("event", **records.stored(models.Event, event))
    _queue(event.id, endpoint_id)
    return event


def trial_payload(endpoint_id: str) -> dict[str, Any]:
    """What the event carries that means nothing."""
    return {"message": "Your endpoint can hear us.", "endpoint": endpoint_id}


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
    columns = (Delivery.event, Delivery.endpoint)
    found = Delivery.select(*columns).where(Delivery.id == delivery_id).tuples()
    event_id, endpoint_id = records.one(found)
    if not find_endpoint(endpoint_id).is_active:
        raise Refused(gettext("Its endpoint is switched off. Switch it on, then send again."))
    audit.record(by=by, action="event.replayed", subject=event_id, data={"endpoint": endpoint_id})
    _queue(event_id, endpoint_id)


@transactional
def replay_failed(campaign_id: str, *, by: Actor) -> int:
    """Send everything again that failed to reach the campaign's active endpoints; how many."""
    active = WebhookEndpoint.select(WebhookEndpoint.id).where(
        WebhookEndpoint.campaign == campaign_id, WebhookEndpoint.is_active
    )
    again = Delivery.update(_waiting_again())
    count = again.where(Delivery.state == "failed", Delivery.endpoint.in_(active)).execute()
    audit.record(by=by, action="event.failed_replayed", subject=campaign_id, data={"count": count})
    return count


def _queue(event_id: str, endpoint_id: str) -> None:
    again = _waiting_again()
    new = {"event": event_id, "endpoint": endpoint_id, "created_at": clock.now()}
    insert = Delivery.insert(new | again, id=f"{event_id}:{endpoint_id}")
    insert.on_conflict(
        conflict_target=[Delivery.id], update=again | {"delivered_at": None}
    ).execute()


def _waiting_again() -> dict[str, Any]:
    return {
        "state": "waiting",
        "attempts": 0,
        "due_at": clock.now(),
        "problem": None,
        "answer_status": None,
    }
