"""What the campaign was told by webhooks, or would have been."""

from typing import Any

from marshmallow import Schema, fields

from giftweb.blueprints.api import answer_fields
from giftweb.blueprints.api.fields import After, Body, Limit, Text
from giftweb.blueprints.api.operations import Object, get
from giftweb.domain import outbox
from giftweb.domain.campaigns.api_keys import Caller


class EventQuery(Body):
    """Which events."""

    type = Text(metadata={"description": "Only events of this type."})
    limit = Limit()
    after = After("evt")


class Event(Schema):
    """Something that happened; `data` is the object as it was then, without any code."""

    id = answer_fields.identity("evt")
    type = answer_fields.text("Such as `gift_card.issued`.")
    livemode = answer_fields.yes()
    timestamp = answer_fields.instant()
    data = fields.Dict(required=True)


EventList = answer_fields.page_of(Event)


@get("/events", query=EventQuery, answers=EventList)
def list_events(caller: Caller, *, query: dict[str, Any]) -> Object:
    """List events.

    What webhooks tell, newest first.
    """
    limit = query["limit"]
    found = outbox.endpoints.events(
        caller.campaign_id,
        is_test=caller.is_test,
        after=query.get("after"),
        type=query.get("type"),
        limit=limit + 1,
    )
    return {"data": [event.to_object() for event in found[:limit]], "has_more": len(found) > limit}
