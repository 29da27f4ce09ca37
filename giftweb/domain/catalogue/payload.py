"""A line of a cart as other programs see it (docs/api.md)."""

from giftweb.domain import payload_fields
from giftweb.domain.payload_fields import Contact, Payload
from giftweb.tables.campaigns import CARD_TYPES, ITEM_KINDS


def _contact(email: str | None, name: str | None) -> Contact | None:
    return Contact(email, name) if email or name else None


class Receiver(Payload):
    """Who gives or gets a gift card."""

    name = payload_fields.text(nullable=True)
    email = payload_fields.text(nullable=True)


class Line(Payload):
    """What is bought, of a cart as of an order."""

    sku = payload_fields.text()
    name = payload_fields.text()
    quantity = payload_fields.number()
    unit_amount = payload_fields.minor(of="unit_minor")
    kind = payload_fields.word(ITEM_KINDS)
    requires_shipping = payload_fields.yes()


class Item(Line):
    """A line of a cart; the last six for gift cards only."""

    gift_card_payable = payload_fields.yes("Whether a gift card may pay for it.")
    category = payload_fields.text("The shop's own.", required=False)
    type = payload_fields.word(CARD_TYPES, required=False)
    recipient = payload_fields.one(
        Receiver,
        required=False,
        nullable=True,
        of=lambda item: _contact(item.recipient_email, item.recipient_name),
        when="is_gift_card",
    )
    sender = payload_fields.one(
        Receiver,
        required=False,
        nullable=True,
        of=lambda item: _contact(item.sender_email, item.sender_name),
        when="is_gift_card",
    )
    message = payload_fields.text(required=False, nullable=True, when="is_gift_card")
    deliver_at = payload_fields.instant_text(when="is_gift_card")
    recharges = payload_fields.identity("gc", "The card that its money goes on.", required=False)
