"""Gift card and card together in a browser, against a server that speaks Stripe's language."""

from collections.abc import Iterator
from dataclasses import replace

import pytest
from playwright.sync_api import Page, expect

from giftweb.domain import cards, orders, payments
from giftweb.gateways.by_hand import Offline, Shop
from tests import stripe_server
from tests.browser.test_store import shop, to_payment
from tests.factories import make_card
from tests.orders import newest_order

GOOD, DECLINED = "4242424242424242", "4000000000000341"

__all__ = ["shop"]


@pytest.fixture(scope="module")
def stripe_api() -> Iterator[str]:
    """The address of a running localstripe."""
    with stripe_server.running() as address:
        yield address


@pytest.fixture
def config(config, stripe_api) -> Iterator:
    """The program's settings, with Stripe in them."""
    yield replace(
        config,
        stripe_secret_key="sk_test_12345",
        stripe_publishable_key="pk_test_12345",
        stripe_api_base=stripe_api,
    )
    payments.providers.use_gateways({"shop": Shop(), "offline": Offline()})


def pay_by_card(page: Page, number: str, due: str = "$39.00") -> None:
    """From the payment page through Stripe's card field."""
    page.get_by_label("Card", exact=True).check()
    page.get_by_role("button", name=f"Pay {due}").click()
    expect(page.get_by_role("heading", name=f"Pay {due} by card")).to_be_visible()
    for name, text in (
        ("number", number),
        ("exp_month", "12"),
        ("exp_year", "30"),
        ("cvc", "123"),
        ("postal_code", "12345"),
    ):
        page.get_by_placeholder(name).fill(text)
    page.get_by_role("button", name="Place order").click()


def last_order() -> orders.OrderSheet:
    return orders.sheet(newest_order())


@pytest.mark.engines("sqlite", "postgresql")
@pytest.mark.proves("S39", "S40", "D3")
def test_a_gift_card_and_a_card_pay_together_and_one_click_adds_more(page, shop, check_axe):
    card = make_card("40.00 USD")
    to_payment(page, shop)
    page.get_by_label("Gift Card", exact=True).fill(card.code)
    expect(page.locator("#totals")).to_contain_text("You pay$39.00")
    pay_by_card(page, GOOD)
    expect(page.get_by_role("heading", name="Thank you, Ann Smith")).to_be_visible()
    check_axe(page)
    page.get_by_role("button", name="Add for $6.00 with one click").click()
    expect(page.get_by_text("Wrapping was added to your order.")).to_be_visible()
    sheet = last_order()
    assert [(each.method, str(each.amount), each.state) for each in sheet.payments] == [
        ("gift_card", "40.00 USD", "captured"),
        ("credit_card", "39.00 USD", "captured"),
        ("credit_card", "6.00 USD", "captured"),
    ]
    assert str(cards.find(card.card.id).balance) == "0.00 USD"


@pytest.mark.engines("sqlite", "postgresql")
@pytest.mark.proves("S40", "D3")
def test_a_declined_card_is_stated_and_another_way_is_taken(page, shop):
    card = make_card("40.00 USD")
    to_payment(page, shop)
    page.get_by_label("Gift Card", exact=True).fill(card.code)
    expect(page.locator("#totals")).to_contain_text("You pay$39.00")
    pay_by_card(page, DECLINED)
    expect(page.get_by_role("alert").get_by_text("Your card was declined.")).to_be_visible()
    assert str(cards.find(card.card.id).available) == "40.00 USD"
    page.get_by_label("Bank transfer").check()
    page.get_by_role("button", name="Pay $39.00").click()
    expect(page.get_by_role("heading", name="Thank you, Ann Smith")).to_be_visible()
    assert [each.method for each in last_order().payments] == ["gift_card", "bank_transfer"]
