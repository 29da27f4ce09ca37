"""What the addresses about orders, payments and refunds take and answer."""

from giftweb.blueprints.api.card_schemas import ActionReason
from giftweb.blueprints.api.cart_schemas import METHODS, NewItem, NewPayment
from giftweb.blueprints.api.fields import (
    After,
    Amount,
    Body,
    Id,
    Limit,
    Many,
    Part,
    Text,
    Word,
    YesNo,
)
from giftweb.blueprints.api.lists import list_of
from giftweb.domain import payload_fields
from giftweb.domain.orders.payload import Order
from giftweb.domain.payload_fields import Payload
from giftweb.domain.payments.payload import Refund

# Taken


class OrderQuery(Body):
    """Which orders."""

    reference = Text()
    email = Text(most=254)
    limit = Limit()
    after = After("ord")


class RefundQuery(Body):
    """Which refunds of an order."""

    limit = Limit()
    after = After("ref")


class Shipment(Body):
    """How it was sent."""

    tracking = Text()


class NewRefund(ActionReason):
    """How much of a payment goes back; without an amount, all that is left."""

    amount = Amount()


class UpsellPayment(NewPayment):
    """Money that the shop took for what was added. A gift card cannot pay it."""

    method = Word(("gift_card", *METHODS), required=True)
    reference = Text(load_default="", least=0)


class Upsell(Body):
    """What was sold after the order was placed, and how it was paid."""

    items = Many(Part(NewItem), "items", required=True, least=1, most=500)
    discount_amount = Amount(least=0)
    tax_amount = Amount(least=0)
    shipping_amount = Amount(least=0)
    payments = Many(Part(UpsellPayment), "payments", most=100)


class Receipt(Body):
    """How a payment that was awaited has come."""

    reference = Text(metadata={"description": "What the bank or the provider calls it."})


class NewChargeback(Body):
    """What a provider took back."""

    payment_id = Id("pay", required=True)
    amount = Amount(required=True)


class Confirmation(Body):
    """What became of a refund that the shop was asked for."""

    succeeded = YesNo(required=True)
    reference = Text()


# Answered


class RefundsOfOrder(Payload):
    """A refund for each tender."""

    data = payload_fields.many(Refund)


OrderList = list_of(Order)
RefundList = list_of(Refund)
