"""The first hour: from an empty database to an open shop, and to the first sale with test money."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.server import enter
from tests.browser.test_sign_in import sign_in
from tests.factories import make_staff


class Presses:
    """A person's clicks on buttons and links, counted."""

    def __init__(self, page: Page):
        self.page, self.count = page, 0

    def __call__(self, role: str, name: str) -> None:
        self.page.get_by_role(role, name=name).first.click()
        self.page.wait_for_load_state()
        self.count += 1


@pytest.mark.proves("E34", "S30", "S65")
def test_a_new_shop_is_open_after_at_most_eight_presses(page, check_axe):
    sign_in(page, make_staff("root"))
    expect(page.get_by_role("heading", name="Set up your shop")).to_be_visible()
    check_axe(page)
    press = Presses(page)
    press.count = 1  # Sign in
    press("link", "Create a campaign")
    page.get_by_label("Name", exact=True).fill("Corner Shop")
    expect(page.locator("#preview .gift-card-shop")).to_have_text("Corner Shop")
    check_axe(page)
    press("button", "Create")
    expect(page.get_by_text("Next: add products or make a key")).to_be_visible()
    check_axe(page)
    press("link", "Add a product")
    page.get_by_label("Name", exact=True).fill("Gift card")
    page.get_by_label("Number").fill("GIFT")
    press("radio", "Gift card")
    page.get_by_label("Amounts to choose from").fill("25, 50")
    press("button", "Create")
    press("link", "Open the shop")
    expect(page).to_have_url(re.compile("/shop/cmp_"))
    expect(page.get_by_role("link", name="Gift card", exact=True)).to_be_visible()
    assert press.count <= 8
    page.goto("/staff/")
    expect(page.locator("#set-up .step-done")).to_have_count(2)
    buy_with_test_money(page)
    page.goto("/staff/")
    expect(page.locator("#set-up .step-done")).to_have_count(3)
    check_axe(page)


def buy_with_test_money(page: Page) -> None:
    """The first card of the new shop, bought by its owner."""
    page.get_by_role("link", name="Open the shop with test money").click()
    page.get_by_role("link", name="Gift card", exact=True).click()
    typed = {"recipient_name": "Dora", "recipient_email": "dora@example.com"}
    typed |= {"sender_name": "Ann Smith", "sender_email": "ann@example.com"}
    for name, text in typed.items():
        page.locator(f"[name={name}]").fill(text)
    page.get_by_role("button", name="Add to cart").click()
    page.get_by_role("link", name="Check out").click()
    asked = {"email": "ann@example.com", "name": "Ann Smith", "line1": "1 High Street"}
    asked |= {"city": "Springfield", "postal_code": "12345"}
    page.wait_for_load_state()
    for name, text in asked.items():
        field = page.locator(f"main [name={name}]")
        if field.count():
            field.fill(text)
    if page.get_by_label("Country").count():
        page.get_by_label("Country").select_option("United States")
    page.get_by_role("button", name="Continue to payment").click()
    page.locator("#rest").get_by_role("button").click()
    expect(page.get_by_role("heading", name="Thank you, Ann Smith")).to_be_visible()


@pytest.mark.proves("E34", "B17")
def test_the_folds_of_a_campaign_open_without_script(plain_page):
    enter(plain_page, make_staff("marketing"))
    plain_page.goto("/staff/campaigns/new")
    expect(plain_page.get_by_label("Colour")).to_be_hidden()
    plain_page.locator("#fold-pages summary").click()
    plain_page.get_by_label("Colour").select_option("teal")
    plain_page.get_by_label("Name", exact=True).fill("Corner Shop")
    plain_page.get_by_role("button", name="Show what is typed").click()
    expect(plain_page.locator("#preview [data-brand=teal]")).to_be_visible()
    plain_page.get_by_role("button", name="Create").click()
    expect(plain_page.get_by_text("Next: add products or make a key")).to_be_visible()
