"""What follows from money: recharges, bought cards, the bonus; nothing of it before (D21).

An order is paid in parts: part 0 is what it was placed with, part n the nth thing added later.
"""

from collections.abc import Sequence

from giftweb import models
from giftweb.database import records
from giftweb.domain import cards, json_values
from giftweb.domain.audit.log import Actor
from giftweb.domain.campaigns.campaigns import Campaign
from giftweb.domain.catalogue.items import Item
from giftweb.domain.orders import bonus, purchases, recharges
from giftweb.domain.orders.facts import BONUS_ORIGIN
from giftweb.domain.orders.values import Order

Bought = Sequence[tuple[str, Item]]
"""Lines of an order: their ids, and what was in the cart."""


def fulfil(order: Order, bought: Bought, *, part: int, campaign: Campaign, by: Actor) -> None:
    """Do everything that follows once a part of a locked order is paid in full."""
    new = []
    for item_id, item in bought:
        if item.recharges and recharges.recharge(order, item_id, item, by=by):
            continue
        if item.is_gift_card:
            new.append((item_id, item))
    purchases.issue(order, new, part=part, campaign=campaign, by=by)
    if part == 0 and campaign.issue_after_sales:
        bonus.issue(order, campaign=campaign, by=by)


def fulfil_later(order: Order, *, part: int, campaign: Campaign, by: Actor) -> None:
    """As ``fulfil``, for money that has come after its part was sold.

    An older program did it before the money came: what is there already stays as it is.
    """
    lines, found = _lines(order, part), cards.of_orders([order.id])
    bought = {row.id for row in lines} & {card.order_item_id for card in found}
    has_bonus = part == 0 and any(card.origin == BONUS_ORIGIN for card in found)
    if bought or has_bonus or any(row.transfer_id for row in lines):
        return
    unpaid = [(row.id, _item_of(row)) for row in lines]
    fulfil(order, unpaid, part=part, campaign=campaign, by=by)


def _lines(order: Order, part: int) -> list[models.OrderItem]:
    line = models.OrderItem
    of_part = (line.order == order.id) & (line.part == part) & line.taken_off_at.is_null()
    return list(line.select().where(of_part).order_by(line.position))


def items_of(order: Order, part: int) -> list[Item]:
    """What a part of the order sold, as it was in the cart."""
    return [_item_of(row) for row in _lines(order, part)]


_SAME = [
    name
    for name in records.names(Item)
    if name in models.OrderItem._meta.columns and name != "deliver_at"
]


def _item_of(row: models.OrderItem) -> Item:
    return Item(
        **{name: getattr(row, name) for name in _SAME},
        type=row.card_type,
        recharges=row.recharges_id,
        deliver_at=json_values.instant(row.deliver_at),
    )
