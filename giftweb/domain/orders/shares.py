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


def paid(prices: Sequence[Price], *, discount_minor: int, tax_minor: int) -> list[int]:
    """What was paid for each line; together all prices less the discount, with the tax."""
    goods = [0 if price.is_gift_card else price.minor for price in prices]
    gift_cards = [price.minor if price.is_gift_card else 0 for price in prices]
    off_goods = min(discount_minor, sum(goods))
    goods_left = _less(goods, off_goods)
    cards_left = _less(gift_cards, discount_minor - off_goods)
    taxed = next((each for each in (goods_left, goods, cards_left, gift_cards) if any(each)), [])
    parts = (goods_left, cards_left, split(tax_minor, taxed or [1] * len(prices)))
    return [sum(part) for part in zip(*parts, strict=True)]


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


def _less(amounts: Sequence[int], off_minor: int) -> list[int]:
    parts = split(off_minor, amounts)
    return [amount - part for amount, part in zip(amounts, parts, strict=True)]
