"""What lies in a cart: its lines, as a checkout keeps them and as other programs see them."""

import json
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from typing import Any, NamedTuple

from giftweb import clock, days
from giftweb.domain import json_values
from giftweb.language import lazy_gettext
from giftweb.money import Money


class Delivery(NamedTuple):
    """When a gift card is sent, and the time zone that this was chosen in."""

    at: datetime
    zone: str

    @property
    def day(self) -> date:
        """The day there."""
        return days.day_of(self.at, self.zone)

    @property
    def hour(self) -> time:
        """The time of that day, as clocks there show it."""
        return days.local(self.at, self.zone).time()


def delivery(at: datetime | None, zone: str | None, *, shop_zone: str) -> Delivery | None:
    """When a card is sent, in the zone that was chosen for it or else its shop's; None: at once."""
    return None if at is None else Delivery(at, zone or shop_zone)


class Item(NamedTuple):
    """A line of a cart. ``deliver_at`` is RFC 3339 text, chosen in the time zone ``deliver_zone``
    where that is not the shop's. ``design``: as ``designs`` names it.

    A gift card that is issued in another currency than the cart's keeps that and the ``rate``. One
    that ``recharges`` a card makes none: its money goes on that card; the recipient is its holder.
    """

    sku: str
    name: str
    quantity: int
    unit_minor: int
    kind: str = "goods"
    requires_shipping: bool = True
    type: str | None = None
    recipient_name: str | None = None
    recipient_email: str | None = None
    sender_name: str | None = None
    sender_email: str | None = None
    message: str | None = None
    deliver_at: str | None = None
    card_currency: str | None = None
    rate: str | None = None
    recharges: str | None = None
    recipient_locale: str | None = None
    category: str | None = None
    gift_card_payable: bool = True
    deliver_zone: str | None = None
    design: str | None = None

    @property
    def total_minor(self) -> int:
        """Quantity times unit amount."""
        return self.quantity * self.unit_minor

    def total_money(self, currency: str) -> Money:
        """The line's total in the cart's currency."""
        return Money(self.total_minor, currency)

    def unit_money(self, currency: str) -> Money:
        """One of it, in the cart's currency."""
        return Money(self.unit_minor, currency)

    def dedication(self) -> dict[str, Any]:
        """Who sends a bought gift card, with which words and picture: columns of the card."""
        return {name: getattr(self, name) for name in _DEDICATION}

    @property
    def sender(self) -> dict[str, str]:
        """Who sends a gift card, as fields: ``name`` and ``email``; empty for goods."""
        found = {"name": self.sender_name, "email": self.sender_email}
        return {field: text for field, text in found.items() if text}

    @property
    def is_gift_card(self) -> bool:
        """Whether it is money on a card: a new one for each one bought, or a recharge."""
        return self.kind == "gift_card"

    def delivery(self, shop_zone: str) -> Delivery | None:
        """When it is sent; None: at once."""
        at = json_values.read_instant(self.deliver_at)
        return delivery(at, self.deliver_zone, shop_zone=shop_zone)

    @property
    def is_mailed(self) -> bool:
        """Whether it is a gift card that a mail brings; a physical one comes with the parcel."""
        return self.is_gift_card and self.type != "physical"

    @property
    def is_sent(self) -> bool:
        """Whether it is a gift card that a mail or a parcel brings."""
        return self.is_mailed or (self.is_gift_card and self.requires_shipping)


_DEDICATION = ("sender_name", "sender_email", "message", "deliver_zone", "design")


_LONGEST = timedelta(days=366)
MORNING = time(8)

WITHIN_A_YEAR = lazy_gettext("Choose a day from today to one year ahead.")


def moment_of(day: date, *, zone: str, hour: time | None = None) -> datetime:
    """When a gift card of that day is mailed: at the hour that was chosen, else at eight in the
    morning there.
    """
    return days.at(day, hour or MORNING, zone)


def may_deliver_at(moment: datetime) -> bool:
    """Whether a gift card may be mailed then: from now to one year ahead.

    A day's grace, because it is still today somewhere; such a card is mailed at once.
    """
    now = clock.now()
    return now - timedelta(days=1) <= moment <= now + _LONGEST


def may_deliver_on(day: date, *, zone: str) -> bool:
    """Whether a gift card may be mailed on that day: from today there to one year ahead."""
    today = days.today(zone)
    return today <= day <= today + _LONGEST


def read(document: str) -> tuple[Item, ...]:
    """The items of their document."""
    return _read_cached(document) if len(document) <= MAX_CACHED_LENGTH else _read(document)


def _read(document: str) -> tuple[Item, ...]:
    return tuple(Item(**item) for item in json.loads(document))


_read_cached = lru_cache(maxsize=512)(_read)
MAX_CACHED_LENGTH = 4096
"""A dozen lines. A cart may have a megabyte of them, and 512 of those would not fit into memory."""
