"""What was paid for each line of an order, whatever its discount and tax."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from giftweb.domain.orders import shares
from giftweb.domain.orders.shares import Price

pytestmark = pytest.mark.no_database

LINES = st.lists(st.builds(Price, st.integers(0, 100_000), st.booleans()), min_size=1, max_size=8)


def cards(*minors: int) -> list[Price]:
    return [Price(minor, True) for minor in minors]


def paid_for(prices: list[Price], *, discount_minor: int, tax_minor: int) -> list[int]:
    """What was paid for each line."""
    parts = shares.parts(prices, discount_minor=discount_minor, tax_minor=tax_minor)
    lines = zip(prices, parts, strict=True)
    return [price.minor - part.discount_minor + part.tax_minor for price, part in lines]


@pytest.mark.proves("D24", "I37", "E2")
@given(LINES, st.integers(0, 20_000), st.data())
def test_the_shares_of_all_lines_are_what_was_paid(prices, tax, data):
    whole = sum(price.minor for price in prices)
    discount = data.draw(st.integers(0, whole))
    paid = paid_for(prices, discount_minor=discount, tax_minor=tax)
    assert sum(paid) == whole - discount + tax
    assert all(share >= 0 for share in paid)


@pytest.mark.proves("D24", "E2")
@given(LINES, st.data())
def test_gift_cards_are_cheaper_only_when_the_goods_are_free(prices, data):
    discount = data.draw(st.integers(0, sum(price.minor for price in prices)))
    paid = paid_for(prices, discount_minor=discount, tax_minor=0)
    for price, share in zip(prices, paid, strict=True):
        assert 0 <= share <= price.minor
    is_cheaper = any(
        share < price.minor for price, share in zip(prices, paid, strict=True) if price.is_gift_card
    )
    goods = [share for price, share in zip(prices, paid, strict=True) if not price.is_gift_card]
    assert not is_cheaper or not any(goods)


@pytest.mark.proves("D24", "E2")
@given(st.integers(0, 100_000), st.lists(st.integers(0, 1000), min_size=1, max_size=9))
def test_an_amount_is_split_to_the_cent_and_no_part_is_off_by_more(minor, weights):
    parts, whole = shares.split(minor, weights), sum(weights)
    assert sum(parts) == (minor if whole else 0)
    for part, weight in zip(parts, weights, strict=True):
        assert not whole or abs(part * whole - minor * weight) < whole


@pytest.mark.proves("D24")
@pytest.mark.parametrize(
    ("prices", "discount", "tax", "paid"),
    [
        (cards(5000, 5000), 5000, 0, [2500, 2500]),
        (cards(5000, 5000, 5000), 1500, 0, [4500, 4500, 4500]),
        (cards(1000, 1000, 1000), 1000, 0, [666, 667, 667]),
        ([Price(6000, False), *cards(5000)], 5000, 190, [1190, 5000]),
        ([Price(6000, False), *cards(5000)], 8000, 0, [0, 3000]),
        (cards(0, 0), 0, 101, [51, 50]),
    ],
)
def test_a_discount_is_the_goods_first(prices, discount, tax, paid):
    assert paid_for(prices, discount_minor=discount, tax_minor=tax) == paid
