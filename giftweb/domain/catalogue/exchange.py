"""A card of one currency in an order of another: exact, and never in the house's disfavour.

A rate is the number of units of the order's currency for one unit of the card's. Towards the order
amounts are rounded down, towards the card up, so that a card is never worth more than it holds.
"""

from fractions import Fraction

from giftweb.money import exponent


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
    return Fraction(rate) * 10 ** exponent(order_currency) / 10 ** exponent(card_currency)
