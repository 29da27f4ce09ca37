"""Cards that somebody has bought for somebody: another day while they wait (E28), and on paper as
long as nothing has happened on them (B13).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from giftweb import clock, days, models
from giftweb.domain import cards, time_zones
from giftweb.domain.cards.values import ACTIVE, FROZEN, Card
from giftweb.domain.catalogue.items import Delivery
from giftweb.errors import NotFound
from giftweb.language import gettext
from giftweb.models import GiftCard


@dataclass(frozen=True, slots=True)
class Gift:
    """A bought card that waits for its day, and the time zone of its shop."""

    card: Card
    time_zone: str

    @property
    def delivery(self) -> Delivery:
        """When it is sent."""
        return Delivery(
            self.card.deliver_at or clock.now(), self.card.deliver_zone or self.time_zone
        )

    @property
    def today(self) -> date:
        """Which day it is there now: the first that may be chosen."""
        return days.today(self.delivery.zone)


def waiting(customer_id: str) -> list[Gift]:
    """What the customer has bought for somebody and waits for its day, the next one first."""
    order, card = models.Order, GiftCard
    own = order.select(order.id).where(order.customer == customer_id)
    found = cards.select().where(
        card.order_id.in_(own),
        card.origin == "purchase",
        card.state.in_(("open", "frozen")),
        card.delivered_at.is_null(),
        card.deliver_at > clock.now(),
    )
    in_order = found.order_by(card.deliver_at, card.id)
    return [Gift(each, time_zones.of_campaign(each.campaign_id)) for each in in_order]


def find(card_id: str, *, customer_id: str) -> Gift:
    """One of them.

    Raises: NotFound.
    """
    found = [gift for gift in waiting(customer_id) if gift.card.id == card_id]
    if not found:
        raise NotFound(gettext("This gift has been sent, or was not bought by you."))
    return found[0]


def is_printable(card: Card) -> bool:
    """Whether whoever has bought the card may still print it: its money is as they paid it.

    From its first use or recharge on it is its holder's alone. A physical card is printed by the
    shop.
    """
    is_untouched = card.status == ACTIVE and card.version == 1 and not card.held_minor
    return is_untouched and card.origin == "purchase" and card.type != "physical"


def in_reach(customer_id: str, *, besides: Sequence[str]) -> list[Card]:
    """The cards that whoever is this customer may print, now or once they are released.

    ``besides``: the addresses whose cards are left out.
    """
    order, card = models.Order, GiftCard
    own = order.select(order.id).where(order.customer == customer_id)
    found = cards.select().where(
        card.order_id.in_(own),
        card.origin == "purchase",
        card.type != "physical",
        card.state.in_(("open", "frozen")),
        card.holder_email.is_null() | card.holder_email.not_in(besides),
    )
    return [
        each
        for each in found.order_by(card.id)
        if each.version == 1 and each.status in (ACTIVE, FROZEN)
    ]


def printable(card_id: str, *, customer_id: str) -> Card:
    """A card that the customer has bought and may print.

    Raises: NotFound.
    """
    order, card = models.Order, GiftCard
    own = order.select(order.id).where(order.customer == customer_id)
    found = cards.select().where(card.id == card_id, card.order_id.in_(own)).first()
    if found is None or not is_printable(found):
        raise NotFound(gettext("This gift card was used, or was not bought by you."))
    return found
