"""What the addresses about checkouts take and answer."""

from typing import Any

from marshmallow import Schema, ValidationError, fields, validate, validates_schema

from giftweb.blueprints.api import answer_fields
from giftweb.blueprints.api.card_schemas import Person
from giftweb.blueprints.api.fields import (
    Address,
    Amount,
    Body,
    Count,
    Currency,
    Instant,
    Text,
    Word,
    YesNo,
)
from giftweb.domain import countries

ITEM_KINDS = ("goods", "gift_card")
CARD_TYPES = ("virtual", "physical", "combined")
METHODS = ("credit_card", "paypal", "bank_transfer", "cash", "offline", "other")
CHECKOUT_STATUSES = ("open", "authorised", "captured", "voided", "expired")
PAYMENT_STATUSES = ("pending", "captured", "partly_refunded", "refunded", "charged_back")
COVERAGES = ("none", "part", "full")
LONGEST_LIFE = 30 * 24 * 60 * 60
_MOST_ITEMS = 500

# Taken


class Somebody(Body):
    """Who gives or gets a gift card."""

    name = Text()
    email = Address()


class Buyer(Body):
    """Who buys."""

    email = Address(required=True)
    name = Text(required=True)


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
        metadata={"description": "Unless said: true for goods and for cards that are posted."}
    )
    type = Word(CARD_TYPES, metadata={"description": "For gift cards; `virtual` unless said."})
    recipient = fields.Nested(Somebody, allow_none=True)
    sender = fields.Nested(Somebody, allow_none=True)
    message = Text(most=1000, has_lines=True)
    deliver_at = Instant(metadata={"description": "When a gift card is mailed."})

    @validates_schema(skip_on_field_errors=True)
    def a_card_has_an_amount(self, item: dict[str, Any], **_: Any) -> None:
        """A gift card of nothing is none (API.md 3)."""
        if item["kind"] == "gift_card" and item["unit_amount"] < 1:
            raise ValidationError("A gift card is worth at least 1.", "unit_amount")


def _items(*, required: bool) -> fields.List:
    return fields.List(
        fields.Nested(NewItem),
        required=required,
        allow_none=not required,
        validate=validate.Length(1, _MOST_ITEMS, error=f"Send 1 to {_MOST_ITEMS} items."),
    )


class ChangedCheckout(Body):
    """What of a cart changes; the rest stays."""

    order_reference = Text()
    currency = Currency()
    items = _items(required=False)
    discount_amount = Amount(least=0)
    tax_amount = Amount(least=0, metadata={"description": "Tax on items."})
    shipping_amount = Amount(least=0, metadata={"description": "With its own tax."})
    customer = fields.Nested(Buyer, allow_none=True)
    shipping_address = fields.Nested(ShippingAddress, allow_none=True)
    expires_in = Count(most=LONGEST_LIFE, metadata={"description": "Seconds; a day unless said."})


class NewCheckout(ChangedCheckout):
    """A cart on its way to an order."""

    order_reference = Text(required=True)
    currency = Currency(required=True)
    items = _items(required=True)
    customer = fields.Nested(Buyer, required=True)


class NewPayment(Body):
    """Money that the shop took."""

    method = Word(METHODS, required=True)
    amount = Amount(required=True)
    reference = Text(required=True, least=0)


class Capture(Body):
    """The payments beside the cards; together they are the grand total."""

    payments = fields.List(
        fields.Nested(NewPayment), allow_none=True, validate=validate.Length(max=100)
    )


# Answered


class Worth(Schema):
    """An amount in another currency than the rest."""

    amount = answer_fields.minor()
    currency = answer_fields.currency()


class Receiver(Schema):
    """Who gives or gets a gift card."""

    name = answer_fields.text(nullable=True)
    email = answer_fields.text(nullable=True)


class Item(Schema):
    """A line of a cart; the last six for gift cards only."""

    sku = answer_fields.text()
    name = answer_fields.text()
    quantity = answer_fields.number()
    unit_amount = answer_fields.minor()
    kind = answer_fields.word(ITEM_KINDS)
    requires_shipping = answer_fields.yes()
    type = answer_fields.word(CARD_TYPES, required=False)
    recipient = answer_fields.one(Receiver, required=False, nullable=True)
    sender = answer_fields.one(Receiver, required=False, nullable=True)
    message = answer_fields.text(required=False, nullable=True)
    deliver_at = answer_fields.instant(required=False, nullable=True)
    recharges = answer_fields.identity("gc", "The card that its money goes on.", required=False)


class AppliedCard(Schema):
    """A card on a checkout."""

    id = answer_fields.identity("gc")
    last4 = answer_fields.text()
    balance = answer_fields.minor("What it may pay with, in the checkout's currency.")
    amount = answer_fields.minor("What it pays; 0 when it is not reached.")
    position = answer_fields.number("The order of deduction, from 1.")
    card_balance = answer_fields.one(Worth, "Of a card in another currency.", required=False)


class Payment(Schema):
    """What one tender paid."""

    id = answer_fields.identity("pay")
    method = answer_fields.word(("gift_card", *METHODS, "stripe"))
    amount = answer_fields.minor()
    captured = answer_fields.minor()
    refunded = answer_fields.minor()
    status = answer_fields.word(PAYMENT_STATUSES)
    reference = answer_fields.text()
    gift_card_id = answer_fields.identity("gc", required=False)
    currency = answer_fields.currency()
    card_amount = answer_fields.one(Worth, "Of a card in another currency.", required=False)
    rate = answer_fields.text("The rate between the two.", required=False)


class Checkout(Schema):
    """A cart on its way to an order; amounts are minor units of its currency."""

    id = answer_fields.identity("chk")
    livemode = answer_fields.yes()
    status = answer_fields.word(CHECKOUT_STATUSES)
    order_reference = answer_fields.text("The shop's own.")
    currency = answer_fields.currency()
    items = answer_fields.many(Item)
    customer = answer_fields.one(Person)
    shipping_address = fields.Dict(required=True, allow_none=True)
    items_amount = answer_fields.minor()
    discount_amount = answer_fields.minor()
    tax_amount = answer_fields.minor()
    shipping_amount = answer_fields.minor()
    grand_total = answer_fields.minor("Items - discount + tax + shipping.")
    covered_amount_max = answer_fields.minor("What cards may pay.")
    gift_card_amount = answer_fields.minor("What the cards pay.")
    amount_due = answer_fields.minor("What is left for other tenders.")
    coverage = answer_fields.word(COVERAGES, "`full`: the cards pay all that they may pay.")
    gift_cards = answer_fields.many(AppliedCard)
    client_token = answer_fields.text("For the widget in the shop's page.")
    widget_url = answer_fields.text("The widget's own address.")
    expires_at = answer_fields.instant("The cart's, then the hold's.")
    order_id = answer_fields.identity("ord", nullable=True)
    payments = answer_fields.many(Payment, "Once it is captured.")
