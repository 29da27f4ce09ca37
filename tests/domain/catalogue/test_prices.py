"""Cards that are sold in one currency and issued in another (S66, BASE_CURRENCY)."""

from datetime import date

import pytest

from giftweb import errors
from giftweb.domain import carts, catalogue, desk, orders
from giftweb.domain.audit.log import SYSTEM
from giftweb.domain.catalogue.rates import NewRate
from giftweb.domain.payments.payments import Tender
from giftweb.money import Money
from tests.factories import make_checkout
from tests.orders import balance, gift_card_item, notes_of, now, place, sheet


@pytest.fixture
def base(monkeypatch):
    """An installation whose cards are all in dollars."""
    monkeypatch.setattr(catalogue.prices, "_base", "USD")


def known(rate: str, on: str = "2020-01-01") -> None:
    catalogue.rates.set_rates([NewRate(date.fromisoformat(on), "EUR", "USD", rate)], by=SYSTEM)


@pytest.mark.proves("S66")
def test_a_card_sold_in_euros_is_issued_in_dollars(base):
    known("1.16429")
    order = place(gift_card_item("50.01 EUR", quantity=2), shipping="0.00 EUR")
    assert [balance(card) for card in sheet(order).purchased] == ["58.22 USD", "58.22 USD"]
    assert str(order.total) == "100.02 EUR"
    assert "A gift card of €50.01 is issued as $58.22." in notes_of(order)


@pytest.mark.proves("S66")
def test_the_rate_of_the_day_it_came_into_the_cart_stays_with_the_line(base):
    known("1.1")
    opened = make_checkout(gift_card_item("50.00 EUR"), shipping="0.00 EUR")
    known("1.3", on="2020-01-02")
    opened = carts.change(opened.id, changes={"customer_name": "Somebody Else"})
    assert (opened.items[0].card_currency, opened.items[0].rate) == ("USD", "1.1")
    opened = carts.change(opened.id, changes={"items": (gift_card_item("50.00 EUR"),)})
    assert opened.items[0].rate == "1.3"
    opened = carts.change(opened.id, changes={"currency": "USD"})
    assert (opened.items[0].card_currency, opened.items[0].rate) == (None, None)
    assert "rate" not in carts.payload.CheckoutState.of(carts.find(opened.id))["items"][0]


@pytest.mark.proves("S66")
def test_without_a_rate_the_cart_is_refused(base):
    with pytest.raises(errors.CurrencyMismatch, match="no rate from EUR is known"):
        make_checkout(gift_card_item("50.00 EUR"), shipping="0.00 EUR")


def test_a_card_that_would_be_worth_nothing_is_refused(base):
    known("0.001")
    with pytest.raises(errors.Invalid, match="cannot be issued in USD"):
        make_checkout(gift_card_item("0.01 EUR"), shipping="0.00 EUR")


def test_without_a_base_currency_a_card_is_worth_its_price():
    known("1.1")
    order = place(gift_card_item("50.00 EUR"), shipping="0.00 EUR")
    assert [balance(card) for card in sheet(order).purchased] == ["50.00 EUR"]


@pytest.mark.proves("S66", "S44", "D6")
def test_a_withdrawn_card_gives_its_price_back_in_the_currency_it_was_paid_in(base):
    known("1.1")
    order = place(gift_card_item("50.00 EUR", quantity=2), shipping="0.00 EUR")
    first, second = sheet(order).purchased
    given = desk.card_withdrawal.withdraw(first.id, by=SYSTEM).refunds
    assert [str(refund.amount) for refund in given] == ["50.00 EUR"]
    desk.orders.cancel(order.id, by=SYSTEM)
    assert now(second).status == "cancelled"


@pytest.mark.proves("S66")
def test_a_card_sold_after_the_order_is_converted_too(base):
    known("1.1")
    order = place(gift_card_item("50.00 EUR"), shipping="0.00 EUR")
    more, paid = (
        (gift_card_item("10.00 EUR"),),
        (
            Tender(
                method="credit_card", amount=Money(1000, "EUR"), reference="ch_2", state="captured"
            ),
        ),
    )
    orders.upsell(order.id, items=more, tenders=paid, by=SYSTEM)
    assert [balance(card) for card in sheet(order).purchased] == ["55.00 USD", "11.00 USD"]
