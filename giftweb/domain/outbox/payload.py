"""An event as endpoints receive it, and as ``GET /events`` lists it (docs/webhooks.md)."""

from giftweb.domain import payload_fields
from giftweb.domain.payload_fields import Payload


class TestMessage(Payload):
    """What an event carries that is sent to try an endpoint."""

    message = payload_fields.text()
    endpoint = payload_fields.identity("whk")


class Event(Payload):
    """Something that happened; `data` is the object as it was then, without any code."""

    id = payload_fields.identity("evt")
    type = payload_fields.text("Such as `gift_card.issued`.")
    livemode = payload_fields.livemode()
    timestamp = payload_fields.instant(of="created_at")
    data = payload_fields.document(of="payload")
