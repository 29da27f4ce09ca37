"""The facts of an order that a refund or a chargeback has consequences for, read or locked."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from peewee import ModelSelect

from giftweb import models
from giftweb.domain import campaigns, cards, payments
from giftweb.domain.cards.values import Card
from giftweb.domain.orders import card_credits, values
from giftweb.domain.orders.consequences import (
    BONUS,
    PURCHASED,
    RECHARGE,
    Credit,
    Earning,
    Facts,
    Funded,
)
from giftweb.domain.orders.values import Order
from giftweb.domain.payments.payments import Payment

BONUS_ORIGIN = "campaign"


def locked(order: Order) -> Facts:
    """The facts of a locked order; locks the cards that something may follow for."""
    refunds = payments.refund_values.of_order(order.id)
    is_claimed = any(refund.is_claimed for refund in refunds)
    found = _of_order(order, has_claimed_refund=is_claimed, going={})
    return replace(found, cards=tuple(_lock_all(order, _credits(order, found))))


def preview(
    order: Order,
    *,
    going: Mapping[str, int],
    returning: Mapping[str, int],
    is_chargeback: bool = False,
) -> Facts:
    """The facts as they will be once so much more is refunded or charged back; nothing is locked.

    ``going``: by payment id. ``returning``: what comes back on cards, by card id, in their own
    minor units.
    """
    found = _of_order(order, has_claimed_refund=False, going=going)
    if is_chargeback:
        taken = {each.part for each in payments.of_order(order.id) if each.id in going}
        found = replace(found, charged_back=found.charged_back | taken)
    funded = _read_all(order, _credits(order, found))
    return replace(found, cards=tuple(_with_returned(each, returning) for each in funded))


def earning(order: Order, *, paid: Sequence[Payment], going: Mapping[str, int]) -> Earning:
    """What earns the order's bonus, and what of it is gone once so much more goes."""
    own = [payment for payment in paid if not payment.is_upsell]
    total = sum(payment.amount_minor for payment in own)
    left = sum(payment.left_minor - going.get(payment.id, 0) for payment in own)
    campaign = campaigns.find(order.campaign_id)
    return Earning(
        terms=replace(campaign.settings, issue_after_sales=True),
        total_minor=total,
        shipping_minor=order.shipping_minor,
        gift_cards_minor=0 if campaign.bonus_on_gift_cards else _gift_cards_minor(order),
        gone_minor=total - left,
    )


def _gift_cards_minor(order: Order) -> int:
    """What was paid for the gift cards and recharges of the order as it was placed."""
    lines = [line for line in values.lines(order.id) if not line.is_upsell]
    return sum(line.share_minor for line in lines if line.is_gift_card)


def _of_order(order: Order, *, has_claimed_refund: bool, going: Mapping[str, int]) -> Facts:
    paid, campaign = payments.of_order(order.id), campaigns.find(order.campaign_id)
    left = [(payment.part, payment.left_minor - going.get(payment.id, 0)) for payment in paid]
    owing = {part for part, minor in left if minor}
    return Facts(
        left_minor=sum(minor for _, minor in left),
        unpaid=frozenset(part for part, _ in left if part not in owing),
        charged_back=frozenset(payment.part for payment in paid if payment.charged_back),
        refunded=frozenset(payment.part for payment in paid if payment.refunded),
        has_claimed_refund=has_claimed_refund,
        is_awaited=any(payment.is_awaited for payment in paid),
        is_unpaid=values.payment_status(paid) == "cancelled",
        is_over=order.is_over,
        fulfilment=order.fulfilment,
        takes_bonus_back=campaign.bonus_claw_back,
        earning=earning(order, paid=paid, going=going),
        cards=(),
    )


def _credits(order: Order, found: Facts) -> list[tuple[str, Credit]]:
    """Where the order's money is on cards: the bonus always, the others when a part is unpaid."""
    of_it = values.cards_of(order.id)
    bonus = [card for card in of_it if card.origin == BONUS_ORIGIN]
    credits = [(BONUS, card_credits.issue_of(card.id)) for card in bonus]
    if not found.takes_cards:
        return credits
    bought = [card for card in of_it if card.origin in values.PURCHASED]
    credits += [(PURCHASED, card_credits.issue_of(card.id)) for card in bought]
    line = models.OrderItem
    return credits + [(RECHARGE, credit) for credit in _recharges(line.order == order.id)]


def paid_with(order: Order, payment: Payment) -> list[Funded]:
    """The bought cards and recharges of the part that a payment paid, locked."""
    return list(_lock_all(order, _credits_paid_with(payment)))


def preview_paid_with(order: Order, payment: Payment) -> list[Funded]:
    """As ``paid_with``, but nothing is locked."""
    return list(_read_all(order, _credits_paid_with(payment)))


def _credits_paid_with(payment: Payment) -> list[tuple[str, Credit]]:
    line, card, paid = models.OrderItem, models.GiftCard, models.Payment
    same = (paid.order == line.order) & (paid.part == line.part)
    with_it = line.select(line.id).join(paid, on=same).where(paid.id == payment.id)
    bought = card.select(card.id).where(
        card.order_id == payment.order_id,
        card.origin.in_(values.PURCHASED),
        card.order_item_id.in_(with_it),
    )
    issued = [card_credits.issue_of(each.id) for each in bought.order_by(card.id)]
    recharged = _recharges(line.id.in_(with_it))
    return [(PURCHASED, credit) for credit in issued] + [(RECHARGE, each) for each in recharged]


def _recharges(condition: object) -> list[Credit]:
    line = models.OrderItem
    found: ModelSelect = line.select(line.transfer_id).where(
        condition, line.transfer_id.is_null(False)
    )
    return [card_credits.find(each.transfer_id) for each in found.order_by(line.position)]


def _lock_all(order: Order, credits: list[tuple[str, Credit]]) -> Iterable[Funded]:
    cards.locking.lock([credit.card_id for _, credit in credits])
    for kind, credit in credits:
        yield _funded(order, kind, credit, cards.endings.lock_current(credit.card_id))


def _read_all(order: Order, credits: list[tuple[str, Credit]]) -> Iterable[Funded]:
    for kind, credit in credits:
        card = cards.current_replacement(cards.find(credit.card_id))
        yield _funded(order, kind, credit, card)


def _funded(order: Order, kind: str, credit: Credit, card: Card) -> Funded:
    chain = card_credits.chain_of(card)
    known = card_credits.known_shortfall(order, chain)
    if kind == BONUS:
        known += card_credits.taken_of_bonus(chain)
    return Funded(
        kind=kind,
        credit=credit,
        card=card,
        later_minor=card_credits.later_minor(credit, chain),
        known_minor=known,
        is_shared=kind == PURCHASED and card_credits.is_shared(order, chain),
        is_used=cards.endings.has_been_used(card.id),
        part=0 if kind == BONUS else _part(kind, credit),
    )


def _part(kind: str, credit: Credit) -> int:
    """The part of the order in which the card or recharge was bought."""
    line, card = models.OrderItem, models.GiftCard
    if kind == RECHARGE:
        return line.get(line.transfer_id == credit.id).part
    bought = line.select().join(card, on=card.order_item_id == line.id)
    return bought.where(card.id == credit.card_id).get().part


def _with_returned(funded: Funded, returning: Mapping[str, int]) -> Funded:
    card = funded.card
    balance = card.balance_minor + returning.get(card.id, 0)
    return replace(funded, card=card._replace(balance_minor=balance))
