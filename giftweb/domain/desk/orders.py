"""What staff do with a placed order: ship it, cancel it, record a chargeback (S52)."""

from collections.abc import Sequence
from dataclasses import replace

from giftweb import clock, ids, models
from giftweb.database import transactional
from giftweb.domain import audit, awaited, campaigns, cards, notes, orders, payments, refunds
from giftweb.domain.audit.log import Actor
from giftweb.domain.orders import consequences
from giftweb.domain.orders.values import COMPLETED, PENDING, PLACED, SHIPPED, Order
from giftweb.domain.payments.payments import Payment
from giftweb.domain.payments.refund_values import Refund
from giftweb.errors import GiftCardNotAllowed, Invalid, NotFound, RefundExceedsPayment, Refused
from giftweb.language import gettext
from giftweb.money import Money


@transactional
def ship(order_id: str, *, by: Actor, tracking: str | None = None) -> Order:
    """Mark the order shipped; from then on a refund leaves the fulfilment alone.

    Again with another tracking number: that is set. Raises: Refused (over, nothing to ship, not
    paid yet, or no money left).
    """
    order = orders.lock(order_id)
    _require_shippable(order)
    audit.record(by=by, action="order.shipped", subject=order_id, is_test=order.is_test)
    shipped = replace(
        order, status=COMPLETED, fulfilment=SHIPPED, tracking=tracking or order.tracking
    )
    audit.seals.change(
        models.Order,
        order_id,
        status=shipped.status,
        fulfilment=shipped.fulfilment,
        tracking=shipped.tracking,
    )
    if order.fulfilment == PENDING:
        cards.delivery.mark_delivered(_in_parcel(order))
    tracked = f"Tracking: {shipped.tracking}." if shipped.tracking else ""
    notes.add(order_id, "The order was marked shipped", by=by, more=tracked)
    orders.queue_event("order.updated", shipped)
    return shipped


def _require_shippable(order: Order) -> None:
    """Raises: Refused (over, nothing to ship, not paid yet, or no money left)."""
    if problem := hindrances([order])[order.id]:
        raise Refused(problem)


def hindrances(found: Sequence[Order]) -> dict[str, str]:
    """Why each of these orders cannot be shipped, by its id; "" where it can.

    One look at their payments and shops, however many they are.
    """
    paid: dict[str, list[Payment]] = {order.id: [] for order in found}
    for payment in payments.of_orders(list(paid)) if paid else ():
        paid[payment.order_id].append(payment)
    awaited_of = {order.campaign_id for order in found if _is_awaited(order)}
    ready = {each for each in awaited_of if campaigns.find(each).ship_before_payment}
    return {order.id: _hindrance(order, paid[order.id], ready) for order in found}


def _hindrance(order: Order, paid: Sequence[Payment], ready: set[str]) -> str:
    if _is_awaited(order) and order.campaign_id not in ready:
        return gettext("The payment of this order is still awaited.")
    if order.is_over or order.fulfilment not in (PENDING, SHIPPED):
        return gettext("There is nothing to ship in this order.")
    if order.fulfilment == PENDING and not _has_money(order, paid):
        return gettext("All of this order was refunded or charged back. It cannot be shipped.")
    return ""


def _in_parcel(order: Order) -> list[str]:
    """The cards that go with the order's goods: whoever gets them has them from now on (D25)."""
    return [card.id for card in orders.cards_of(order.id) if card.type == "physical"]


def _has_money(order: Order, paid: Sequence[Payment]) -> bool:
    """Whether something is left of what was paid; an order that cost nothing needs none."""
    return not order.total or any(payment.left or payment.is_awaited for payment in paid)


def _is_awaited(order: Order) -> bool:
    """Goods wait for their money, unless the campaign ships before it (D21)."""
    return order.paid_at is None and not order.is_over


@transactional
def unship(order_id: str, *, by: Actor) -> Order:
    """Take **Mark shipped** back: pressed by mistake, the parcel is still here.

    Raises: Refused (not shipped), NotFound.
    """
    order = orders.lock(order_id)
    if order.fulfilment != SHIPPED:
        raise Refused(gettext("This order is not marked shipped."))
    audit.record(by=by, action="order.unshipped", subject=order_id, is_test=order.is_test)
    audit.seals.change(models.Order, order_id, status=PLACED, fulfilment=PENDING, tracking=None)
    notes.add(order_id, "The order was marked not shipped after all", by=by)
    # Refunded in full meanwhile, it is denied now (I18).
    refunds.follow_up.apply(orders.lock(order_id), by=by)
    return orders.find(order_id)


@transactional
def cancel(order_id: str, *, by: Actor, reason: str | None = None) -> list[Refund]:
    """Cancel an order: refund everything that was paid, and give up what is awaited.

    Already refunded in full: nothing more.

    Raises: Refused (shipped), NotFound. Send the claimed refunds after the transaction.
    """
    order = orders.lock(order_id)
    if order.fulfilment == SHIPPED:
        raise Refused(gettext("This order was shipped. Refund it instead."))
    if order.is_over:
        return []
    for payment in payments.of_order(order_id):
        if payment.is_awaited and payments.find(payment.id).is_awaited:
            awaited.cancel(payment.id, by=by, reason=reason)
    if orders.find(order_id).is_over:
        return payments.refund_values.of_order(order_id)
    try:
        return refunds.refund_all(order_id, by=by, reason=reason)
    except RefundExceedsPayment:
        refunds.follow_up.apply(orders.lock(order_id), by=by, is_cancelled=True)
        return []


@transactional
def charge_back(order_id: str, *, payment_id: str, amount: Money, by: Actor) -> Payment:
    """Record that a provider took a payment back; the cards it bought are frozen (S52, D12).

    Else a chargeback is as final as a refund: the bonus shrinks, and with nothing left to ship for
    the order is Shipping Denied (D22).

    Raises: GiftCardNotAllowed on a gift card payment, Invalid (amount), NotFound.
    """
    order = orders.lock(order_id)
    payment = payments.lock(payment_id)
    if payment.order_id != order.id:
        raise NotFound
    if payment.is_gift_card:
        raise GiftCardNotAllowed(gettext("No chargeback can be claimed on a gift card payment."))
    _require_chargeable(payment, amount)
    audit.record(
        by=by,
        action="payment.charged_back",
        subject=payment_id,
        data={"amount": amount.minor, "currency": amount.currency, "order": order_id},
        is_test=order.is_test,
    )
    charged_back = models.Payment.charged_back_minor + amount.minor
    changed = models.Payment.update(charged_back_minor=charged_back)
    changed.where(models.Payment.id == payment_id).execute()
    audit.checkpoints_of_orders.count_again(order_id)
    audit.seals.insert(
        models.Chargeback,
        id=ids.new("cbk"),
        order_id=order_id,
        payment_id=payment_id,
        amount_minor=amount.minor,
        created_at=clock.micros(),
    )
    notes.add(order_id, f"A chargeback of {amount} was recorded", by=by)
    _freeze_cards(order, payment, by=by)
    refunds.follow_up.apply(orders.lock(order_id), by=by)
    return payments.find(payment_id)


def _require_chargeable(payment: Payment, amount: Money) -> None:
    if amount.currency != payment.amount.currency:
        raise Invalid(
            gettext("This payment is in {currency}.", currency=payment.amount.currency),
            field="amount",
        )
    if amount.minor < 1 or payment.left < amount:
        raise Invalid(
            gettext("At most {left} of this payment can come back.", left=payment.left),
            field="amount",
        )


def _freeze_cards(order: Order, payment: Payment, *, by: Actor) -> None:
    reason = "its payment was charged back"
    for each in consequences.of_chargeback(orders.facts.paid_with(order, payment)):
        orders.card_credits.freeze(order, each, by=by, reason=reason)
