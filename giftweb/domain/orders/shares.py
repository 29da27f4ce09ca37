"""What was paid for each line of an order, after its discount and with its tax: pure arithmetic.

A discount lowers the goods first, then the gift cards, each in proportion to their prices; tax
belongs to the goods, or to the gift cards where there are no goods. Source: D24, I37.
"""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Price:
    """The price of a line, before the discount."""

    minor: int
    is_gift_card: bool


@dataclass(frozen=True, slots=True)
class Part:
    """A line's part of the order's discount and tax."""

    discount_minor: int
    tax_minor: int


def parts(prices: Sequence[Price], *, discount_minor: int, tax_minor: int) -> list[Part]:
    """Each line's part of the discount and the tax; together they are all of both."""
    goods = [0 if price.is_gift_card else price.minor for price in prices]
    gift_cards = [price.minor if price.is_gift_card else 0 for price in prices]
    off_goods = split(min(discount_minor, sum(goods)), goods)
    off_cards = split(discount_minor - sum(off_goods), gift_cards)
    left = (_less(goods, off_goods), goods, _less(gift_cards, off_cards), gift_cards)
    taxed = next((each for each in left if any(each)), [1] * len(prices))
    taxes = split(tax_minor, taxed)
    found = zip(off_goods, off_cards, taxes, strict=True)
    return [Part(goods_off + cards_off, tax) for goods_off, cards_off, tax in found]


def split(minor: int, weights: Sequence[int]) -> list[int]:
    """An amount in proportion to the weights, to the cent: the largest remainders get one more,
    of equal ones the first."""
    whole = sum(weights)
    if not whole:
        return [0] * len(weights)
    shares = [minor * weight // whole for weight in weights]
    remainders = sorted(range(len(weights)), key=lambda at: -(minor * weights[at] % whole))
    for at in remainders[: minor - sum(shares)]:
        shares[at] += 1
    return shares


def _less(amounts: Sequence[int], off: Sequence[int]) -> list[int]:
    return [amount - part for amount, part in zip(amounts, off, strict=True)]
