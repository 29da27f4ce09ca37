"""Withdrawing an unused card with all that hangs on it: its order, its price (S44, S45, D6)."""

from dataclasses import dataclass

from giftweb import database
from giftweb.database import transactional
from giftweb.domain import card_endings, card_values, notes, payments, refunds
from giftweb.domain import order_values as orders
from giftweb.domain.audit import Actor
from giftweb.domain.card_values import Card
from giftweb.domain.order_values import Order
from giftweb.domain.orders import tell
from giftweb.domain.refund_values import Refund
from giftweb.errors import NotFound
from giftweb.money import Money


@dataclass(frozen=True, slots=True)
class Withdrawn:
    """The cancelled card, and what it had cost on its way back; ``refunds`` may be claimed."""

    card: Card
    refunds: tuple[Refund, ...]

    @property
    def claimed(self) -> list[str]:
        """What ``refunds.carry_out`` is to be called with, outside the transaction."""
        return [refund.id for refund in self.refunds]


@transactional
def withdraw(card_id: str, *, by: Actor, reason: str | None = None) -> Withdrawn:
    """Cancel an unused card. A bought one gives its price back to what paid for it (D6).

    A card in the stead of another one counts as that one.

    Raises: NotFound, CardAlreadyUsed, CardInUse, CardNotUsable (already over).
    """
    first = _first(card_values.find(card_id))
    order = orders.lock(first.order_id) if first.order_id else None
    if order:
        for payment in payments.of_order(order.id):
            payments.lock(payment.id)
    ended = card_endings.cancel(card_id, by=by, reason=reason)
    if order is None:
        return Withdrawn(ended, ())
    notes.tell(order.id, f"Gift card •••• {ended.last4} of {ended.initial} was deleted.")
    given = _refund_price(order, first, by=by, reason=reason) if _was_bought(first) else []
    if not given:
        tell("order.updated", order)
    return Withdrawn(ended, tuple(given))


def price_parts(card: Card) -> list[tuple[payments.Payment, Money]]:
    """Which payments the price of a bought card goes back to, and how much; none for others."""
    first = _first(card)
    if not _was_bought(first) or first.order_id is None:
        return []
    left, parts = _price_minor(first), []
    for payment in payments.of_order(first.order_id):
        part = min(left, payment.left.minor)
        if part > 0 and not payment.is_gift_card:
            parts.append((payment, Money(part, payment.amount.currency)))
            left -= part
    return parts


def _price_minor(bought: Card) -> int:
    """What the card had cost, in its order's currency (S66)."""
    return database.scalar("SELECT unit_minor FROM order_item WHERE id = ?", bought.order_item_id)


def _refund_price(order: Order, card: Card, *, by: Actor, reason: str | None) -> list[Refund]:
    said = reason or f"Gift card •••• {card.last4} was deleted"
    return [
        refunds.refund(payment.id, by=by, amount=part, reason=said)
        for payment, part in price_parts(card)
    ]


def _was_bought(card: Card) -> bool:
    return card.origin in orders.PURCHASED


def _first(card: Card) -> Card:
    """The card that all of a chain of replacements began with."""
    while card.replaces_id:
        card = card_values.find(card.replaces_id)
    return card


@transactional
def delete(order_id: str, *, card_id: str, by: Actor, reason: str | None = None) -> Withdrawn:
    """**Delete** beside a card on the order's page: ``withdraw``, for a card of this order.

    Raises: as ``withdraw``; NotFound when the card is not of this order, or was given as a refund.
    """
    found = database.scalar(
        "SELECT origin FROM gift_card WHERE id = ? AND order_id = ?", card_id, order_id
    )
    if found not in (*orders.ISSUED, *orders.PURCHASED):
        raise NotFound
    return withdraw(card_id, by=by, reason=reason)
