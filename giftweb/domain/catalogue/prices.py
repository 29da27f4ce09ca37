"""What a sold card is worth: its price, in the installation's base currency (S66, API.md 2)."""

from collections.abc import Sequence

from giftweb import money
from giftweb.domain.catalogue import exchange, rates
from giftweb.domain.catalogue.items import Item
from giftweb.errors import CurrencyMismatch, Invalid
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


def priced(items: Sequence[Item], currency: str, *, anew: bool = False) -> tuple[Item, ...]:
    """The lines of a cart in this currency, each gift card with the rate that is kept with it.

    A line that has its rate keeps it, unless the cart's currency is another one now: ``anew``.

    Raises: CurrencyMismatch when no rate is known, Invalid when nothing or too much comes of it.
    Source: S66.
    """
    return tuple(_priced(item, currency, anew=anew) for item in items)


def _priced(item: Item, currency: str, *, anew: bool) -> Item:
    # A card that is recharged has its currency already.
    target = item.card_currency if item.recharges else _base
    if anew:
        item = item._replace(card_currency=target if item.recharges else None, rate=None)
    has_rate = item.rate is not None and item.card_currency == target
    if not item.is_gift_card or target in (None, currency) or has_rate:
        return item
    rate = rates.rate(currency, target)
    if rate is None:
        said = f"This gift card is in {target}" if item.recharges else f"{_ISSUED_IN} {target} here"
        raise CurrencyMismatch(f"{said}, and no rate from {currency} is known.")
    converted = item._replace(card_currency=target, rate=rate)
    if not 1 <= worth(converted, currency).minor <= money.LIMIT_MINOR:
        raise Invalid(f"A gift card of this amount cannot be issued in {target}.", field="items")
    return converted


_ISSUED_IN = "Gift cards are issued in"


def worth(item: Item, currency: str) -> Money:
    """What each card of a line is issued with; ``currency`` is the cart's. Rounded down."""
    price = item.unit_money(currency)
    if item.card_currency is None:
        return price
    minor = exchange.to_order(price.minor, currency, item.card_currency, item.rate)
    return Money(minor, item.card_currency)
