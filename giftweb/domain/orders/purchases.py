"""Gift cards that an order buys: issued with it, withdrawn with it (S15, S71 to S73, D6)."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import timedelta
from typing import TYPE_CHECKING

from giftweb import clock
from giftweb.domain import cards, catalogue, json_values, notes, outbox
from giftweb.domain.audit.log import Actor
from giftweb.domain.campaigns.campaigns import Campaign
from giftweb.domain.cards.lifecycle import NewCard
from giftweb.domain.cards.values import Card
from giftweb.domain.orders import card_credits
from giftweb.domain.orders.card_credits import Credit
from giftweb.domain.orders.values import Order
from giftweb.errors import CardAlreadyUsed, CardInUse

if TYPE_CHECKING:
    from giftweb.domain.catalogue.items import Item


def issue(
    order: Order, items: Sequence[tuple[str, "Item"]], *, campaign: Campaign, by: Actor
) -> list[Card]:
    """Issue a card for each one bought, and mail each recipient once with all their codes.

    ``items`` are (order item id, item) pairs. Source: S71, API.md 3.
    """
    bought: dict[tuple[str, str | None], list[Card]] = defaultdict(list)
    for item_id, item in items:
        news = [_new(order, item_id, item, campaign)] * item.quantity
        if item.rate is not None:
            price = item.unit_money(order.currency)
            notes.add(order.id, f"A gift card of {price} is issued as {news[0].amount}.")
        for issued in cards.issue_many(news, by=by):
            if item.type != "physical":
                address = item.recipient_email or order.customer_email
                bought[address, item.deliver_at].append(issued.card)
    for (address, deliver_at), group in bought.items():
        outbox.mail(
            "cards_purchased",
            to=address,
            card_id=group[0].id,
            order_id=order.id,
            not_before=json_values.read_instant(deliver_at),
            data={"cards": [card.id for card in group]},
            is_test=order.is_test,
        )
    return [card for group in bought.values() for card in group]


def _new(order: Order, item_id: str, item: "Item", campaign: Campaign) -> NewCard:
    days = campaign.card_valid_days
    return NewCard(
        amount=catalogue.prices.worth(item, order.currency),
        holder_email=item.recipient_email or order.customer_email,
        holder_name=item.recipient_name or order.customer_name,
        is_test=order.is_test,
        source="sales",
        origin="purchase",
        campaign_id=order.campaign_id,
        type=item.type or "virtual",
        sender_name=item.sender_name,
        sender_email=item.sender_email,
        message=item.message,
        expires_on=None if days is None else clock.today() + timedelta(days=days),
        order_id=order.id,
        order_item_id=item_id,
        send_email=False,
    )


def withdraw(order: Order, bought: Sequence[Card], *, by: Actor, reason: str) -> None:
    """Take back what the order bought: unused cards are cancelled, the others frozen (S73).

    What was spent already stands as a shortfall. Cards that are over stay as they are; one that
    another order has recharged loses this order's money alone.
    """
    for each in bought:
        card = cards.endings.standing(each.id)
        if card.status in card_credits.CLOSED:
            continue
        if card_credits.carries_another(card, order):
            credit = card_credits.issue_of(each.id)
            card_credits.take_back(order, credit, kind="purchased", by=by, reason=reason)
            continue
        try:
            cards.endings.cancel(card.id, by=by, reason=reason)
            notes.add(order.id, f"Gift card •••• {card.last4} was cancelled: {reason}.")
        except (CardAlreadyUsed, CardInUse):
            freeze(order, card_credits.issue_of(each.id), by=by, reason=reason)


def freeze(
    order: Order, credit: Credit, *, by: Actor, reason: str, kind: str = "purchased"
) -> None:
    """Freeze the card of a credit, or the one in its stead, and record what is gone of it.

    What an earlier refund or chargeback of the order recorded is not recorded twice.
    """
    card_id = cards.endings.standing(credit.card_id).id
    frozen = cards.freeze(card_id, by=by, reason=reason)
    spent = credit.left - card_credits.unspent(credit, frozen, with_held=True)
    lack = f" {spent} of it is spent." if spent else ""
    notes.add(order.id, f"Gift card •••• {frozen.last4} was frozen: {reason}.{lack}")
    missing = spent.minor - card_credits.known_shortfall(order, frozen)
    card_credits.record_shortfall(order, frozen, missing, kind=kind)
