"""What the addresses about orders, payments and refunds take and answer."""

from marshmallow import Schema, fields, validate

from giftweb.blueprints.api import answer_fields as answers
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

    id = answers.identity("cus")


class OrderItem(Schema):
    """A line of an order."""

    sku = answers.text()
    name = answers.text()
    quantity = answers.number()
    unit_amount = answers.minor()
    kind = answers.word(ITEM_KINDS)
    requires_shipping = answers.yes()
    is_upsell = answers.yes("Whether it was added after the order was placed.")
    type = answers.word(CARD_TYPES, "For gift cards.", required=False)
    recharges = answers.identity("gc", "The card that its money went on.", required=False)


class Note(Schema):
    """A line of an order's notes."""

    id = answers.text()
    text = answers.text()
    by = answers.word(("staff", "system"))
    created_at = answers.instant()


class Order(Schema):
    """What was bought; amounts are minor units of its currency."""

    id = answers.identity("ord")
    number = answers.number("What people call it by.")
    reference = answers.text("The shop's own.")
    livemode = answers.yes()
    status = answers.word(ORDER_STATUSES)
    fulfilment = answers.word(FULFILMENTS)
    tracking = answers.text(nullable=True)
    currency = answers.currency()
    items_amount = answers.minor()
    discount_amount = answers.minor()
    tax_amount = answers.minor()
    shipping_amount = answers.minor()
    grand_total = answers.minor()
    covered_amount_max = answers.minor("What cards were allowed to pay.")
    gift_card_amount = answers.minor("What cards paid.")
    amount_due = answers.minor("What other tenders paid.")
    refunded_amount = answers.minor()
    customer = answers.one(Customer)
    shipping_address = fields.Dict(required=True, allow_none=True)
    checkout_id = answers.identity("chk", nullable=True)
    items = answers.many(OrderItem)
    payments = answers.many(Payment)
    issued_gift_cards = answers.many(GiftCard, "Given by staff, and the bonus.")
    purchased_gift_cards = answers.many(GiftCard)
    notes = answers.many(Note)
    created_at = answers.instant()


class Refund(Schema):
    """Money that goes back."""

    id = answers.identity("ref")
    payment_id = answers.identity("pay")
    order_id = answers.identity("ord")
    amount = answers.minor()
    currency = answers.currency()
    status = answers.word(REFUND_STATUSES, "`requested`: the shop is asked to return the money.")
    gift_card_id = answers.identity("gc", "The card that got it.", required=False)
    reason = answers.text(nullable=True)
    created_at = answers.instant()


class RefundsOfOrder(Schema):
    """A refund for each tender."""

    data = answers.many(Refund)


OrderList = answers.page_of(Order)
