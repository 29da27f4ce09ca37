"""A gift card that is paid in one currency and issued in another, in words (S66, E26)."""

from decimal import Decimal
from fractions import Fraction

from giftweb.domain.catalogue import prices
from giftweb.domain.catalogue.prices import Conversion, Priced
from giftweb.domain.catalogue.products import Product
from giftweb.language import gettext
from giftweb.money import Money, money_text

_PLACES = 6


def worth_text(line: Priced, currency: str) -> str:
    """``$58.22, at 1 EUR = 1.16429 USD``: what each card of a line gets; "" in one currency."""
    if line.card_currency is None or line.rate is None:
        return ""
    kept = Conversion(line.card_currency, line.rate)
    worth = prices.worth(line, currency)
    return gettext("{worth}, at {rate}", worth=worth, rate=_rate_text(kept, currency))


def product_text(product: Product) -> str:
    """What the recipient would get today for each amount of a product; "" in one currency."""
    today = prices.conversion(product.currency) if product.is_gift_card else None
    if today is None:
        return ""
    each = [
        gettext("{amount} for {price}", amount=today.of(price), price=price)
        for price in product.amounts
    ]
    sentences = [
        gettext(
            "The card is in {currency}, at today’s rate of {rate}.",
            currency=today.card_currency,
            rate=_rate_text(today, product.currency),
        )
    ]
    if each:
        sentences.append(gettext("The recipient gets {amounts}.", amounts=", ".join(each)))
    return " ".join(sentences)


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
