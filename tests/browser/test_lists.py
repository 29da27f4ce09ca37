"""The desk's lists in a browser: from row to row by keys, many at once, and without script."""

import pytest
from playwright.sync_api import Page, expect

from giftweb.domain import orders
from tests import factories
from tests.browser.server import enter
from tests.browser.test_desk_cards import tab_to
from tests.browser.waiting import opened_panel, wait_for_shortcut
from tests.orders import place

BOTH_ENGINES = pytest.mark.engines("sqlite", "postgresql")


@pytest.fixture
def agent(page: Page):
    enter(page, factories.make_staff())


def active_text(page: Page) -> str:
    return page.evaluate("document.activeElement.textContent.trim()")


@pytest.mark.proves("B17")
def test_arrows_and_letters_go_from_row_to_row_and_enter_opens_one(page, agent):
    numbers = [str(place().number) for _ in range(3)][::-1]
    page.goto("/staff/orders/")
    page.keyboard.press("j")
    assert active_text(page) == numbers[0]
    page.keyboard.press("ArrowDown")
    page.keyboard.press("j")
    page.keyboard.press("j")  # the last row stays
    assert active_text(page) == numbers[2]
    page.keyboard.press("k")
    assert active_text(page) == numbers[1]
    page.keyboard.press("Enter")
    expect(page).to_have_url(f"{page.url.split('/staff')[0]}/staff/orders/{numbers[1]}")


@pytest.mark.proves("B17")
def test_the_first_row_is_three_tabs_away(page, agent):
    newest = [place() for _ in range(3)][-1]
    page.goto("/staff/orders/")
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    assert active_text(page) == "Skip to the list"
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    row = "document.activeElement.closest('tbody tr').querySelector('th a').textContent"
    assert page.evaluate(row) == str(newest.number)


@BOTH_ENGINES
@pytest.mark.proves("B17")
def test_forty_orders_are_marked_with_one_check_page_and_two_are_undone(page, agent, check_axe):
    found = [place() for _ in range(40)]
    page.goto("/staff/orders/?fulfilment=pending")
    expect(page.get_by_role("button", name="Mark shipped")).to_be_hidden()
    page.keyboard.press("X")
    expect(page.get_by_text("40 chosen")).to_be_visible()
    check_axe(page)
    page.keyboard.press("b")
    expect(page.get_by_role("button", name="Mark shipped")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="Mark 40 orders as shipped")).to_be_visible()
    check_axe(page)
    page.keyboard.press("b")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("40 orders marked as shipped")
    check_axe(page)
    for left in ("39", "38"):
        tab_to(page, page.get_by_role("button", name="Undo Order").first)
        page.keyboard.press("Enter")
        expect(page.get_by_role("heading", level=1)).to_have_text(
            f"{left} orders marked as shipped"
        )
    assert [orders.find(order.id).fulfilment for order in found].count("pending") == 2


def test_many_are_marked_by_the_keyboard_alone(page, agent):
    _, second, third = [place() for _ in range(3)][::-1]
    page.goto("/staff/orders/?fulfilment=pending")
    page.keyboard.press("j")
    page.keyboard.press("x")
    page.keyboard.press("j")
    page.keyboard.press("j")
    page.keyboard.press("x")
    expect(page.get_by_text("2 chosen")).to_be_visible()
    page.get_by_role("button", name="Mark shipped").focus()
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Mark 2 orders as shipped").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("2 orders marked as shipped")
    assert orders.find(second.id).fulfilment == "pending"
    assert orders.find(third.id).fulfilment == "shipped"


def test_it_works_without_script(plain_page):
    order = place()
    enter(plain_page, factories.make_staff())
    plain_page.goto("/staff/orders/?fulfilment=pending")
    plain_page.get_by_label(f"Choose Order {order.number}").check()
    plain_page.get_by_role("button", name="Mark shipped").click()
    plain_page.get_by_role("button", name="Mark 1 order as shipped").click()
    plain_page.get_by_role("button", name="Undo Order").click()
    expect(plain_page.get_by_text("It is not marked shipped.")).to_be_visible()


class Presses:
    """The keyboard, counted; what is typed into a field counts as nothing."""

    def __init__(self, page: Page):
        self.page, self.count = page, 0

    def press(self, key: str) -> None:
        self.count += 1
        self.page.keyboard.press(key)

    def type(self, text: str) -> None:
        self.page.keyboard.type(text)


@BOTH_ENGINES
@pytest.mark.proves("B9", "S13")
def test_on_the_telephone_a_card_is_frozen_and_replaced_without_the_mouse(page, agent):
    card = factories.make_card("50.00 USD", holder_name="Mona Haddad").card
    factories.make_card("20.00 USD", holder_name="Mona Haddad")
    keys = Presses(page)
    page.goto("/staff/customers/")
    keys.press("/")
    keys.type(f"{card.last4} haddad")
    keys.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_contain_text(card.last4)
    wait_for_shortcut(page, "z")
    keys.press("z")
    expect(opened_panel(page).get_by_label("Reason")).to_be_focused()
    keys.press("Enter")
    expect(page.locator("#panel[open]")).to_have_count(0)
    expect(page.get_by_text("Frozen").first).to_be_visible()
    wait_for_shortcut(page, "e")
    keys.press("e")
    expect(opened_panel(page).get_by_label("Reason")).to_be_focused()
    keys.type("Lost")
    keys.press("Enter")
    expect(page.get_by_text("Replaced").first).to_be_visible()
    assert keys.count <= 8


@pytest.mark.proves("B17")
def test_the_search_finds_from_a_phone_and_lists_what_fits(page, agent, check_axe):
    for _ in range(3):
        place(customer_name="Grace Hopper", customer_email="grace@example.com")
    factories.make_card("50.00 USD", holder_name="Grace Murray")
    page.set_viewport_size({"width": 360, "height": 780})
    page.goto("/staff/")
    page.get_by_text("Menu").click()
    page.locator("#everywhere-folded").fill("grace")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Orders")).to_be_visible()
    check_axe(page)
    page.set_viewport_size({"width": 1280, "height": 800})
    check_axe(page)
