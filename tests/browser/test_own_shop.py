"""An owner with an empty database: a gift card bought with test money in her own shop, by the
keyboard alone, on a telephone, and with script off."""

import pytest
from playwright.sync_api import Locator, Page, expect

from giftweb.domain import cards
from tests.browser.test_desk_cards import tab_to
from tests.factories import PASSWORD, make_staff

pytestmark = [
    pytest.mark.engines("sqlite", "postgresql"),
    pytest.mark.proves("E34", "B17", "S30", "S65"),
]

PRESENT = {
    "recipient_name": "Dora",
    "recipient_email": "dora@example.com",
    "sender_name": "Ann Smith",
    "sender_email": "ann@example.com",
}
BUYER = {"email": "ann@example.com", "name": "Ann Smith"}


class Mouse:
    """A hand on the mouse, which works with script off as well."""

    def __init__(self, page: Page):
        self.page = page

    def press(self, goal: Locator) -> None:
        goal.first.click()

    def go(self, goal: Locator) -> None:
        """Press what leads to another page, and be there."""
        with self.page.expect_navigation():
            self.press(goal)

    def choose(self, group: str, name: str) -> None:
        self.page.get_by_role("radio", name=name).check()

    def fill(self, goal: Locator, text: str) -> None:
        goal.fill(text)


class Keys(Mouse):
    """The keyboard alone."""

    def press(self, goal: Locator) -> None:
        tab_to(self.page, goal.first)
        self.page.keyboard.press("Enter")

    def choose(self, group: str, name: str) -> None:
        tab_to(self.page, self.page.locator(f"[name={group}]:checked"))
        self.page.keyboard.press("ArrowDown")
        expect(self.page.get_by_role("radio", name=name)).to_be_checked()

    def fill(self, goal: Locator, text: str) -> None:
        tab_to(self.page, goal)
        self.page.keyboard.press("Control+A")
        self.page.keyboard.type(text)


def open_shop(page: Page, hand: Mouse) -> None:
    """From signing in to a shop that sells a gift card."""
    page.goto("/login")
    hand.fill(page.get_by_label("Email"), make_staff("root").email)
    hand.fill(page.get_by_label("Password"), PASSWORD)
    hand.go(page.get_by_role("button", name="Sign in", exact=True))
    hand.go(page.get_by_role("link", name="Create a campaign"))
    hand.fill(page.get_by_label("Name", exact=True), "Corner Shop")
    hand.go(page.get_by_role("button", name="Create", exact=True))
    hand.go(page.get_by_role("link", name="Add a product"))
    hand.fill(page.get_by_label("Name", exact=True), "Gift card")
    hand.fill(page.get_by_label("Number"), "GIFT")
    hand.choose("kind", "Gift card")
    hand.fill(page.get_by_label("Amounts to choose from"), "25, 50")
    hand.go(page.get_by_role("button", name="Create", exact=True))
    expect(page.get_by_role("heading", level=1)).to_have_text("Products")


def buy_card(page: Page, hand: Mouse) -> None:
    """From the first page of the desk to the order that waits for its money."""
    page.goto("/staff/")
    hand.go(page.get_by_role("link", name="Open the shop with test money"))
    hand.go(page.get_by_role("link", name="Gift card", exact=True))
    for name, text in PRESENT.items():
        hand.fill(page.locator(f"[name={name}]"), text)
    hand.go(page.get_by_role("button", name="Add to cart"))
    hand.go(page.get_by_role("link", name="Check out"))
    for name, text in BUYER.items():
        hand.fill(page.locator(f"main [name={name}]"), text)
    hand.go(page.get_by_role("button", name="Continue to payment"))
    hand.go(page.locator("#rest").get_by_role("button"))
    expect(page.get_by_role("heading", name="Thank you, Ann Smith")).to_be_visible()


def receive_payment(page: Page, hand: Mouse) -> None:
    """The money of a test is said to be there, too, and the card is made."""
    hand.press(page.get_by_role("link", name="the order"))
    hand.press(page.get_by_role("link", name="Payment received"))
    hand.press(page.get_by_role("button", name="Payment received"))
    expect(page.get_by_text("Bought in this order")).to_be_visible()


def check_card() -> None:
    (card,) = cards.search.search(cards.search.Query()).items
    assert (card.is_test, card.balance_minor, card.holder_name) == (True, 2500, "Dora")


def test_a_card_is_bought_in_a_new_shop_by_the_keyboard_alone(page):
    keys = Keys(page)
    open_shop(page, keys)
    buy_card(page, keys)
    receive_payment(page, keys)
    check_card()


@pytest.mark.parametrize("where", ["phone_page", "plain_page"])
def test_a_card_is_bought_in_a_new_shop_on_a_telephone_and_without_script(request, where):
    page = request.getfixturevalue(where)
    mouse = Mouse(page)
    open_shop(page, mouse)
    buy_card(page, mouse)
    receive_payment(page, mouse)
    check_card()
