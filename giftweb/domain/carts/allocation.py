"""Which card pays what: pure arithmetic, nothing is read or written (S60 to S63, D1, D13)."""

from collections.abc import Sequence
from typing import NamedTuple

NONE, PART, FULL = "none", "part", "full"


class Offer(NamedTuple):
    """A card that may pay: what it has in the order's minor units, and its turn of applying.

    ``limit_minor`` is the most the shopper wants to use of it.
    """

    card_id: str
    available_minor: int
    turn: int
    limit_minor: int | None = None

    @property
    def most_minor(self) -> int:
        """The most that may be taken from it."""
        if self.limit_minor is None:
            return self.available_minor
        return min(self.available_minor, self.limit_minor)


class Share(NamedTuple):
    """What one card pays; ``position`` is the order of deduction, from 1."""

    card_id: str
    amount_minor: int
    position: int


def allocate(offers: Sequence[Offer], coverable_minor: int) -> tuple[Share, ...]:
    """Smallest balance first, ties by turn, each used up until cards or the amount run out.

    Cards that are not reached have a share of 0. Source: S61 to S63.
    """
    left, shares = coverable_minor, []
    in_turn = sorted(offers, key=lambda offer: (offer.available_minor, offer.turn))
    for position, offer in enumerate(in_turn, start=1):
        amount = min(offer.most_minor, left)
        left -= amount
        shares.append(Share(offer.card_id, amount, position))
    return tuple(shares)


class Amounts(NamedTuple):
    """An order's amounts in minor units. ``card_items_minor`` is the part that buys gift cards."""

    items_minor: int
    discount_minor: int
    tax_minor: int
    shipping_minor: int
    card_items_minor: int

    @property
    def total_minor(self) -> int:
        """Items - discount + tax + shipping."""
        return self.items_minor - self.discount_minor + self.tax_minor + self.shipping_minor

    @property
    def goods_minor(self) -> int:
        """The goods after the discount, which lowers them first."""
        return max(0, self.items_minor - self.card_items_minor - self.discount_minor)

    def coverable_minor(self, covers: str, *, left_out_minor: int = 0) -> int:
        """The most that gift cards may pay under a campaign's policy (D1, D13, B24).

        A discount reduces goods first; tax on items goes with the goods; a gift card never buys a
        gift card. ``left_out_minor``: goods that no gift card pays for, with their part of the tax.
        """
        goods = self.items_minor - self.card_items_minor
        payable = goods - left_out_minor
        tax = self.tax_minor * payable // goods if goods else 0
        left = max(0, payable - self.discount_minor) + tax
        return left + (self.shipping_minor if covers == "goods_and_shipping" else 0)


def coverage(paid_minor: int, coverable_minor: int) -> str:
    """``full`` when the cards pay all that they may pay."""
    if paid_minor == 0:
        return NONE
    return FULL if paid_minor == coverable_minor else PART
