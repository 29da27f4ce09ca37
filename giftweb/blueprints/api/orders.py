"""Orders, payments, refunds: find, ship, cancel, refund, sell more, record a chargeback."""

from collections.abc import Iterable
from typing import Any

from giftweb.blueprints.api import card_schemas, lists, order_schemas
from giftweb.blueprints.api.cart_bodies import items, tenders
from giftweb.blueprints.api.operations import AWAITED, Object, get, post
from giftweb.domain import awaited, desk, orders, payments, refunds
from giftweb.domain.campaigns.api_keys import Caller
from giftweb.domain.campaigns.key_terms import CHECKOUT, REFUND
from giftweb.domain.orders.of_campaign import Query
from giftweb.domain.orders.payload import Order
from giftweb.domain.payments import refund_values
from giftweb.domain.payments.payload import Refund
from giftweb.money import Money


def owner(caller: Caller) -> dict[str, Any]:
    """Whose orders the caller may see."""
    return {"campaign_id": caller.campaign_id, "is_test": caller.is_test}


def order_object(caller: Caller, order_id: str) -> Object:
    """The order with everything on it, as it is now."""
    return Order.of(orders.sheet(orders.of_campaign.find(order_id, **owner(caller))))


def awaiting(body: Object, created: Iterable[refund_values.Refund]) -> Object:
    """The answer, with the refunds whose remote provider is asked once they are stored."""
    claimed = [refund.id for refund in created if refund.is_claimed]
    return body | {AWAITED: claimed} if claimed else body


def refund_after_providers(caller: Caller, body: Object, claimed: list[str]) -> Object:
    """The refund as its provider left it."""
    return Refund.of(refunds.send(claimed)[0])


def refunds_after_providers(caller: Caller, body: Object, claimed: list[str]) -> Object:
    """The same for every tender of an order."""
    final = {refund.id: Refund.of(refund) for refund in refunds.send(claimed)}
    return {"data": [final.get(refund["id"], refund) for refund in body["data"]]}


def order_after_providers(caller: Caller, body: Object, claimed: list[str]) -> Object:
    """The order as it is afterwards."""
    refunds.send(claimed)
    return order_object(caller, body["id"])


@get("/orders", query=order_schemas.OrderQuery, answers=order_schemas.OrderList)
def list_orders(caller: Caller, *, query: dict[str, Any]) -> Object:
    """List orders.

    Those of the campaign, newest first.
    """
    page = orders.of_campaign.find_page(Query(**query), **owner(caller))
    return lists.page(Order, page.items, has_more=page.has_more)


@get("/orders/{order_id}", answers=order_schemas.Order)
def show_order(caller: Caller, *, order_id: str) -> Object:
    """Show an order.

    With its items, payments, cards and notes.
    """
    return order_object(caller, order_id)


@post(
    "/orders/{order_id}/shipment",
    scopes=(CHECKOUT,),
    body=order_schemas.Shipment,
    answers=order_schemas.Order,
    refuses=("refused",),
)
def ship_order(caller: Caller, *, order_id: str, body: dict[str, Any]) -> Object:
    """Mark an order shipped.

    From then on a refund leaves the fulfilment alone.
    """
    orders.of_campaign.find(order_id, **owner(caller))
    desk.orders.ship(order_id, tracking=body.get("tracking"), by=caller.actor)
    return order_object(caller, order_id)


@post(
    "/orders/{order_id}/cancellation",
    scopes=(REFUND,),
    body=card_schemas.ActionReason,
    answers=order_schemas.Order,
    needs_key=True,
    refuses=("payment_not_awaited", "refused"),
    ask_providers=order_after_providers,
)
def cancel_order(caller: Caller, *, order_id: str, body: dict[str, Any]) -> Object:
    """Cancel an order.

    One that was not shipped. Everything that was paid is refunded.
    """
    orders.of_campaign.find(order_id, **owner(caller))
    created = desk.orders.cancel(order_id, reason=body.get("reason"), by=caller.actor)
    return awaiting(order_object(caller, order_id), created)


@post(
    "/payments/{payment_id}/receipt",
    scopes=(CHECKOUT,),
    body=order_schemas.Receipt,
    answers=order_schemas.Order,
    needs_key=True,
    refuses=("payment_already_used", "payment_not_awaited"),
)
def receive_payment(caller: Caller, *, payment_id: str, body: dict[str, Any]) -> Object:
    """Receive a payment.

    One that was `pending` has come. Once all payments have, the gift cards that were bought are
    mailed and the recharges are carried out.
    """
    orders.of_campaign.find_payment(payment_id, **owner(caller))
    order = awaited.receive(payment_id, reference=body.get("reference"), by=caller.actor)
    return order_object(caller, order.id)


@post(
    "/payments/{payment_id}/cancellation",
    scopes=(REFUND,),
    body=card_schemas.ActionReason,
    answers=order_schemas.Order,
    needs_key=True,
    refuses=("payment_not_awaited",),
    ask_providers=order_after_providers,
)
def cancel_payment(caller: Caller, *, payment_id: str, body: dict[str, Any]) -> Object:
    """Cancel a payment.

    One that was `pending` never comes: the order is cancelled, and its gift cards get back what
    they paid. A payment for what was added later takes that off again.
    """
    orders.of_campaign.find_payment(payment_id, **owner(caller))
    order = awaited.cancel(payment_id, reason=body.get("reason"), by=caller.actor)
    created = payments.refund_values.of_order(order.id)
    return awaiting(order_object(caller, order.id), created)


@post(
    "/payments/{payment_id}/refunds",
    scopes=(REFUND,),
    status=201,
    body=order_schemas.NewRefund,
    answers=order_schemas.Refund,
    needs_key=True,
    refuses=("refund_exceeds_payment",),
    ask_providers=refund_after_providers,
)
def refund_payment(caller: Caller, *, payment_id: str, body: dict[str, Any]) -> Object:
    """Refund a payment.

    In full or in part. A gift card has its money back at once.
    """
    currency = orders.of_campaign.find_payment(payment_id, **owner(caller)).amount.currency
    amount = Money(body["amount"], currency) if "amount" in body else None
    refund = refunds.refund(payment_id, amount=amount, reason=body.get("reason"), by=caller.actor)
    return awaiting(Refund.of(refund), [refund])


@post(
    "/orders/{order_id}/refunds",
    scopes=(REFUND,),
    status=201,
    body=card_schemas.ActionReason,
    answers=order_schemas.RefundsOfOrder,
    needs_key=True,
    refuses=("refund_exceeds_payment",),
    ask_providers=refunds_after_providers,
)
def refund_order(caller: Caller, *, order_id: str, body: dict[str, Any]) -> Object:
    """Refund an order.

    Every tender, in full.
    """
    orders.of_campaign.find(order_id, **owner(caller))
    created = refunds.refund_all(order_id, reason=body.get("reason"), by=caller.actor)
    return awaiting({"data": [Refund.of(refund) for refund in created]}, created)


@get(
    "/orders/{order_id}/refunds",
    query=order_schemas.RefundQuery,
    answers=order_schemas.RefundList,
)
def list_refunds(caller: Caller, *, order_id: str, query: dict[str, Any]) -> Object:
    """List the refunds of an order.

    Newest first.
    """
    order = orders.of_campaign.find(order_id, **owner(caller))
    page = payments.refund_values.find_page(order.id, **query)
    return lists.page(Refund, page.items, has_more=page.has_more)


@get("/refunds/{refund_id}", answers=order_schemas.Refund)
def show_refund(caller: Caller, *, refund_id: str) -> Object:
    """Show a refund.

    Of an order of the campaign.
    """
    return Refund.of(orders.of_campaign.find_refund(refund_id, **owner(caller)))


@post(
    "/refunds/{refund_id}/confirmation",
    scopes=(REFUND,),
    body=order_schemas.Confirmation,
    answers=order_schemas.Refund,
    refuses=("refused",),
)
def confirm_refund(caller: Caller, *, refund_id: str, body: dict[str, Any]) -> Object:
    """Confirm a refund.

    Says what became of one that the shop was asked for. A failure takes it back out.
    """
    orders.of_campaign.find_refund(refund_id, **owner(caller))
    confirmed = refunds.confirm(
        refund_id,
        succeeded=body["succeeded"],
        reference=body.get("reference"),
        by=caller.actor,
    )
    return Refund.of(confirmed)


@post(
    "/orders/{order_id}/upsells",
    scopes=(CHECKOUT,),
    status=201,
    body=order_schemas.Upsell,
    answers=order_schemas.Order,
    needs_key=True,
    refuses=(
        "checkout_closed",
        "currency_mismatch",
        "payment_already_used",
        "payment_incomplete",
        "payment_method_required",
        "shipping_address_required",
    ),
)
def sell_more(caller: Caller, *, order_id: str, body: dict[str, Any]) -> Object:
    """Sell more on an order.

    Paid by anything but a gift card.
    """
    currency = orders.of_campaign.find(order_id, **owner(caller)).currency
    orders.upsell(
        order_id,
        items=items(body["items"]),
        tenders=tenders(body, currency),
        discount_minor=body.get("discount_amount", 0),
        tax_minor=body.get("tax_amount", 0),
        shipping_minor=body.get("shipping_amount", 0),
        by=caller.actor,
    )
    return order_object(caller, order_id)


@post(
    "/orders/{order_id}/chargebacks",
    scopes=(REFUND,),
    body=order_schemas.NewChargeback,
    answers=order_schemas.Order,
    refuses=("gift_card_not_allowed",),
)
def record_chargeback(caller: Caller, *, order_id: str, body: dict[str, Any]) -> Object:
    """Record a chargeback.

    A provider took a payment back: the cards that it bought are frozen.
    """
    currency = orders.of_campaign.find(order_id, **owner(caller)).currency
    desk.orders.charge_back(
        order_id,
        payment_id=body["payment_id"],
        amount=Money(body["amount"], currency),
        by=caller.actor,
    )
    return order_object(caller, order_id)
