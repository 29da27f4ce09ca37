"""The desk's products and what is owed, in a browser."""

import pytest
from playwright.sync_api import Page, expect

from tests.browser.server import enter
from tests.factories import make_campaign, make_card, make_staff


@pytest.fixture
def desk(page) -> Page:
    """The desk, opened by root."""
    enter(page, make_staff("root"))
    return page


@pytest.mark.proves("S15", "S65")
def test_a_product_is_created_and_stands_in_the_shop(desk, check_axe):
    campaign = make_campaign()
    desk.goto("/staff/products/")
    expect(desk.get_by_text("Nothing is for sale yet")).to_be_visible()
    check_axe(desk)
    desk.get_by_role("link", name="+ Create New").first.click()
    desk.get_by_role("button", name="Create").click()
    expect(desk.get_by_role("alert")).to_be_visible()
    check_axe(desk)
    desk.get_by_label("Name").fill("Reading lamp")
    desk.get_by_label("Number").fill("LAMP")
    desk.get_by_label("Price").fill("70")
    desk.get_by_role("button", name="Create").click()
    expect(desk.get_by_role("cell", name="$70.00")).to_be_visible()
    check_axe(desk)
    desk.goto(f"/shop/{campaign.id}/")
    expect(desk.get_by_role("link", name="Reading lamp")).to_be_visible()


@pytest.mark.proves("B11")
def test_what_is_owed_is_shown_for_a_day(desk, check_axe):
    make_card("25.00 USD")
    make_card("90.00 USD", is_test=True)
    desk.goto("/staff/reports/")
    expect(desk.locator(".stat-value")).to_have_text("$25.00")
    check_axe(desk)
    desk.get_by_role("link", name="What we owe").click()
    expect(desk.get_by_role("cell", name="$25.00").first).to_be_visible()
    expect(desk.locator(".bars li")).to_contain_text("$25.00")
    check_axe(desk)
    desk.get_by_label("Day").fill("2020-01-01")
    expect(desk.get_by_text("Nothing to report")).to_be_visible()
    check_axe(desk)
