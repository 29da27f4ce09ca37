"""The money has come: from now on it is like any other, and what it pays for is carried out."""

from dataclasses import replace
from typing import Any

from giftweb import clock, models
from giftweb.database import transactional
from giftweb.database.listings import literal
from giftweb.domain import audit, campaigns, limits, orders, payments
from giftweb.domain.audit.log import Actor
from giftweb.domain.awaited import records
from giftweb.domain.limits import Gift, Request
from giftweb.domain.orders.values import Order
from giftweb.domain.payments.payments import Payment


@transactional
def receive(payment_id: str, *, by: Actor, reference: str | None = None) -> Order:
    """An awaited payment has come; the order. ``reference``: what the bank or the provider says.

    Once all of its part has come, its cards are issued and mailed, its recharges and the bonus are
    carried out. Again: nothing changes.

    Raises: PaymentNotAwaited (cancelled, never awaited, or a provider has to answer),
    PaymentAlreadyUsed (the reference), NotAllowed (a card of it to one's own address),
    LimitExceeded, NotFound.
    """
    order, payment = orders.lock_with_payment(payment_id)
    if payment.state == payments.CAPTURED and payment.settled_at is not None:
        return order
    records.require_awaited(payment, by=by)
    _require_within_limits(order, payment, reference, by=by)
    is_confirmed_later = _is_confirmed_later(order, payment)
    records.close(order, payment, payments.CAPTURED, by=by, **_referred(order, payment, reference))
    records.queue_event("payment.received", order, payment)
    is_complete = not any(
        each.is_awaited and each.part == payment.part for each in payments.of_order(order.id)
    )
    if is_complete:
        order = _complete(order, payment.part, by=by)
    if not is_confirmed_later:
        records.mail("payment_received", order, payment)
    is_paid = is_complete and payment.part == 0
    orders.queue_event("order.paid" if is_paid else "order.updated", order)
    return order


def _require_within_limits(
    order: Order, payment: Payment, reference: str | None, *, by: Actor
) -> None:
    """Who says that money has come puts it on the cards that it pays for: that counts as giving."""
    if order.is_test or by.kind != "staff":
        return
    request = Request(
        verb=limits.verbs.RECEIVE,
        subject=payment.id,
        amount=payment.amount,
        arguments={"reference": reference},
    )
    if any(item.is_gift_card for item in orders.fulfilment.items_of(order, payment.part)):
        gift = Gift(amount=payment.amount, email=order.customer_email)
        limits.require([gift], by=by, request=request)
    else:
        limits.require_single(payment.amount, by=by, request=request)


def _referred(order: Order, payment: Payment, reference: str | None) -> dict[str, Any]:
    """The columns of another reference, whose charge has paid for nothing else."""
    if not reference or reference == payment.reference:
        return {}
    charge = payments.charge_of(
        payment.method, reference, payment.gateway, order.campaign_id, is_test=order.is_test
    )
    payments.require_unused(charge)
    return {"reference": reference, "charge": charge}


def _is_confirmed_later(order: Order, payment: Payment) -> bool:
    """Whether the order's confirmation is still to be sent, and says by itself that it is paid.

    A provider captures within seconds. What somebody records is mailed in any case.
    """
    if payment.gateway in payments.REPORTED_BY_HAND:
        return False
    mail = models.Mail
    of_order = (mail.order_id == order.id) & (mail.state == literal("waiting"))
    kinds = ("order_confirmation", "order_upsell")
    return bool(mail.select().where(of_order, mail.kind.in_(kinds)).exists())


def _complete(order: Order, part: int, *, by: Actor) -> Order:
    """Do what follows from the money of a part; the order after it."""
    campaign = campaigns.find(order.campaign_id)
    if part == 0:
        order = replace(order, paid_at=clock.now())
        table = models.Order
        table.update(paid_at=order.paid_at).where(table.id == order.id).execute()
    elif not campaign.ship_before_payment:
        order = _with_goods(order, part)
    orders.fulfilment.fulfil_later(order, part=part, campaign=campaign, by=by)
    return order


def _with_goods(order: Order, part: int) -> Order:
    """Goods that were added later wait for their money, and are to be shipped now."""
    after = orders.to_be_shipped(order, orders.fulfilment.items_of(order, part))
    if after != order:
        audit.seals.change(models.Order, order.id, fulfilment=after.fulfilment, status=after.status)
    return after
