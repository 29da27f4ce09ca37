"""What follows from the refunds of an order: previewed, and carried out in their transaction."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import replace

from giftweb import models
from giftweb.domain import audit, cards, notes, orders
from giftweb.domain.audit.log import Actor
from giftweb.domain.orders.consequences import (
    CancelCard,
    Consequence,
    EndOrder,
    FreezeCard,
    TakeBack,
    TakeBonus,
)
from giftweb.domain.orders.values import SHIPPED, SHIPPING_DENIED, Order
from giftweb.domain.payments.payments import Payment
from giftweb.domain.refunds import to_cards
from giftweb.money import Money

_REFUNDED = "the order was refunded"


def preview(order: Order, parts: Iterable[tuple[Payment, Money]]) -> list[Consequence]:
    """What follows once these parts of the order's payments are refunded. Nothing is changed."""
    refunding, returning = Counter[str](), Counter[str]()
    for payment, amount in parts:
        refunding[payment.id] += amount.minor
        if payment.is_gift_card and (card := to_cards.destination(payment)):
            returning[card.id] += to_cards.card_minor(payment, amount)
    facts = orders.facts.preview(order, refunding=refunding, returning=returning)
    return orders.consequences.of_refund(facts)


def carry_out(order: Order, *, by: Actor) -> None:
    """Do what follows from the refunds of a locked order, as far as they have come."""
    for each in orders.consequences.of_refund(orders.facts.locked(order)):
        if isinstance(each, EndOrder):
            order = _end(order, each, by=by)
        else:
            _change_card(order, each, by=by)
    orders.queue_event("order.updated", order)


def _change_card(
    order: Order, found: TakeBonus | TakeBack | CancelCard | FreezeCard, *, by: Actor
) -> None:
    if isinstance(found, TakeBonus):
        orders.bonus.take_back(order, found, by=by)
    elif isinstance(found, TakeBack):
        orders.card_credits.take_back(order, found, by=by, reason=_REFUNDED)
    elif isinstance(found, FreezeCard):
        orders.card_credits.freeze(order, found, by=by, reason=_REFUNDED)
    else:
        card = cards.endings.cancel(found.funded.card.id, by=by, reason=_REFUNDED)
        notes.add(order.id, f"Gift card •••• {card.last4} was cancelled: {_REFUNDED}.")


def _end(order: Order, found: EndOrder, *, by: Actor) -> Order:
    """Fully refunded and nothing shipped: Shipping Denied, or cancelled (S49 to S51, D8, I18)."""
    if found.fulfilment == SHIPPED:
        return order
    status, fulfilment = found.status, found.fulfilment
    audit.record(by=by, action=f"order.{status}", subject=order.id, is_test=order.is_test)
    audit.seals.change(models.Order, order.id, status=status, fulfilment=fulfilment)
    notes.add(
        order.id,
        "Everything was refunded before anything was shipped: Shipping Denied, the fulfilment"
        " was cancelled."
        if status == SHIPPING_DENIED
        else "Everything was refunded: the order was cancelled.",
    )
    return replace(order, status=status, fulfilment=fulfilment)
