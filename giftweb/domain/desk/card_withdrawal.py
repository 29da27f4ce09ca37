"""Withdrawing an unused card with all that hangs on it: its order, its price (S44, S45, D6)."""

from dataclasses import dataclass

from peewee import ModelSelect, fn

from giftweb import models
from giftweb.database import transactional
from giftweb.domain import cards, notes, orders, payments, refunds
from giftweb.domain.audit.log import Actor
from giftweb.domain.cards.values import Card
from giftweb.domain.payments.payments import Payment
from giftweb.domain.payments.refund_values import Refund
from giftweb.errors import NotFound, Refused
from giftweb.language import gettext
from giftweb.money import Money


@dataclass(frozen=True, slots=True)
class Withdrawn:
    """The cancelled card and the refunds of its price, which may be claimed."""

    card: Card
    refunds: tuple[Refund, ...]

    @property
    def claimed(self) -> list[str]:
        """What ``refunds.send`` is to be called with, outside the transaction."""
        return [refund.id for refund in self.refunds]


@dataclass(frozen=True, slots=True)
class Price:
    """What was paid for a part of a card's money, after discount, in its order's currency.

    ``part``: of the order, with the payments of that part.
    """

    order_id: str
    amount_minor: int
    is_recharge: bool
    part: int


@dataclass(frozen=True, slots=True)
class Part:
    """What of a price goes back to one payment."""

    payment: Payment
    amount: Money
    is_recharge: bool


@transactional
def withdraw(card_id: str, *, by: Actor, reason: str | None = None) -> Withdrawn:
    """Cancel an unused card. What was paid for it and its recharges goes back (D6).

    A replacement counts as the card that it replaces.

    Raises: NotFound, CardAlreadyUsed, CardInUse, CardNotUsable (already over), Refused (it has
    just been recharged).
    """
    card = cards.find(card_id)
    first, prices, count = _first(card), _prices(card), _recharges(card).count()
    own = {first.order_id} if first.order_id else set()
    for order_id in sorted(own | {price.order_id for price in prices}):
        orders.lock(order_id)
        for payment in payments.of_order(order_id):
            payments.lock(payment.id)
    ended = cards.endings.cancel(card_id, by=by, reason=reason)
    if _recharges(card).count() != count:
        raise Refused(gettext("This card has just been recharged. Look at it again."))
    if first.order_id:
        text = f"Gift card •••• {ended.last4} of {ended.initial} was deleted"
        notes.add(first.order_id, text, by=by, reason=reason)
    found = [refund for price in prices for refund in _refund(price, card, by=by, reason=reason)]
    for order_id in sorted(own - {refund.order_id for refund in found}):
        orders.queue_event("order.updated", orders.find(order_id))
    return Withdrawn(ended, tuple(found))


def _refund(price: Price, card: Card, *, by: Actor, reason: str | None) -> list[Refund]:
    if price.is_recharge:
        text = f"Gift card •••• {card.last4}, which it recharged, was deleted."
        notes.add(price.order_id, text)
    why = reason or f"Gift card •••• {card.last4} was deleted"
    return [
        refunds.refund(part.payment.id, by=by, amount=part.amount, reason=why)
        for part in _parts(price)
    ]


def price_parts(card: Card) -> list[Part]:
    """Which payments a card's prices go back to, and how much; none for what cost nothing."""
    return [part for price in _prices(card) for part in _parts(price)]


def _parts(price: Price) -> list[Part]:
    paid = [each for each in payments.of_order(price.order_id) if each.part == price.part]
    found = refunds.lines.parts_of(price.amount_minor, paid, is_gift_card=True)
    return [Part(payment, amount, price.is_recharge) for payment, amount in found]


def _prices(card: Card) -> list[Price]:
    """What was paid for the card, then for its recharges that nobody has taken back (S66, B7)."""
    first, prices = _first(card), []
    if _was_bought(first):
        prices.append(_price_of(first))
    line, back = models.OrderItem, models.Transfer
    is_taken_back = fn.EXISTS(back.select(back.id).where(back.parent_id == line.transfer_id))
    is_kept = line.taken_off_at.is_null()
    found = _recharges(card).where(~is_taken_back, is_kept).order_by(line.order)
    return prices + [_price(each, _paid_minor(each), is_recharge=True) for each in found]


def _price_of(bought: Card) -> Price:
    """The card's part of what was paid for its line, to the cent (D24); nothing once the line was
    taken off, and its share given back."""
    line = models.OrderItem.get_by_id(bought.order_item_id)
    paid_minor = 0 if line.taken_off_at else _paid_minor(line)
    parts = orders.shares.split(paid_minor, [1] * line.quantity)
    same = models.GiftCard.select(models.GiftCard.id).where(
        models.GiftCard.order_item_id == line.id, models.GiftCard.id < bought.id
    )
    return _price(line, parts[same.count()], is_recharge=False)


def _price(line: models.OrderItem, minor: int, *, is_recharge: bool) -> Price:
    return Price(line.order_id, minor, is_recharge, line.part)


def _paid_minor(line: models.OrderItem) -> int:
    found = orders.values.lines(line.order_id)
    return next(each.share_minor for each in found if each.id == line.id)


def _recharges(card: Card) -> ModelSelect:
    """The lines that recharged the card, or one that it replaces."""
    line = models.OrderItem
    return line.select().where(line.recharges.in_(orders.card_credits.chain_of(card)))


def _was_bought(card: Card) -> bool:
    return card.origin in orders.PURCHASED and card.order_item_id is not None


def _first(card: Card) -> Card:
    """The card that all of a chain of replacements began with."""
    while card.replaces_id:
        card = cards.find(card.replaces_id)
    return card


@transactional
def delete(order_id: str, *, card_id: str, by: Actor, reason: str | None = None) -> Withdrawn:
    """**Delete** beside a card on the order's page: ``withdraw``, for a card of this order.

    Raises: as ``withdraw``; NotFound when the card is not of this order, or was issued as a refund.
    """
    card = cards.find(card_id)
    if card.order_id != order_id or card.origin not in (*orders.ISSUED, *orders.PURCHASED):
        raise NotFound
    return withdraw(card_id, by=by, reason=reason)
