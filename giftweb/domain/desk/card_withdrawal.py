"""Withdrawing an unused card with all that hangs on it: its order, its price (S44, S45, D6)."""

from dataclasses import dataclass

from giftweb import database
from giftweb.database import transactional
from giftweb.domain import cards, notes, orders, payments, refunds
from giftweb.domain.audit.log import Actor
from giftweb.domain.cards.values import Card
from giftweb.domain.payments.payments import Payment
from giftweb.domain.payments.refund_values import Refund
from giftweb.errors import NotFound, Refused
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


@dataclass(frozen=True, slots=True)
class Price:
    """What was paid for a part of a card's money, in its order's currency."""

    order_id: str
    amount_minor: int
    is_recharge: bool


@dataclass(frozen=True, slots=True)
class Part:
    """What of a price goes back to one payment."""

    payment: Payment
    amount: Money
    is_recharge: bool


@transactional
def withdraw(card_id: str, *, by: Actor, reason: str | None = None) -> Withdrawn:
    """Cancel an unused card. What was paid for it and its recharges goes back (D6).

    A card in the stead of another one counts as that one.

    Raises: NotFound, CardAlreadyUsed, CardInUse, CardNotUsable (already over), Refused (it has
    just been recharged).
    """
    card = cards.find(card_id)
    first, prices, count = _first(card), _prices(card), _count_recharges(card)
    own = {first.order_id} if first.order_id else set()
    for order_id in sorted(own | {price.order_id for price in prices}):
        orders.lock(order_id)
        for payment in payments.of_order(order_id):
            payments.lock(payment.id)
    ended = cards.endings.cancel(card_id, by=by, reason=reason)
    if _count_recharges(card) != count:
        raise Refused("This card has just been recharged. Look at it again.")
    if first.order_id:
        notes.add(first.order_id, f"Gift card •••• {ended.last4} of {ended.initial} was deleted.")
    given = [refund for price in prices for refund in _refund(price, card, by=by, reason=reason)]
    told = {refund.order_id for refund in given}
    for order_id in sorted(own - told):
        orders.queue_event("order.updated", orders.find(order_id))
    return Withdrawn(ended, tuple(given))


def _refund(price: Price, card: Card, *, by: Actor, reason: str | None) -> list[Refund]:
    if price.is_recharge:
        said = f"Gift card •••• {card.last4}, which it recharged, was deleted."
        notes.add(price.order_id, said)
    why = reason or f"Gift card •••• {card.last4} was deleted"
    return [
        refunds.refund(part.payment.id, by=by, amount=part.amount, reason=why)
        for part in _parts(price)
    ]


def price_parts(card: Card) -> list[Part]:
    """Which payments a card's prices go back to, and how much; none for what cost nothing."""
    return [part for price in _prices(card) for part in _parts(price)]


def _parts(price: Price) -> list[Part]:
    left, parts = price.amount_minor, []
    for payment in payments.of_order(price.order_id):
        part = min(left, payment.left.minor)
        if part > 0 and not payment.is_gift_card:
            money = Money(part, payment.amount.currency)
            parts.append(Part(payment, money, price.is_recharge))
            left -= part
    return parts


def _prices(card: Card) -> list[Price]:
    """What the card was bought for, then its recharges that nobody has taken back (S66, B7)."""
    first, prices = _first(card), []
    if _was_bought(first) and first.order_id is not None:
        prices.append(Price(first.order_id, _price_minor(first), False))
    recharged = database.rows(
        f"{cards.endings.CHAIN} SELECT i.order_id, i.unit_minor {_RECHARGES} AND NOT EXISTS"
        " (SELECT 1 FROM transfer t WHERE t.parent_id = i.transfer_id) ORDER BY i.order_id",
        card.id,
    )
    return prices + [Price(order_id, minor, True) for order_id, minor in recharged]


_RECHARGES = "FROM order_item i WHERE i.recharges_id IN (SELECT id FROM chain)"


def _count_recharges(card: Card) -> int:
    return database.scalar(f"{cards.endings.CHAIN} SELECT COUNT(*) {_RECHARGES}", card.id)


def _price_minor(bought: Card) -> int:
    return database.scalar("SELECT unit_minor FROM order_item WHERE id = ?", bought.order_item_id)


def _was_bought(card: Card) -> bool:
    return card.origin in orders.PURCHASED


def _first(card: Card) -> Card:
    """The card that all of a chain of replacements began with."""
    while card.replaces_id:
        card = cards.find(card.replaces_id)
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
