"""What follows from refunds and chargebacks: previewed, and applied in their transaction."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import replace

from giftweb import models
from giftweb.domain import audit, cards, ledger, notes, orders
from giftweb.domain.audit.log import Actor
from giftweb.domain.ledger.funding import NOTHING, MinorBySource
from giftweb.domain.orders.consequences import (
    CancelCard,
    Consequence,
    EndOrder,
    EndShipping,
    FreezeCard,
    TakeBack,
    TakeBonus,
)
from giftweb.domain.orders.values import NOT_NEEDED, SHIPPED, SHIPPING_DENIED, Order
from giftweb.domain.payments.payments import Payment
from giftweb.domain.refunds import to_cards
from giftweb.money import Money


def preview(
    order: Order,
    parts: Iterable[tuple[Payment, Money]],
    *,
    taking_off: str | None = None,
    is_cancelled: bool = False,
) -> list[Consequence]:
    """What follows once these parts of the order's payments are refunded. Nothing is changed.

    ``taking_off``: the line that is taken off with it. ``is_cancelled``: as for ``apply``.
    """
    going, returning = Counter[str](), dict[str, MinorBySource]()
    for payment, amount in parts:
        going[payment.id] += amount.minor
        if payment.is_gift_card and (card := to_cards.destination(payment, amount)):
            minor = to_cards.card_minor(payment, amount)
            back = ledger.funding.parts_returning(str(payment.transfer_id), minor)
            returning[card.id] = ledger.funding.add(returning.get(card.id, NOTHING), back)
    facts = orders.facts.preview(
        order,
        going=going,
        returning=returning,
        taking_off=taking_off,
        is_cancelled=is_cancelled,
    )
    return orders.consequences.of_refund(facts)


def preview_chargeback(order: Order, payment: Payment) -> list[Consequence]:
    """What follows once all that is left of this payment is charged back. Nothing is changed."""
    funded = orders.facts.preview_paid_with(order, payment)
    frozen = orders.consequences.of_chargeback(funded)
    going = {payment.id: payment.left_minor}
    facts = orders.facts.preview(order, going=going, returning={}, is_chargeback=True)
    known = {each.funded.card.id for each in frozen}
    more = orders.consequences.of_refund(facts)
    return [
        *frozen,
        *(
            each
            for each in more
            if not isinstance(each, FreezeCard) or each.funded.card.id not in known
        ),
    ]


def apply(order: Order, *, by: Actor, is_cancelled: bool = False) -> None:
    """Apply what follows from what a locked order was refunded and charged back so far.

    Cards are cancelled, frozen or debited, and an order without any money left ends.
    ``is_cancelled``: it ends although nothing was ever to be paid for it.
    """
    facts = orders.facts.locked(order, is_cancelled=is_cancelled)
    gone = "refunded or charged back" if facts.charged_back else "refunded"
    for each in orders.consequences.of_refund(facts):
        if isinstance(each, EndOrder):
            order = _end(order, each, by=by, gone=gone)
        elif isinstance(each, EndShipping):
            order = _end_shipping(order)
        else:
            is_taken_off = facts.has_taken_off(each.funded)
            why = "its item was taken off" if is_taken_off else f"the order was {gone}"
            _change_card(order, each, by=by, reason=why)
    orders.queue_event("order.updated", order)


def _change_card(
    order: Order,
    found: TakeBonus | TakeBack | CancelCard | FreezeCard,
    *,
    by: Actor,
    reason: str,
) -> None:
    if isinstance(found, TakeBonus):
        orders.bonus.take_back(order, found, by=by, reason=reason)
    elif isinstance(found, TakeBack):
        orders.card_credits.take_back(order, found, by=by, reason=reason)
    elif isinstance(found, FreezeCard):
        orders.card_credits.freeze(order, found, by=by, reason=reason)
    else:
        card = cards.endings.cancel(found.funded.card.id, by=by, reason=reason)
        notes.add(order.id, f"Gift card •••• {card.last4} was cancelled: {reason}.")


def _end_shipping(order: Order) -> Order:
    audit.seals.change(models.Order, order.id, fulfilment=NOT_NEEDED)
    notes.add(order.id, "There is nothing to ship any more.")
    return replace(order, fulfilment=NOT_NEEDED)


def _end(order: Order, found: EndOrder, *, by: Actor, gone: str) -> Order:
    """No money left and nothing shipped: Shipping Denied, or cancelled (S49 to S51, D8, I18)."""
    if found.fulfilment == SHIPPED:
        return order
    status, fulfilment = found.status, found.fulfilment
    audit.record(by=by, action=f"order.{status}", subject=order.id, is_test=order.is_test)
    audit.seals.change(models.Order, order.id, status=status, fulfilment=fulfilment)
    notes.add(order.id, _end_note(order, status, gone))
    return replace(order, status=status, fulfilment=fulfilment)


def _end_note(order: Order, status: str, gone: str) -> str:
    if order.paid_at is None:
        return "The order was not paid: it was cancelled."
    if status == SHIPPING_DENIED:
        return (
            f"Everything was {gone} before anything was shipped: Shipping Denied, the fulfilment"
            " was cancelled."
        )
    return f"Everything was {gone}: the order was cancelled."
