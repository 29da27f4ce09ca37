"""Where lines end: amounts, dates and addresses stay whole on a phone and on the desk (B17)."""

import pytest
from playwright.sync_api import Locator

from tests import factories
from tests.browser.server import enter
from tests.factories import make_card
from tests.orders import place

pytestmark = pytest.mark.proves("B17")

PHONE, DESK = {"width": 360, "height": 800}, {"width": 1280, "height": 800}
LINES = """elements => elements.map(element => {
  const range = document.createRange();
  range.selectNodeContents(element);
  return new Set([...range.getClientRects()].map(({bottom}) => Math.round(bottom))).size;
})"""


@pytest.fixture
def desk(page):
    enter(page, factories.make_staff("root"))
    return page


def lines_of(parts: Locator) -> set[int]:
    """How many lines each of them takes."""
    return set(parts.evaluate_all(LINES))


def test_an_amount_stays_beside_its_sign_on_a_phone(desk):
    customer_id = place(customer_email="ann@example.com").customer_id
    make_card("984.60 USD", holder="ann@example.com")
    desk.set_extra_http_headers({"Accept-Language": "fr"})
    desk.set_viewport_size(PHONE)
    for address in ("/staff/", "/staff/reports/", f"/staff/customers/{customer_id}"):
        desk.goto(address)
        assert "$US" in desk.locator(".stat-value").first.inner_text()
        assert lines_of(desk.locator(".stat-value")) == {1}, address


def test_a_note_has_room_where_its_column_is_narrow(desk):
    order = place()
    desk.set_extra_http_headers({"Accept-Language": "de"})
    for size, address in (
        (PHONE, f"/staff/orders/{order.number}"),
        (DESK, f"/staff/customers/{order.customer_id}"),
    ):
        desk.set_viewport_size(size)
        desk.goto(address)
        assert desk.locator(".composer textarea").bounding_box()["width"] > 240, address


def test_the_list_of_gift_cards_breaks_no_address_and_no_date_on_the_desk(desk):
    make_card("40.00 USD", holder="mona.haddad@example.com", holder_name="Mona Haddad")
    make_card("200.00 USD", holder="noah.jensen@example.com", holder_name="Noah Jensen")
    desk.set_viewport_size(DESK)
    desk.goto("/staff/gift-cards/")
    assert lines_of(desk.locator("#gift-cards-rows :is(.last4, bdi, time)")) == {1}


def test_a_day_is_not_broken_beside_a_button(desk):
    place(method="bank_transfer", state="pending")
    desk.set_extra_http_headers({"Accept-Language": "de"})
    desk.set_viewport_size(PHONE)
    desk.goto("/staff/awaited-payments/")
    assert lines_of(desk.locator("tbody time > span")) == {1}


@pytest.mark.parametrize("spoken", ["de", "fr"])
def test_no_table_is_cut_off_on_the_desk(desk, spoken):
    card = make_card("984.60 USD", holder="ann@example.com").card
    factories.make_campaign(name="Example shop on port 8001", issue_after_sales=False)
    desk.set_extra_http_headers({"Accept-Language": spoken})
    desk.set_viewport_size(DESK)
    for address in (f"/staff/gift-cards/{card.id}", "/staff/campaigns/"):
        desk.goto(address)
        frames = desk.locator(".table-frame")
        assert frames.count() > 0
        assert frames.evaluate_all("all => all.every(e => e.scrollWidth <= e.clientWidth)"), address
