"""The events that a campaign's endpoints receive: when each is sent, and what it carries."""

from typing import NamedTuple

from marshmallow import Schema

from giftweb.domain import payload_fields
from giftweb.domain.cards.payload import GiftCard
from giftweb.domain.carts.payload import CheckoutState
from giftweb.domain.orders.payload import Order
from giftweb.domain.outbox.payload import Event, TestMessage
from giftweb.domain.payload_fields import Payload
from giftweb.domain.payments.payload import Payment, Refund


class EventType(NamedTuple):
    """When an event of a type is sent, and the object that it carries."""

    when: str
    payload: type[Payload]


EVENT_TYPES = {
    "gift_card.issued": EventType("A card exists.", GiftCard),
    "gift_card.updated": EventType("A card's status, holder or expiry changed.", GiftCard),
    "gift_card.balance_changed": EventType("A card's money moved.", GiftCard),
    "checkout.authorised": EventType("The cards' money is held.", CheckoutState),
    "checkout.captured": EventType("The checkout became an order.", CheckoutState),
    "checkout.voided": EventType("What was held is free again.", CheckoutState),
    "checkout.expired": EventType("The time of the cart or the hold has passed.", CheckoutState),
    "order.placed": EventType("An order was placed.", Order),
    "order.paid": EventType("All that an order was placed with is paid.", Order),
    "order.updated": EventType("Something about an order changed.", Order),
    "payment.received": EventType("A payment that was awaited has come.", Payment),
    "payment.cancelled": EventType("A payment that was awaited never comes.", Payment),
    "refund.created": EventType("Money goes back.", Refund),
    "refund.requested": EventType("The shop is to return money that it took itself.", Refund),
    "webhook.test": EventType("Somebody at the desk tries the endpoint.", TestMessage),
}

HEADERS = {
    "webhook-id": "The event's id, the same at each try.",
    "webhook-timestamp": "When it was sent, in seconds since 1970.",
    "webhook-signature": "`v1,` and the HMAC-SHA-256 of id, timestamp and body, in base64.",
}
"""Those of Standard Webhooks."""

_NAMES: dict[type[Payload], str] = {
    GiftCard: "GiftCardEvent",
    CheckoutState: "CheckoutEvent",
    Order: "OrderEvent",
    Payment: "PaymentEvent",
    Refund: "RefundEvent",
    TestMessage: "TestEvent",
}


def _schema(payload: type[Payload]) -> type[Schema]:
    types = [type for type, about in EVENT_TYPES.items() if about.payload is payload]
    fields = {"type": payload_fields.word(types), "data": payload_fields.one(payload)}
    return Event.from_dict(fields, name=_NAMES[payload])


SCHEMAS = {payload: _schema(payload) for payload in _NAMES}
"""What an event looks like that carries this object."""
