"""What the campaign was told by webhooks, or would have been."""

from typing import Any

from marshmallow import Schema, fields

from giftweb.blueprints.api import answer_fields as answers
from giftweb.blueprints.api.fields import After, Body, Limit, Text
from giftweb.blueprints.api.operations import Object, get
from giftweb.domain import webhooks
from giftweb.domain.api_keys import Caller


class EventQuery(Body):
    """Which events."""

    type = Text(metadata={"description": "Only events of this type."})
    limit = Limit()
    after = After("evt")


class Event(Schema):
    """Something that happened; `data` is the object as it was then, without any code."""

    id = answers.identity("evt")
    type = answers.text("Such as `gift_card.issued`.")
    livemode = answers.yes()
    timestamp = answers.instant()
    data = fields.Dict(required=True)


EventList = answers.page_of(Event)


@get("/events", query=EventQuery, answers=EventList)
def list_events(caller: Caller, *, query: dict[str, Any]) -> Object:
    """List events.

    What webhooks tell, newest first.
    """
    limit = query["limit"]
    found = webhooks.events(
        caller.campaign_id,
        is_test=caller.is_test,
        after=query.get("after"),
        type=query.get("type"),
        limit=limit + 1,
    )
    return {"data": [event.to_object() for event in found[:limit]], "has_more": len(found) > limit}
