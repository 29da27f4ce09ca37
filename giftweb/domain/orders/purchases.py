"""Gift cards that an order buys, issued with it (S15, S71, D6)."""

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from giftweb import clock
from giftweb.domain import cards, catalogue, json_values, notes
from giftweb.domain.audit.log import Actor
from giftweb.domain.campaigns.campaigns import Campaign
from giftweb.domain.cards.new_card import NewCard
from giftweb.domain.cards.values import Card
from giftweb.domain.orders import reviews
from giftweb.domain.orders.values import Order

if TYPE_CHECKING:
    from giftweb.domain.catalogue.items import Item


def issue(
    order: Order, items: Sequence[tuple[str, "Item"]], *, campaign: Campaign, by: Actor
) -> list[Card]:
    """Issue a card for each one bought, and mail each recipient once with all their codes, unless
    they wait for a review.

    ``items`` are (order item id, item) pairs. Source: S71.
    """
    new = [(_new(order, item_id, item, campaign), item) for item_id, item in items]
    wanted = [each for each, item in new for _ in range(item.quantity)]
    why = reviews.reasons(order, wanted, campaign)
    for each, item in new:
        if item.rate is not None:
            price = item.unit_money(order.currency)
            notes.add(order.id, f"A gift card of {price} is issued as {each.amount}.")
    bought = [issued.card for issued in cards.issue_many(wanted, by=by)]
    if why:
        reviews.hold(order, bought, why=why)
    else:
        reviews.mail(order, bought)
    return bought


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
