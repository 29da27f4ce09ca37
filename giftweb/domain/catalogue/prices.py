"""What a sold card is worth, and a card of one currency in an order of another (S66).

A rate is the number of units of the order's currency for one unit of the card's. Towards the order
amounts are rounded down, towards the card up, so that a card is never worth more than it holds.
"""

from collections.abc import Sequence
from fractions import Fraction
from typing import NamedTuple, Protocol

from giftweb import money
from giftweb.domain.catalogue import rates
from giftweb.domain.catalogue.items import Item
from giftweb.errors import CurrencyMismatch, Invalid
from giftweb.language import gettext
from giftweb.money import Money

_base: str | None = None


def use_base_currency(currency: str | None) -> None:
    """Issue sold cards in this currency; None: in the currency that they are paid in.

    Raises: Invalid when there is no such currency.
    """
    global _base
    if currency is not None:
        money.exponent(currency)
    _base = currency


def priced(items: Sequence[Item], currency: str, *, is_repriced: bool = False) -> tuple[Item, ...]:
    """The lines of a cart in this currency, each gift card with the rate that is kept with it.

    A line that has its rate keeps it, unless ``is_repriced``: the cart's currency has changed.

    Raises: CurrencyMismatch when no rate is known, Invalid when nothing or too much comes of it.
    Source: S66.
    """
    return tuple(_priced(item, currency, is_repriced=is_repriced) for item in items)


def _priced(item: Item, currency: str, *, is_repriced: bool) -> Item:
    # A card that is recharged has its currency already.
    target = item.card_currency if item.recharges else _base
    if is_repriced:
        item = item._replace(card_currency=target if item.recharges else None, rate=None)
    has_rate = item.rate is not None and item.card_currency == target
    if not item.is_gift_card or target in (None, currency) or has_rate:
        return item
    rate = rates.rate(currency, target)
    if rate is None:
        reason = (
            gettext("This gift card is in {currency}", currency=target)
            if item.recharges
            else gettext("Gift cards are issued in {currency} here", currency=target)
        )
        raise CurrencyMismatch(
            gettext(
                "{reason}, and no rate from {currency} is known.", reason=reason, currency=currency
            )
        )
    converted = item._replace(card_currency=target, rate=rate)
    if not 1 <= worth(converted, currency).minor <= money.LIMIT_MINOR:
        raise Invalid(
            gettext("A gift card of this amount cannot be issued in {target}.", target=target),
            field="items",
        )
    return converted


class Priced(Protocol):
    """A line of a cart or of an order, with the rate that is kept with it."""

    @property
    def unit_minor(self) -> int: ...
    @property
    def card_currency(self) -> str | None: ...
    @property
    def rate(self) -> str | None: ...


def worth(line: Priced, currency: str) -> Money:
    """What each card of a line is issued with; ``currency`` is the cart's. Rounded down."""
    price = Money(line.unit_minor, currency)
    if line.card_currency is None or line.rate is None:
        return price
    return Conversion(line.card_currency, line.rate).of(price)


class Conversion(NamedTuple):
    """Into which currency a card is issued, and how many units of it one unit of the price is."""

    card_currency: str
    rate: str

    def of(self, price: Money) -> Money:
        """What a card of this price is issued with. Rounded down."""
        minor = to_order(price.minor, price.currency, self.card_currency, self.rate)
        return Money(minor, self.card_currency)


def conversion(currency: str) -> Conversion | None:
    """How a gift card that is paid in this currency would be issued today; None: in the same."""
    if _base is None or _base == currency:
        return None
    rate = rates.rate(currency, _base)
    return None if rate is None else Conversion(_base, rate)


# From one currency to another


def to_order(card_minor: int, card_currency: str, order_currency: str, rate: str | None) -> int:
    """What an amount on the card is worth in the order, in minor units, rounded down."""
    if rate is None:
        return card_minor
    return int(card_minor * _factor(card_currency, order_currency, rate) // 1)


def to_card(order_minor: int, card_currency: str, order_currency: str, rate: str | None) -> int:
    """What an amount of the order costs the card, in minor units, rounded up."""
    if rate is None:
        return order_minor
    exact = order_minor / _factor(card_currency, order_currency, rate)
    return -int(-exact // 1)


def _factor(card_currency: str, order_currency: str, rate: str) -> Fraction:
    card, order = money.exponent(card_currency), money.exponent(order_currency)
    return Fraction(rate) * 10**order / 10**card
