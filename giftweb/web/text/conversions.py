"""A gift card that is paid in one currency and issued in another, in words (S66, E26)."""

from decimal import Decimal
from fractions import Fraction

from giftweb.domain.catalogue import prices
from giftweb.domain.catalogue.prices import Conversion, Priced
from giftweb.domain.catalogue.products import Product
from giftweb.language import gettext
from giftweb.money import Money, money_text

_PLACES = 6


def worth_text(line: Priced, currency: str, where: str = "") -> str:
    """``$58.22, at 1 EUR = 1.16429 USD``: what each card of a line gets; "" in one currency.

    ``where`` follows the amount, such as `` on the card``.
    """
    if line.card_currency is None or line.rate is None:
        return ""
    kept = Conversion(line.card_currency, line.rate)
    return f"{money_text(prices.worth(line, currency))}{where}, at {_rate_text(kept, currency)}"


def product_text(product: Product) -> str:
    """What the recipient would get today for each amount of a product; "" in one currency."""
    today = prices.conversion(product.currency) if product.is_gift_card else None
    if today is None:
        return ""
    amounts = ", ".join(
        f"{money_text(today.of(price))} for {money_text(price)}" for price in product.amounts
    )
    gets = f" The recipient gets {amounts}." if amounts else ""
    rate = _rate_text(today, product.currency)
    return f"The card is in {today.card_currency}, at today’s rate of {rate}.{gets}"


def amount_text(product: Product, amount: Money | None) -> str:
    """What the recipient would get today for one amount; "" in one currency."""
    today = prices.conversion(product.currency) if product.is_gift_card and amount else None
    if today is None or amount is None:
        return ""
    rate = _rate_text(today, product.currency)
    return gettext("{worth}, at {rate}", worth=money_text(today.of(amount)), rate=rate)


def _rate_text(conversion: Conversion, currency: str) -> str:
    rate = Fraction(conversion.rate)
    decimal = round(Decimal(rate.numerator) / Decimal(rate.denominator), _PLACES)
    return f"1 {currency} = {decimal.normalize():f} {conversion.card_currency}"
