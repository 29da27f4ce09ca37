"""Gift cards that an order buys, issued with it (S15, S71, D6)."""

from collections.abc import Sequence
from datetime import datetime
from itertools import groupby
from typing import TYPE_CHECKING

from giftweb import clock
from giftweb.domain import cards, catalogue, json_values, notes
from giftweb.domain.audit.log import Actor
from giftweb.domain.campaigns.campaigns import Campaign
from giftweb.domain.cards.new_card import NewCard
from giftweb.domain.cards.stock import Batch
from giftweb.domain.cards.values import Card
from giftweb.domain.orders import review_limits, reviews
from giftweb.domain.orders.values import Order

if TYPE_CHECKING:
    from giftweb.domain.catalogue.items import Item

PRINTED = "physical"
"""The type of a card that a parcel brings."""


def issue(
    order: Order, items: Sequence[tuple[str, "Item"]], *, part: int, campaign: Campaign, by: Actor
) -> list[Card]:
    """Issue a card for each one bought, and mail each recipient once with all their codes, unless
    they wait for a review.

    ``items`` are (order item id, item) pairs of a part of the order. Source: S71.
    """
    new = [(_new(order, item_id, item, campaign), item) for item_id, item in items]
    wanted = [each for each, item in new for _ in range(item.quantity)]
    why = review_limits.assess(order, wanted, campaign, part=part)
    for each, item in new:
        if item.rate is not None:
            price = item.unit_money(order.currency)
            notes.add(order.id, f"A gift card of {price} is issued as {each.amount}.")
    stocked, rest = _from_stock(order, wanted, by=by)
    bought = [*stocked, *(issued.card for issued in cards.issue_many(rest, by=by))]
    if why:
        reviews.hold(order, bought, why=why)
    else:
        reviews.mail(order, bought)
    return bought


def _from_stock(
    order: Order, wanted: Sequence[NewCard], *, by: Actor
) -> tuple[list[Card], list[NewCard]]:
    """Physical cards are taken from stock, as far as there is any; what is left to be issued."""
    stocked, rest = [], [each for each in wanted if each.type != PRINTED]
    printed = sorted((each for each in wanted if each.type == PRINTED), key=_currency)
    for currency, same in groupby(printed, key=_currency):
        found = list(same)
        batch = Batch(currency, order.campaign_id, order.is_test)
        card_ids = cards.stock.reserve(len(found), batch=batch)
        for card_id, each in zip(card_ids, found, strict=False):
            activation = cards.activation.of_new(each)
            stocked.append(cards.activation.activate(card_id, activation=activation, by=by))
        rest += found[len(card_ids) :]
    if stocked:
        listed = ", ".join(f"•••• {card.last4}" for card in stocked)
        notes.add(order.id, f"Taken from stock, to go with the parcel: {listed}.")
    return stocked, rest


def _currency(new: NewCard) -> str:
    return new.amount.currency


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
