"""A holder recharges their card in a browser: account, amount, cart, payment, thanks; no script."""

import pytest
from playwright.sync_api import Page, expect

from giftweb.domain import cards, catalogue, orders
from giftweb.domain.cards.values import Card
from giftweb.domain.catalogue.products import NewProduct
from tests.browser.test_account import enter
from tests.browser.test_store import fill_in_details
from tests.factories import AGENT, ROOT, make_campaign, make_card
from tests.orders import gift_card_product, newest_order

pytestmark = pytest.mark.proves("B7", "B20")


@pytest.fixture
def card(site) -> Card:
    """Ann's card, from a shop that also sells a mug."""
    shop = make_campaign(shipping_minor=900)
    gift_card_product(shop.id)
    mug = NewProduct(sku="MUG", name="A mug", unit_minor=1200)
    catalogue.create(shop.id, new=mug, by=ROOT)
    return make_card("10.00 USD", campaign_id=shop.id, holder_name="Ann Smith").card


def last_order() -> orders.Order:
    return newest_order()


def to_recharge(page: Page, card: Card) -> None:
    enter(page)
    page.get_by_role("link", name=f"Recharge •••• {card.last4}").press("Enter")
    expect(page.get_by_role("heading", name="Recharge")).to_be_visible()


@pytest.mark.engines("sqlite", "postgresql")
def test_a_holder_recharges_a_card_together_with_other_goods(page, card, provider, check_axe):
    to_recharge(page, card)
    check_axe(page)
    page.get_by_role("button", name="Add to cart").click()
    expect(page.get_by_role("link", name="Choose an amount.")).to_be_visible()
    check_axe(page)
    page.get_by_label("$25.00").check()
    page.get_by_role("button", name="Add to cart").click()
    expect(page.get_by_text(f"Recharge of •••• {card.last4} is in your cart.")).to_be_visible()
    check_axe(page)
    page.get_by_role("link", name="Look for more").click()
    page.get_by_role("link", name="A mug").click()
    page.get_by_role("button", name="Add to cart").click()
    page.get_by_role("link", name="Check out").click()
    fill_in_details(page)
    expect(page.locator("#policy")).to_contain_text("Shipping and recharges are not covered.")
    page.get_by_label("PayPal").check()
    page.get_by_role("button", name="Pay $46.00").click()
    expect(page.get_by_text("On it now: $35.00")).to_be_visible()
    check_axe(page)
    page.get_by_role("link", name=f"Gift card •••• {card.last4}").click()
    expect(page.get_by_role("cell", name="Recharged")).to_be_visible()
    expect(page.get_by_role("cell", name=str(last_order().number), exact=True)).to_be_visible()
    assert str(cards.find(card.id).balance) == "35.00 USD"


def test_without_script_and_by_keyboard_alone_on_a_phone(plain_page, card):
    page = plain_page
    page.set_viewport_size({"width": 320, "height": 700})
    to_recharge(page, card)
    page.get_by_label("Or your own amount").press_sequentially("12.50")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Your cart")).to_be_visible()
    expect(page.locator("#totals")).to_contain_text("$12.50")
    assert page.evaluate("document.documentElement.scrollWidth") <= 320


def test_the_cart_tells_of_a_card_that_was_frozen_meanwhile(page, card, check_axe):
    to_recharge(page, card)
    page.get_by_label("$50.00").check()
    page.get_by_role("button", name="Add to cart").click()
    expect(page.get_by_role("link", name="Check out")).to_be_visible()
    cards.freeze(card.id, by=AGENT, reason="lost")
    page.reload()
    expect(page.get_by_text("It cannot be recharged. It is frozen.")).to_be_visible()
    expect(page.get_by_role("link", name="Check out")).to_have_count(0)
    check_axe(page)
    page.get_by_role("button", name="Remove").click()
    expect(page.get_by_text("Your cart is empty")).to_be_visible()
