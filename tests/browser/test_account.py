"""The customer's own pages in a browser: a mailed link, the cards, one card, by keyboard too."""

import pytest
from playwright.sync_api import Page, expect

from tests.factories import make_campaign, make_card
from tests.web.test_account import mailed_token

pytestmark = pytest.mark.proves("B20")


def enter(page: Page) -> None:
    """Ask for a link and use it, with the keyboard alone."""
    page.goto("/account/")
    page.get_by_label("Email").press_sequentially("ann@example.com")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Look into your mail")).to_be_visible()
    page.goto(f"/account/sign-in?token={mailed_token()}")
    page.get_by_role("button", name="Show my gift cards").press("Enter")
    expect(page.get_by_role("heading", name="Your gift cards")).to_be_visible()


def test_a_customer_sees_their_cards_and_no_rule_of_access_is_broken(page, check_axe):
    card = make_card("25.00 USD").card
    page.goto("/account/sign-in")
    check_axe(page)
    page.get_by_role("button", name="Mail me a link").click()
    expect(page.get_by_label("Email")).to_have_attribute("aria-invalid", "true")
    check_axe(page)
    enter(page)
    check_axe(page)
    page.get_by_role("link", name=card.last4).click()
    expect(page.locator(".gift-card-amount")).to_have_text("$25.00")
    check_axe(page)
    page.get_by_role("button", name="Mail me this card again").click()
    expect(page.get_by_text("cannot send mail at the moment")).to_be_visible()


def test_without_script_on_a_phone_nothing_is_wider_than_the_page(plain_page):
    card = make_card("25.00 USD", holder_name="Ann Smith").card
    plain_page.set_viewport_size({"width": 320, "height": 700})
    enter(plain_page)
    plain_page.get_by_role("link", name=card.last4).click()
    expect(plain_page.get_by_role("heading", name="History")).to_be_visible()
    box = plain_page.locator("main").bounding_box()
    assert box["width"] <= 320


@pytest.mark.proves("E22", "E35")
def test_a_card_with_actions_keeps_its_words_whole_on_a_phone(plain_page):
    shop = make_campaign("A Shop of a Longer Name", shop_url="https://shop.example/")
    make_card("25.00 USD", campaign_id=shop.id)
    plain_page.set_viewport_size({"width": 360, "height": 700})
    enter(plain_page)
    expect(plain_page.get_by_role("link", name="Spend it at")).to_be_visible()
    box = plain_page.get_by_text("No expiry", exact=True).bounding_box()
    assert box["height"] < 2 * 20 < box["width"]
