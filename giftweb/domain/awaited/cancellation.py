"""The money never comes: its order is cancelled, or what it was to add is taken off (D21)."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from giftweb import clock, models
from giftweb.database import transactional
from giftweb.database.listings import literal
from giftweb.domain import audit, campaigns, notes, orders, payments, refunds
from giftweb.domain.audit.log import SYSTEM, Actor
from giftweb.domain.awaited import records
from giftweb.domain.orders.line import Line
from giftweb.domain.orders.values import NOT_NEEDED, PENDING, SHIPPED, Order
from giftweb.domain.payments.payments import Payment
from giftweb.errors import PaymentNotAwaited


@transactional
def cancel(payment_id: str, *, by: Actor, reason: str | None = None) -> Order:
    """Give an awaited payment up; the order.

    The order is cancelled: its gift cards get back what they paid, other payments are refunded (a
    remote provider's refund is only claimed: carry it out after). Goods that were shipped before
    the payment stay sold, and nothing is refunded. A payment for what was added later takes those
    lines off again, and leaves the rest of the order alone.

    Raises: PaymentNotAwaited (or a provider has to answer first, for it or for what would be given
    up with it), NotFound.
    """
    order, payment = orders.lock_with_payment(payment_id)
    records.require_awaited(payment, by=by)
    if _with_it_at_a_provider(payment):
        raise PaymentNotAwaited(records.UNANSWERED)
    if payment.part:
        return _take_off(order, payment, by=by, reason=reason)
    return _cancel_order(order, payment, by=by, reason=reason)


def _with_it_at_a_provider(payment: Payment) -> list[Payment]:
    """What would be given up with this payment though a provider may still capture it."""
    return [
        each
        for each in payments.of_order(payment.order_id)
        if each.is_awaited_at_provider and each.id != payment.id
        if payment.part in (0, each.part)
    ]


def _give_up(order: Order, payment: Payment, *, by: Actor, reason: str | None) -> None:
    records.close(order, payment, payments.CANCELLED, by=by, reason=reason, charge=None)
    records.queue_event("payment.cancelled", order, payment)


def _cancel_order(order: Order, payment: Payment, *, by: Actor, reason: str | None) -> Order:
    paid = payments.of_order(order.id)
    for part in sorted({each.part for each in paid if each.is_awaited and each.part}):
        order = _without(order, part, by=by, reason=reason)
    for each in paid:
        if each.is_awaited and not each.part:
            _give_up(order, payments.lock(each.id), by=by, reason=reason)
    if order.fulfilment == SHIPPED:
        notes.add(order.id, "The goods were shipped before the payment: nothing is refunded.")
        orders.queue_event("order.updated", order)
        return order
    refunds.undo_unpaid(order, by=by, reason=reason)
    records.mail("order_cancelled", order, payment)
    return orders.find(order.id)


def _take_off(order: Order, payment: Payment, *, by: Actor, reason: str | None) -> Order:
    order = _without(order, payment.part, by=by, reason=reason)
    records.mail("order_cancelled", order, payment)
    # Without any other money the order is over, too.
    refunds.follow_up.apply(order, by=by)
    return orders.find(order.id)


def _without(order: Order, part: int, *, by: Actor, reason: str | None) -> Order:
    """The order without what was added as this part, whose other payments are refunded."""
    for payment in payments.of_order(order.id):
        if payment.part == part and payment.is_awaited:
            _give_up(order, payments.lock(payment.id), by=by, reason=reason)
    refunds.refund_payments(order, part=part, by=by, reason=reason)
    lines = [line for line in orders.sheet(order).lines if line.taken_off_at is None]
    taken = [line for line in lines if line.part == part]
    left = [line for line in lines if line.part != part]
    orders.lines.take_off(order, taken, by=by, reason=reason)
    amounts = _amounts_without(order, part, taken)
    after = replace(order, **amounts)
    paid, campaign = payments.of_order(order.id), campaigns.find(order.campaign_id)
    ships = orders.facts.ships(left, paid=paid, campaign=campaign)
    if order.fulfilment == PENDING and not ships:
        after = replace(after, fulfilment=NOT_NEEDED)
    audit.seals.change(models.Order, order.id, fulfilment=after.fulfilment, **amounts)
    off = order.total - after.total
    notes.add(order.id, f"{off} that was added later was taken off: it was not paid.")
    return after


def _amounts_without(order: Order, part: int, lines: Sequence[Line]) -> dict[str, Any]:
    """The order's amounts without those of a part: its lines, and its shipping, which is the rest
    of its payments."""
    paid = sum(each.amount_minor for each in payments.of_order(order.id) if each.part == part)
    shipping = paid - sum(line.share_minor for line in lines)
    return {
        "items_minor": order.items_minor - sum(line.total.minor for line in lines),
        "discount_minor": order.discount_minor - sum(line.discount_minor for line in lines),
        "tax_minor": order.tax_minor - sum(line.tax_minor for line in lines),
        "shipping_minor": order.shipping_minor - shipping,
    }


# Time


def due_to_lapse(*, limit: int = 100) -> list[str]:
    """Awaited payments whose last day is over, oldest first; for the worker.

    What was shipped before the payment is left to people.
    """
    payment, order = models.Payment, models.Order
    is_over = payment.pay_until <= clock.now()
    found = (
        payment.select(payment.id)
        .join(order, on=payment.order == order.id)
        .where(payment.state == literal("pending"), is_over, order.fulfilment != SHIPPED)
        .order_by(payment.pay_until, payment.id)
    )
    return [each.id for each in found.limit(limit)]


@transactional
def lapse(payment_id: str) -> None:
    """Cancel a payment whose last day is over; any other stays as it is.

    While a provider has not answered for another payment of the order, it waits for that.
    """
    order, payment = orders.lock_with_payment(payment_id)
    is_over = payment.pay_until is not None and payment.pay_until <= clock.now()
    is_due = payment.is_awaited and is_over and order.fulfilment != SHIPPED
    if is_due and not _with_it_at_a_provider(payment):
        cancel(payment_id, by=SYSTEM, reason=f"Nothing came until {payment.pay_by}")
