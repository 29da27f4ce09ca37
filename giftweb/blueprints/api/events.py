"""The events that webhooks sent to the campaign, or would have sent."""

from typing import Any

from giftweb.blueprints.api.fields import After, Body, Limit, Text
from giftweb.blueprints.api.lists import list_of, page
from giftweb.blueprints.api.operations import Object, get
from giftweb.domain import outbox
from giftweb.domain.campaigns.api_keys import Caller
from giftweb.domain.outbox.payload import Event


class EventQuery(Body):
    """Which events."""

    type = Text(metadata={"description": "Only events of this type."})
    limit = Limit()
    after = After("evt")


EventList = list_of(Event)


@get("/events", query=EventQuery, answers=EventList)
def list_events(caller: Caller, *, query: dict[str, Any]) -> Object:
    """List events.

    What webhooks send, newest first.
    """
    found = outbox.endpoints.events(
        caller.campaign_id,
        is_test=caller.is_test,
        after=query.get("after"),
        type=query.get("type"),
        limit=query["limit"],
    )
    return page(Event, found.items, has_more=found.has_more)
