"""The stories of the desk on a telephone, and with script off.

By the keyboard alone they are in test_lists.py (a lost card, forty orders) and test_own_shop.py.
"""

import re

import pytest
from playwright.sync_api import Locator, Page, expect

from giftweb.domain import cards, orders
from tests import factories
from tests.browser.server import enter
from tests.browser.test_own_shop import Mouse
from tests.orders import now, place

pytestmark = [pytest.mark.engines("sqlite", "postgresql"), pytest.mark.proves("B17")]

FORTY = 40


class Hand(Mouse):
    """A finger, or a hand on the mouse where no script runs; what it presses is counted."""

    def __init__(self, page: Page):
        super().__init__(page)
        self.count = 0

    def press(self, goal: Locator) -> None:
        self.count += 1
        super().press(goal)

    def find(self, text: str) -> None:
        """Search everything, from any page."""
        field = self.page.locator("[data-everywhere]:visible")
        if not field.count():
            self.press(self.page.locator(".desk-bar > summary"))
        field.fill(text)
        self.count += 1
        field.press("Enter")


@pytest.fixture(params=["phone_page", "plain_page"])
def hand(request) -> Hand:
    page = request.getfixturevalue(request.param)
    enter(page, factories.make_staff())
    return Hand(page)


def heading(page: Page) -> Locator:
    return page.get_by_role("heading", level=1)


def act(hand: Hand, name: str, typed: str = "") -> None:
    """Open a card's menu, press what is in it, and send the form that it leads to."""
    page = hand.page
    hand.press(page.get_by_role("button", name="More actions"))
    hand.press(page.locator("#card-more").get_by_role("link", name=name))
    form = page.locator(f"section.panel#{name.lower()}")
    if typed:
        hand.fill(form.get_by_label("Reason"), typed)
    hand.press(form.get_by_role("button", name=name))


@pytest.mark.proves("B9", "S13")
def test_on_the_telephone_a_card_is_frozen_and_replaced(hand):
    lost = factories.make_card("50.00 USD", holder_name="Mona Haddad").card
    factories.make_card("20.00 USD", holder_name="Mona Haddad")
    hand.page.goto("/staff/customers/")
    hand.find(f"{lost.last4} haddad")
    expect(heading(hand.page)).to_contain_text(lost.last4)
    act(hand, "Freeze")
    expect(hand.page.locator(".page-head")).to_contain_text("Frozen")
    assert now(lost).status == "frozen"
    act(hand, "Replace", "Lost")
    expect(heading(hand.page)).not_to_contain_text(lost.last4)
    assert now(lost).status == "replaced"
    assert sorted(card.balance_minor for card in cards.search.of_holder(lost.holder_email)) == [
        0,
        2000,
        5000,
    ]
    assert hand.count <= 8


def test_forty_orders_are_marked_with_one_check_page_and_two_are_undone(hand):
    found = [place() for _ in range(FORTY)]
    page = hand.page
    page.goto("/staff/orders/?fulfilment=pending")
    hand.press(page.locator(".box-note").get_by_role("link", name="Mark shipped"))
    hand.press(page.get_by_role("button", name=f"Mark {FORTY} orders as shipped"))
    expect(heading(page)).to_have_text(f"{FORTY} orders marked as shipped")
    for left in (FORTY - 1, FORTY - 2):
        hand.press(page.get_by_role("button", name=re.compile("Undo")))
        expect(heading(page)).to_have_text(f"{left} orders marked as shipped")
    assert [orders.find(order.id).fulfilment for order in found].count("pending") == 2
    assert hand.count == 4
