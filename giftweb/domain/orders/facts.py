"""The facts of an order that a refund, a chargeback or a line taken off has consequences for."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from peewee import ModelSelect

from giftweb import models
from giftweb.domain import campaigns, cards, ledger, payments
from giftweb.domain.cards.values import Card
from giftweb.domain.ledger.funding import MinorBySource, Remainder
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
from giftweb.domain.orders.line import Line
from giftweb.domain.orders.values import Order
from giftweb.domain.payments.payments import Payment

BONUS_ORIGIN = "campaign"


def locked(order: Order, *, is_cancelled: bool = False) -> Facts:
    """The facts of a locked order; locks the cards that something may follow for.

    ``is_cancelled``: it is to end, although nothing may ever have been paid for it.
    """
    refunds = payments.refund_values.of_order(order.id)
    is_claimed = any(refund.is_claimed for refund in refunds)
    found = _of_order(order, has_claimed_refund=is_claimed, going={}, is_cancelled=is_cancelled)
    return replace(found, cards=tuple(_lock_all(order, _credits(order, found))))


def preview(
    order: Order,
    *,
    going: Mapping[str, int],
    returning: Mapping[str, MinorBySource],
    is_chargeback: bool = False,
    is_cancelled: bool = False,
    taking_off: str | None = None,
) -> Facts:
    """The facts as they will be once so much more is refunded or charged back; nothing is locked.

    ``going``: by payment id. ``returning``: what comes back on cards, by card id.
    ``taking_off``: the line that is taken off, too.
    """
    found = _of_order(
        order,
        has_claimed_refund=False,
        going=going,
        taking_off=taking_off,
        is_cancelled=is_cancelled,
    )
    if is_chargeback:
        taken = {each.part for each in payments.of_order(order.id) if each.id in going}
        found = replace(found, charged_back=found.charged_back | taken)
    funded = _read_all(order, _credits(order, found), returning)
    return replace(found, cards=tuple(funded))


def earning(order: Order, *, paid: Sequence[Payment], going: Mapping[str, int]) -> Earning:
    """What earns the order's bonus, and what of it is gone once so much more goes."""
    campaign, lines = campaigns.find(order.campaign_id), values.lines(order.id)
    return _earning(campaign, lines, paid=paid, going=going, taken_off=_taken_off(lines))


def _earning(
    campaign: campaigns.Campaign,
    lines: Sequence[Line],
    *,
    paid: Sequence[Payment],
    going: Mapping[str, int],
    taken_off: Collection[str],
) -> Earning:
    own = [payment for payment in paid if not payment.is_upsell]
    placed = [line for line in lines if not line.is_upsell]
    total = sum(payment.amount_minor for payment in own)
    left = sum(payment.left_minor - going.get(payment.id, 0) for payment in own)
    idle = [line for line in placed if line.is_gift_card and not campaign.bonus_on_gift_cards]
    gone = [line for line in placed if line.id in taken_off and line not in idle]
    return Earning(
        terms=replace(campaign.settings, issue_after_sales=True),
        total_minor=total,
        shipping_minor=total - sum(line.share_minor for line in placed),
        gift_cards_minor=sum(line.share_minor for line in idle),
        has_gift_cards=bool(idle),
        gone_minor=total - left,
        taken_off_minor=sum(line.share_minor for line in gone),
    )


def _taken_off(lines: Iterable[Line]) -> frozenset[str]:
    return frozenset(line.id for line in lines if line.taken_off_at)


def ships(lines: Iterable[Line], *, paid: Iterable[Payment], campaign: campaigns.Campaign) -> bool:
    """Whether any of these lines of an order is to be shipped, now or once the order is paid.

    What was added later waits for its money, unless the campaign ships before the payment.
    """
    waiting = {each.part for each in paid if each.is_awaited and each.is_upsell}
    if campaign.ship_before_payment:
        waiting = set()
    return any(line.requires_shipping and line.part not in waiting for line in lines)


def _of_order(
    order: Order,
    *,
    has_claimed_refund: bool,
    going: Mapping[str, int],
    taking_off: str | None = None,
    is_cancelled: bool = False,
) -> Facts:
    paid, campaign = payments.of_order(order.id), campaigns.find(order.campaign_id)
    lines = values.lines(order.id)
    taken_off = _taken_off(lines) | ({taking_off} if taking_off else set())
    kept = [line for line in lines if line.id not in taken_off]
    left = [(payment.part, payment.left_minor - going.get(payment.id, 0)) for payment in paid]
    owing = {part for part, minor in left if minor}
    return Facts(
        left_minor=sum(minor for _, minor in left),
        unpaid=frozenset(part for part, _ in left if part not in owing),
        charged_back=frozenset(payment.part for payment in paid if payment.charged_back),
        refunded=frozenset(payment.part for payment in paid if payment.refunded),
        taken_off=taken_off,
        ships=ships(kept, paid=paid, campaign=campaign),
        has_claimed_refund=has_claimed_refund,
        is_awaited=any(payment.is_awaited for payment in paid),
        is_unpaid=values.payment_status(paid) == "cancelled",
        had_payments=is_cancelled or any(_is_of_order(payment) for payment in paid),
        is_over=order.is_over,
        fulfilment=order.fulfilment,
        takes_bonus_back=campaign.bonus_claw_back,
        earning=_earning(campaign, lines, paid=paid, going=going, taken_off=taken_off),
        cards=(),
    )


def _is_of_order(payment: Payment) -> bool:
    """Not what was to be added and never paid: the order is as if nobody had added it."""
    return not payment.is_upsell or payment.state != payments.CANCELLED


def _credits(order: Order, found: Facts) -> list[tuple[str, Credit]]:
    """Where the order's money is on cards: the bonus always, the others when some are taken."""
    of_it = values.cards_of(order.id)
    bonus = [card.id for card in of_it if card.origin == BONUS_ORIGIN]
    credits = [(BONUS, credit) for credit in card_credits.issues_of(bonus)]
    if not found.takes_cards and not found.taken_off:
        return credits
    bought = [card.id for card in of_it if card.origin in values.PURCHASED]
    credits += [(PURCHASED, credit) for credit in card_credits.issues_of(bought)]
    line = models.OrderItem
    return credits + [(RECHARGE, credit) for credit in _recharges(line.order == order.id)]


def paid_with(order: Order, payment: Payment) -> list[Funded]:
    """The bought cards and recharges of the part that a payment paid, locked."""
    return list(_lock_all(order, _credits_paid_with(payment)))


def preview_paid_with(order: Order, payment: Payment) -> list[Funded]:
    """As ``paid_with``, but nothing is locked."""
    return list(_read_all(order, _credits_paid_with(payment), {}))


def _credits_paid_with(payment: Payment) -> list[tuple[str, Credit]]:
    line, card, paid = models.OrderItem, models.GiftCard, models.Payment
    same = (paid.order == line.order) & (paid.part == line.part)
    with_it = line.select(line.id).join(paid, on=same).where(paid.id == payment.id)
    bought = card.select(card.id).where(
        card.order_id == payment.order_id,
        card.origin.in_(values.PURCHASED),
        card.order_item_id.in_(with_it),
    )
    issued = card_credits.issues_of([each.id for each in bought.order_by(card.id)])
    recharged = _recharges(line.id.in_(with_it))
    return [(PURCHASED, credit) for credit in issued] + [(RECHARGE, each) for each in recharged]


def _recharges(condition: object) -> list[Credit]:
    line = models.OrderItem
    found: ModelSelect = line.select(line.transfer_id).where(
        condition, line.transfer_id.is_null(False)
    )
    return card_credits.find_many([each.transfer_id for each in found.order_by(line.position)])


def _lock_all(order: Order, credits: list[tuple[str, Credit]]) -> Iterator[Funded]:
    current = cards.endings.lock_all_current(credit.card_id for _, credit in credits)
    return _funded(order, [(*each, current[each[1].card_id]) for each in credits])


def _read_all(
    order: Order, credits: list[tuple[str, Credit]], returning: Mapping[str, MinorBySource]
) -> Iterator[Funded]:
    first = cards.find_many([credit.card_id for _, credit in credits])
    found = []
    for kind, credit in credits:
        card = cards.current_replacement(first[credit.card_id])
        parts = ledger.funding.add(card.parts, returning.get(card.id, ledger.funding.NOTHING))
        after = card._replace(balance_minor=sum(parts), **cards.values.funded(parts))
        found.append((kind, credit, after))
    return _funded(order, found)


def _funded(order: Order, found: Sequence[tuple[str, Credit, Card]]) -> Iterator[Funded]:
    """What the database says of all of them at once, however many cards an order has bought."""
    if not found:
        return
    owners = ledger.funding.owners_of(card.id for _, _, card in found)
    money, lines = ledger.funding.credits_of(owners), _lines_of(found)
    missing, shared = card_credits.known_shortfalls(order, owners), set[str]()
    used = cards.endings.used_of(owners)
    if any(kind == PURCHASED for kind, _, _ in found):
        shared = card_credits.shared_of(order, owners)
    for kind, credit, card in found:
        remainders = ledger.funding.left_by_credit(money[card.id], card.parts)
        unheld = ledger.funding.after_spending(remainders, card.held_minor)
        taken = card_credits.taken_of_bonus(_chain_of(card, owners)) if kind == BONUS else 0
        line_id, part = lines.get(credit.id, (None, 0))
        yield Funded(
            kind=kind,
            credit=credit,
            card=card,
            balance_minor=_left_of(credit, remainders),
            available_minor=_left_of(credit, unheld),
            known_minor=missing[card.id] + taken,
            is_shared=kind == PURCHASED and card.id in shared,
            is_used=card.id in used,
            part=part,
            line_id=line_id,
        )


def _chain_of(card: Card, owners: Mapping[str, str]) -> list[str]:
    return [card_id for card_id, owner in owners.items() if owner == card.id]


def _lines_of(found: Sequence[tuple[str, Credit, Card]]) -> dict[str, tuple[str, int]]:
    """The line that bought each card or recharge, with its part, by the credit's id."""
    line, card = models.OrderItem, models.GiftCard
    bought = {credit.card_id: credit.id for kind, credit, _ in found if kind == PURCHASED}
    recharged = [credit.id for kind, credit, _ in found if kind == RECHARGE]
    of_cards = card.select(card.id, line.id, line.part).join(line, on=card.order_item_id == line.id)
    of_recharges = line.select(line.transfer_id, line.id, line.part)
    lines = {}
    for card_id, line_id, part in of_cards.where(card.id.in_(list(bought))).tuples():
        lines[bought[card_id]] = (line_id, part)
    for credit_id, line_id, part in of_recharges.where(line.transfer_id.in_(recharged)).tuples():
        lines[credit_id] = (line_id, part)
    return lines


def _left_of(credit: Credit, remainders: Sequence[Remainder]) -> int:
    return min(credit.left_minor, ledger.funding.left_of(credit.id, remainders))
