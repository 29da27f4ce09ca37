"""How many presses the work of customer service takes from the dashboard, by the keyboard alone.

Counted is what presses something: Enter, the space bar, a key that leads to a page or a panel. What
is typed, and going to a field by Tab or by the key of the search, counts as nothing. Each limit is
at least one less than what the same task took before there was one search over everything.
"""

import pytest
from playwright.sync_api import Locator, Page, expect

from giftweb.domain import cards, customers
from tests import factories
from tests.browser.server import enter
from tests.browser.test_desk_cards import tab_to
from tests.browser.waiting import opened_panel, wait_for_shortcut
from tests.factories import AGENT, make_card
from tests.orders import balance, place, sheet

pytestmark = pytest.mark.proves("B17", "S13")


class Keyboard:
    """The keys of somebody who has just signed in, counted."""

    def __init__(self, page: Page):
        self.page, self.count = page, 0

    def press(self, key: str) -> None:
        self.count += 1
        self.page.keyboard.press(key)

    def go_to(self, goal: Locator) -> None:
        tab_to(self.page, goal)

    def type(self, text: str) -> None:
        self.page.keyboard.press("Control+A")
        self.page.keyboard.type(text)

    def find(self, text: str) -> None:
        """Search everything, and open the one thing that fits."""
        self.page.keyboard.press("/")
        # By its locator: a panel that has just closed may still take the focus back.
        field = self.page.locator("[data-everywhere]:visible")
        field.fill(text)
        self.count += 1
        with self.page.expect_navigation():
            field.press("Enter")

    def panel(self, key: str) -> Locator:
        """Open a panel by its key."""
        if key != "Enter":
            wait_for_shortcut(self.page, key)
        self.press(key)
        return opened_panel(self.page)


@pytest.fixture
def keys(page) -> Keyboard:
    enter(page, factories.make_staff())
    page.goto("/staff/")
    expect(page.get_by_role("heading", level=1)).to_have_text("Dashboard")
    return Keyboard(page)


def heading(page: Page) -> Locator:
    return page.get_by_role("heading", level=1)


def test_a_card_is_issued_on_an_order_in_three_presses(page, keys):
    order = place()
    keys.find(str(order.number))
    expect(heading(page)).to_have_text(f"Order {order.number}")
    panel = keys.panel("i")
    keys.type("10.00")
    keys.go_to(panel.get_by_label("Reason"))
    keys.type("Late")
    keys.press("Enter")
    expect(page.locator("#cards")).to_contain_text("$10.00")
    assert keys.count <= 3


def test_part_of_a_payment_is_refunded_in_four(page, keys):
    order = place()
    keys.find(str(order.number))
    keys.go_to(page.locator("#payments").get_by_role("link", name="Refund", exact=True))
    panel = keys.panel("Enter")
    keys.type("20.00")
    keys.go_to(panel.get_by_label("Reason"))
    keys.type("Broken")
    keys.press("Enter")
    keys.go_to(panel.locator("#refund-check").get_by_role("button", name="Refund"))
    keys.press("Enter")
    expect(page.locator("#toasts")).to_contain_text("$20.00 went back")
    assert keys.count <= 4


def test_everything_is_refunded_in_three(page, keys):
    order = place(cards=[make_card("40.00 USD")])
    keys.find(str(order.number))
    expect(heading(page)).to_have_text(f"Order {order.number}")
    panel = keys.panel("r")
    keys.go_to(panel.get_by_label("Reason"))
    keys.type("Broken")
    keys.press("Enter")
    expect(page.locator("main .page-head")).to_contain_text("Shipping Denied")
    assert str(sheet(order).refunded) == "100.00 USD"
    assert keys.count <= 3


def test_a_card_is_recharged_from_its_customer_in_three(page, keys):
    customers.register(email="ann@example.com", name="Ann Smith", by=AGENT)
    card = make_card("50.00 USD").card
    keys.find("ann@example.com")
    expect(heading(page)).to_have_text("Ann Smith")
    keys.go_to(page.get_by_role("button", name=f"$ Recharge •••• {card.last4}"))
    keys.panel("Enter")
    keys.type("25.00")
    keys.press("Enter")
    expect(page.locator("#panel[open]")).to_have_count(0)
    assert balance(card) == "75.00 USD"
    assert keys.count <= 3


def test_three_cards_go_to_three_addresses_in_three(page, keys):
    keys.press("n")
    expect(heading(page)).to_have_text("New Gift Card")
    keys.go_to(page.get_by_label("Is Batch Card"))
    keys.press("Space")
    keys.go_to(page.get_by_label("Or paste a list of addresses"))
    page.keyboard.insert_text("a@example.com, b@example.com, c@example.com")
    keys.go_to(page.get_by_label("Amount"))
    keys.type("10.00")
    keys.go_to(page.get_by_role("button", name="Create"))
    keys.press("Enter")
    expect(heading(page)).to_have_text("Gift Cards")
    assert cards.search.search(cards.search.Query()).count == 3
    assert keys.count <= 3


def test_a_card_known_by_its_last_four_is_frozen_in_three_and_replaced_in_three_more(page, keys):
    card = make_card("50.00 USD", holder_name="Mona Haddad").card
    keys.find(f"{card.last4} haddad")
    expect(heading(page)).to_contain_text(card.last4)
    keys.panel("z")
    keys.press("Enter")
    expect(page.get_by_text("Frozen").first).to_be_visible()
    expect(page.locator("#panel[open]")).to_have_count(0)
    wait_for_shortcut(page, "e")
    assert keys.count <= 3
    keys.find(card.last4)
    keys.panel("e")
    keys.type("Lost")
    keys.press("Enter")
    expect(page.get_by_text("Replaced").first).to_be_visible()
    assert keys.count <= 6
