"""What the addresses about orders, payments and refunds take and answer."""

from marshmallow import Schema, fields, validate

from giftweb.blueprints.api import answer_fields
from giftweb.blueprints.api.card_schemas import GiftCard, Person
from giftweb.blueprints.api.cart_schemas import (
    CARD_TYPES,
    ITEM_KINDS,
    METHODS,
    NewItem,
    NewPayment,
    Payment,
)
from giftweb.blueprints.api.fields import After, Amount, Body, Id, Limit, Text, Word, YesNo

ORDER_STATUSES = ("placed", "completed", "shipping_denied", "cancelled")
FULFILMENTS = ("pending", "shipped", "cancelled", "not_needed")
REFUND_STATUSES = ("succeeded", "requested", "failed")

# Taken


class OrderQuery(Body):
    """Which orders."""

    reference = Text()
    email = Text(most=254)
    limit = Limit()
    after = After("ord")


class Shipment(Body):
    """How it was sent."""

    tracking = Text()


class Reason(Body):
    """Why, for the order's notes."""

    reason = Text(most=1000, has_lines=True)


class NewRefund(Reason):
    """How much of a payment goes back; without an amount, all that is left."""

    amount = Amount()


class UpsellPayment(NewPayment):
    """Money that the shop took for what was added. A gift card cannot pay it."""

    method = Word(("gift_card", *METHODS), required=True)
    reference = Text(load_default="", least=0)


class Upsell(Body):
    """What was sold after the order was placed, and how it was paid."""

    items = fields.List(fields.Nested(NewItem), required=True, validate=validate.Length(1, 500))
    payments = fields.List(
        fields.Nested(UpsellPayment), allow_none=True, validate=validate.Length(max=100)
    )


class NewChargeback(Body):
    """What a provider took back."""

    payment_id = Id("pay", required=True)
    amount = Amount(required=True)


class Confirmation(Body):
    """What became of a refund that the shop was asked for."""

    succeeded = YesNo(required=True)
    reference = Text()


# Answered


class Customer(Person):
    """Who bought."""

    id = answer_fields.identity("cus")


class OrderItem(Schema):
    """A line of an order."""

    sku = answer_fields.text()
    name = answer_fields.text()
    quantity = answer_fields.number()
    unit_amount = answer_fields.minor()
    kind = answer_fields.word(ITEM_KINDS)
    requires_shipping = answer_fields.yes()
    is_upsell = answer_fields.yes("Whether it was added after the order was placed.")
    type = answer_fields.word(CARD_TYPES, "For gift cards.", required=False)
    recharges = answer_fields.identity("gc", "The card that its money went on.", required=False)


class Note(Schema):
    """A line of an order's notes."""

    id = answer_fields.text()
    text = answer_fields.text()
    by = answer_fields.word(("staff", "system"))
    created_at = answer_fields.instant()


class Order(Schema):
    """What was bought; amounts are minor units of its currency."""

    id = answer_fields.identity("ord")
    number = answer_fields.number("What people call it by.")
    reference = answer_fields.text("The shop's own.")
    livemode = answer_fields.yes()
    status = answer_fields.word(ORDER_STATUSES)
    fulfilment = answer_fields.word(FULFILMENTS)
    tracking = answer_fields.text(nullable=True)
    currency = answer_fields.currency()
    items_amount = answer_fields.minor()
    discount_amount = answer_fields.minor()
    tax_amount = answer_fields.minor()
    shipping_amount = answer_fields.minor()
    grand_total = answer_fields.minor()
    covered_amount_max = answer_fields.minor("What cards were allowed to pay.")
    gift_card_amount = answer_fields.minor("What cards paid.")
    amount_due = answer_fields.minor("What other tenders paid.")
    refunded_amount = answer_fields.minor()
    customer = answer_fields.one(Customer)
    shipping_address = fields.Dict(required=True, allow_none=True)
    checkout_id = answer_fields.identity("chk", nullable=True)
    items = answer_fields.many(OrderItem)
    payments = answer_fields.many(Payment)
    issued_gift_cards = answer_fields.many(GiftCard, "Given by staff, and the bonus.")
    purchased_gift_cards = answer_fields.many(GiftCard)
    notes = answer_fields.many(Note)
    created_at = answer_fields.instant()


class Refund(Schema):
    """Money that goes back."""

    id = answer_fields.identity("ref")
    payment_id = answer_fields.identity("pay")
    order_id = answer_fields.identity("ord")
    amount = answer_fields.minor()
    currency = answer_fields.currency()
    status = answer_fields.word(
        REFUND_STATUSES, "`requested`: the shop is asked to return the money."
    )
    gift_card_id = answer_fields.identity("gc", "The card that got it.", required=False)
    reason = answer_fields.text(nullable=True)
    created_at = answer_fields.instant()


class RefundsOfOrder(Schema):
    """A refund for each tender."""

    data = answer_fields.many(Refund)


OrderList = answer_fields.page_of(Order)
