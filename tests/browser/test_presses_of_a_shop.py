"""How many presses the errands take that are not customer service's, with a mouse: a balance, a
purchase, a campaign, and what is owed. As in test_presses, what is typed counts as nothing."""

import pytest
from playwright.sync_api import Page, expect

from tests.browser.server import enter
from tests.browser.test_first_hour import Presses
from tests.browser.test_store import PRESENT, shop
from tests.factories import make_card, make_staff

pytestmark = pytest.mark.proves("B17")

__all__ = ["shop"]

BUYER = {
    "email": "ann@example.com",
    "name": "Ann Smith",
    "line1": "1 High Street",
    "city": "Springfield",
    "postal_code": "12345",
}


def fill(page: Page, fields: dict[str, str]) -> None:
    """Type what the checkout still lacks."""
    for name, text in fields.items():
        field = page.locator(f"main [name={name}]")
        if field.count() and not field.input_value():
            field.fill(text)


@pytest.mark.proves("S53")
def test_a_balance_is_seen_after_one_press(page):
    issued = make_card("50.00 USD")
    press = Presses(page)
    page.goto("/")
    page.get_by_label("Gift card code").fill(issued.code)
    press("button", "Check")
    expect(page.get_by_role("group", name="Gift card ending")).to_contain_text("$50.00")
    assert press.count <= 1


@pytest.mark.proves("S36", "S42")
def test_goods_are_paid_with_a_card_in_five(page, shop):
    issued = make_card("100.00 USD")
    press = Presses(page)
    page.goto(shop)
    press("link", "Reading lamp")
    press("button", "Add to cart")
    press("link", "Check out")
    fill(page, BUYER)
    press("button", "Continue to payment")
    page.get_by_label("Gift Card", exact=True).fill(issued.code)
    press("button", "Pay $9.00")
    expect(page.get_by_role("heading", name="Thank you, Ann Smith")).to_be_visible()
    assert press.count <= 5


@pytest.mark.proves("S65", "S70")
def test_a_gift_card_is_bought_in_five_and_six_fields(page, shop):
    press = Presses(page)
    page.goto(shop)
    press("link", "Gift card")
    for label, text in PRESENT:
        page.get_by_label(label).fill(text)
    press("button", "Add to cart")
    press("link", "Check out")
    assert page.locator("main input:not([type=hidden], [type=checkbox])").count() <= 2
    fill(page, BUYER)
    press("button", "Continue to payment")
    press("button", "Pay $25.00")
    expect(page.get_by_role("heading", name="Thank you")).to_be_visible()
    assert press.count <= 5


@pytest.mark.proves("S30")
def test_a_campaign_that_gives_ten_percent_is_created_in_four(page):
    enter(page, make_staff("marketing"))
    page.goto("/staff/")
    press = Presses(page)
    press("link", "Settings")
    press("link", "+ Create a new")
    page.get_by_label("Name", exact=True).fill("Spring")
    page.get_by_label("Issue After Sales").check()
    press.count += 1
    page.get_by_label("Relative Percentage").fill("10")
    press("button", "Create")
    expect(page.get_by_text("Next: add products or make a key")).to_be_visible()
    assert press.count <= 4


def test_what_is_owed_is_a_csv_file_after_two(page):
    make_card("50.00 USD")
    enter(page, make_staff("finance"))
    page.goto("/staff/")
    press = Presses(page)
    press("link", "Owed now")
    with page.expect_download() as download:
        press("link", "Download CSV")
    assert "50.00" in download.value.path().read_text()
    assert press.count <= 2
