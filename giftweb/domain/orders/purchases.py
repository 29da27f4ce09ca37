"""Gift cards that an order buys, issued with it (S15, S71, D6)."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from giftweb import clock
from giftweb.domain import cards, catalogue, json_values, notes, outbox
from giftweb.domain.audit.log import Actor
from giftweb.domain.campaigns.campaigns import Campaign
from giftweb.domain.cards.new_card import NewCard
from giftweb.domain.cards.values import Card
from giftweb.domain.orders.values import Order

if TYPE_CHECKING:
    from giftweb.domain.catalogue.items import Item


def issue(
    order: Order, items: Sequence[tuple[str, "Item"]], *, campaign: Campaign, by: Actor
) -> list[Card]:
    """Issue a card for each one bought, and mail each recipient once with all their codes.

    ``items`` are (order item id, item) pairs. Source: S71.
    """
    bought: dict[tuple[str, str | None], list[Card]] = defaultdict(list)
    for item_id, item in items:
        news = [_new(order, item_id, item, campaign)] * item.quantity
        if item.rate is not None:
            price = item.unit_money(order.currency)
            notes.add(order.id, f"A gift card of {price} is issued as {news[0].amount}.")
        for issued in cards.issue_many(news, by=by):
            if item.is_mailed:
                address = item.recipient_email or order.customer_email
                bought[address, item.deliver_at].append(issued.card)
    for (address, _), group in bought.items():
        outbox.mail(
            "cards_purchased",
            to=address,
            card_id=group[0].id,
            order_id=order.id,
            not_before=group[0].deliver_at,
            data={"cards": [card.id for card in group]},
            is_test=order.is_test,
        )
    return [card for group in bought.values() for card in group]


def _new(order: Order, item_id: str, item: "Item", campaign: Campaign) -> NewCard:
    return NewCard(
        amount=catalogue.prices.worth(item, order.currency),
        holder_email=item.recipient_email or order.customer_email,
        holder_name=item.recipient_name or order.customer_name,
        holder_locale=item.recipient_locale or order.customer_locale,
        is_test=order.is_test,
        source="sales",
        origin="purchase",
        campaign_id=order.campaign_id,
        type=item.type or "virtual",
        **item.dedication(),
        valid_days=campaign.card_valid_days,
        deliver_at=_sent_at(item),
        order_id=order.id,
        order_item_id=item_id,
        send_email=False,
    )


def _sent_at(item: "Item") -> datetime | None:
    """When a mail or the parcel brings the cards of a line; None: neither does."""
    if not item.is_sent:
        return None
    return json_values.read_instant(item.deliver_at) or clock.now()
