"""What the addresses about checkouts take and answer."""

from datetime import datetime
from typing import Any

from marshmallow import ValidationError, validates, validates_schema

from giftweb.blueprints.api.card_schemas import TypedCodeAndPin, require_deliverable
from giftweb.blueprints.api.fields import (
    Address,
    Amount,
    Body,
    Count,
    Currency,
    Instant,
    Locale,
    Many,
    Part,
    Text,
    Word,
    YesNo,
)
from giftweb.domain import countries, payload_fields
from giftweb.domain.carts.payload import CheckoutState
from giftweb.domain.catalogue.payload import CARD_TYPES, ITEM_KINDS
from giftweb.domain.payments.payload import Payment

METHODS = ("credit_card", "paypal", "bank_transfer", "cash", "offline", "other")
"""How a shop may have been paid; gift cards and our own provider are ours to record."""
LONGEST_LIFE = 30 * 24 * 60 * 60
_MOST_ITEMS = 500

# Taken


class AppliedCode(TypedCodeAndPin):
    """A gift card to apply."""

    limit = Amount(
        metadata={"description": "Use at most so much of it, in the checkout's currency."}
    )


class Somebody(Body):
    """Who gives a gift card."""

    name = Text()
    email = Address()


class Recipient(Somebody):
    """Who gets a gift card."""

    locale = Locale()


class Buyer(Body):
    """Who buys."""

    email = Address(required=True)
    name = Text(required=True)
    locale = Locale()


class ShippingAddress(Body):
    """Where goods are sent."""

    name = Text(required=True)
    line1 = Text(required=True)
    line2 = Text()
    city = Text(required=True)
    region = Text()
    postal_code = Text(required=True, most=20)
    country = Word(
        countries.CODES,
        required=True,
        error="Send a country such as US.",
        metadata={"description": "ISO 3166-1 alpha-2, such as US."},
    )
    phone = Text(most=50)


class NewItem(Body):
    """A line of a cart. One of kind `gift_card` becomes a card for each one bought."""

    sku = Text(required=True)
    name = Text(required=True)
    quantity = Count(required=True, most=10_000)
    unit_amount = Amount(required=True, least=0)
    kind = Word(ITEM_KINDS, load_default="goods")
    requires_shipping = YesNo(
        metadata={"description": "By default true for goods and for cards that are posted."}
    )
    gift_card_payable = YesNo(
        load_default=True, metadata={"description": "Whether a gift card may pay for it."}
    )
    category = Text(
        metadata={"description": "The shop's own; a campaign may leave some of them out."}
    )
    type = Word(CARD_TYPES, metadata={"description": "For gift cards; by default `virtual`."})
    recipient = Part(Recipient, allow_none=True)
    sender = Part(Somebody, allow_none=True)
    message = Text(most=1000, has_lines=True)
    deliver_at = Instant(
        metadata={"description": "When a gift card is mailed: from now to one year ahead."}
    )

    @validates("deliver_at")
    def a_card_is_mailed_within_a_year(self, moment: datetime | None, **_: Any) -> None:
        """A card is not mailed in the past, nor kept for years."""
        require_deliverable(moment)

    @validates_schema(skip_on_field_errors=True)
    def a_card_has_an_amount(self, item: dict[str, Any], **_: Any) -> None:
        """A gift card of nothing is none."""
        if item["kind"] == "gift_card" and item["unit_amount"] < 1:
            raise ValidationError("A gift card is worth at least 1.", "unit_amount")


def _items(*, required: bool) -> Many:
    return Many(Part(NewItem), "items", required=required, least=1, most=_MOST_ITEMS)


class ChangedCheckout(Body):
    """What of a cart changes; the rest stays."""

    order_reference = Text()
    currency = Currency()
    items = _items(required=False)
    discount_amount = Amount(least=0)
    tax_amount = Amount(least=0, metadata={"description": "Tax on items."})
    shipping_amount = Amount(least=0, metadata={"description": "With its own tax."})
    customer = Part(Buyer, allow_none=True)
    shipping_address = Part(ShippingAddress, allow_none=True)
    expires_in = Count(most=LONGEST_LIFE, metadata={"description": "Seconds; by default a day."})


class NewCheckout(ChangedCheckout):
    """A cart on its way to an order."""

    order_reference = Text(required=True)
    currency = Currency(required=True)
    items = _items(required=True)
    customer = Part(Buyer, required=True)


class NewPayment(Body):
    """Money that the shop took."""

    method = Word(METHODS, required=True)
    amount = Amount(required=True)
    reference = Text(required=True, least=0)
    status = Word(
        ("captured", "pending"),
        load_default="captured",
        metadata={
            "description": "`pending`: the money has not come yet, as with a bank transfer. Say"
            " what becomes of it with `/payments/{id}/receipt` or `/cancellation`."
        },
    )


class Capture(Body):
    """The payments beside the cards; together they are the grand total."""

    payments = Many(Part(NewPayment), "payments", most=100)


# Answered


class Checkout(CheckoutState):
    """A cart on its way to an order; amounts are minor units of its currency."""

    payments = payload_fields.many(Payment, "Once it is captured.")
    client_token = payload_fields.text("For the widget in the shop's page.")
    widget_url = payload_fields.text("The widget's own address.")
