"""A card of one currency in an order of another."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from giftweb.domain.catalogue.prices import to_card, to_order

pytestmark = pytest.mark.no_database

RATES = st.decimals("0.0001", "10000", places=6).map(str)
CURRENCIES = st.sampled_from(["USD", "EUR", "JPY", "KWD"])


@pytest.mark.proves("S66")
@given(st.integers(0, 10**10), CURRENCIES, CURRENCIES, RATES)
def test_a_card_never_costs_more_than_it_holds(balance, card, order, rate):
    worth = to_order(balance, card, order, rate)
    assert to_card(worth, card, order, rate) <= balance


@given(st.integers(0, 10**10), CURRENCIES, CURRENCIES, RATES)
def test_what_an_order_takes_is_never_worth_less_than_it_gets(price, card, order, rate):
    cost = to_card(price, card, order, rate)
    assert to_order(cost, card, order, rate) >= price


def test_exponents_are_counted():
    assert to_order(10_000, "USD", "JPY", "150") == 15_000
    assert to_card(15_000, "USD", "JPY", "150") == 10_000
    assert to_order(1_000, "USD", "KWD", "0.3") == 3_000
    assert to_card(1, "JPY", "USD", "0.0066") == 2
