"""What the addresses about tills take and answer."""

from giftweb.blueprints.api.card_schemas import TypedCodeAndPin
from giftweb.blueprints.api.fields import Amount, Currency, Text, YesNo
from giftweb.domain import payload_fields
from giftweb.domain.cards.payload import GiftCard
from giftweb.domain.payload_fields import Payload

# Taken


class NewRedemption(TypedCodeAndPin):
    """A purchase at a till, and the gift card that pays it."""

    amount = Amount(required=True, metadata={"example": 2500})
    currency = Currency(required=True)
    reference = Text(
        required=True, metadata={"description": "The till's receipt.", "example": "R-2026-00042"}
    )
    allow_part = YesNo(
        load_default=False,
        metadata={"description": "Take what there is, if it is less than the amount."},
    )


# Answered


class Redemption(Payload):
    """What the card paid, and what is left to pay; amounts are minor units of the currency."""

    order_id = payload_fields.identity("ord", of="order.id")
    payment_id = payload_fields.identity("pay", "To refund it by.", of="payment.id")
    gift_card = payload_fields.one(GiftCard, "As it is afterwards.", of="card")
    amount = payload_fields.minor("What the card paid.", least=1, of="taken.minor")
    amount_due = payload_fields.minor("What the till takes otherwise.", of="due.minor")
    currency = payload_fields.currency(of="order.currency")
