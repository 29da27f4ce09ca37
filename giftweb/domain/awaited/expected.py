"""What awaited money will bring to whoever is an order's customer once it has come (D21)."""

from collections.abc import Iterator
from typing import NamedTuple

from peewee import fn

from giftweb.database.listings import literal
from giftweb.domain import campaigns, cards, catalogue, orders, payments
from giftweb.domain.catalogue.items import Item
from giftweb.domain.orders.values import Order
from giftweb.models import Order as OrderRow
from giftweb.models import Payment
from giftweb.money import Money


class Expected(NamedTuple):
    """A gift card that an order will make, and that its customer can use or print then."""

    order_id: str
    amount: Money
    is_test: bool


def of_customer(customer_id: str) -> list[Expected]:
    """The gift cards that the customer's awaited orders will make, and their bonuses.

    A recharge of a card of theirs is left out: its money follows that card.
    """
    awaited = Payment.select(Payment.id).where(
        Payment.order == OrderRow.id, Payment.state == literal("pending")
    )
    theirs = orders.values.select().where(OrderRow.customer == customer_id, fn.EXISTS(awaited))
    return [each for order in theirs.order_by(OrderRow.id) for each in _of_order(order)]


def _of_order(order: Order) -> Iterator[Expected]:
    for part in sorted({each.part for each in payments.of_order(order.id) if each.is_awaited}):
        for item in orders.fulfilment.items_of(order, part):
            if _reaches_customer(order, item):
                amount = catalogue.prices.worth(item, order.currency)
                yield from [Expected(order.id, amount, order.is_test)] * item.quantity
        bonus = orders.bonus.amount_minor(order, campaigns.find(order.campaign_id))
        if part == 0 and bonus:
            yield Expected(order.id, Money(bonus, order.currency), order.is_test)


def _reaches_customer(order: Order, item: Item) -> bool:
    """Whether the order's customer will hold the line's cards, or may print them."""
    if item.recharges:
        return _makes_a_card(order, item.recharges)
    return item.is_mailed or (item.is_gift_card and not item.recipient_email)


def _makes_a_card(order: Order, card_id: str) -> bool:
    """Whether a recharge is none by now, as its card can take no money, and buys a new one."""
    card = cards.current_replacement(cards.find(card_id))
    if card.holder_email == order.customer_email and card.status not in cards.locking.NOT_ALIVE:
        return False
    return bool(orders.recharges.refusal_reason(card, is_test=order.is_test))
