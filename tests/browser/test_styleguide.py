"""The parts of the pages in a real browser: seen, reached by keyboard, and without script."""

import threading

import pytest
from playwright.sync_api import expect
from werkzeug.serving import make_server

from giftweb.web.http import errors
from tests import pseudo
from tests.browser.conftest import COLOURS
from tests.browser.server import Quiet
from tools import styleguide

pytestmark = pytest.mark.no_database

ERRORS = [f"errors/{status}" for status in sorted(errors.PAGES)]
REFUSAL = "This card has been used, so it cannot be cancelled. You can freeze it instead."


@pytest.fixture(scope="module")
def site():
    """The style guide instead of the whole application."""
    server = make_server(
        "127.0.0.1", 0, styleguide.create_app(), threaded=True, request_handler=Quiet
    )
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


def focused(page) -> str:
    return page.evaluate("document.activeElement.id || document.activeElement.textContent.trim()")


@pytest.mark.proves("B17")
@pytest.mark.parametrize("name", [*styleguide.PAGES, "panel", *ERRORS])
def test_every_part_is_accessible_at_every_width_in_both_themes(
    page, check_axe, check_layout, name
):
    page.goto(f"/styleguide/{name}")
    check_layout(page)
    page.emulate_media(color_scheme="light")
    check_axe(page, rules=COLOURS)


@pytest.mark.proves("B17")
@pytest.mark.parametrize("name", [*styleguide.PAGES, "panel", *ERRORS])
def test_every_part_stands_a_longer_language_from_right_to_left(page, monkeypatch, name):
    pseudo.speak(monkeypatch)
    page.set_viewport_size({"width": 320, "height": 640})
    page.goto(f"/styleguide/{name}")
    page.evaluate("document.documentElement.dir = 'rtl'")
    assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0


def test_a_panel_opens_over_the_page_and_gives_the_focus_back(page, check_axe):
    page.goto("/styleguide/list")
    opener = page.get_by_role("link", name="Recharge").first
    opener.click()
    dialog = page.get_by_role("dialog", name="Recharge")
    dialog.wait_for()
    check_axe(page)
    assert focused(page) == "amount"
    page.keyboard.press("Escape")
    dialog.wait_for(state="hidden")
    assert focused(page) == "Recharge"
    opener.click()
    dialog.get_by_role("link", name="Cancel").click()
    dialog.wait_for(state="hidden")
    assert page.url.endswith("/styleguide/list")


def test_a_refusal_stays_in_the_panel_and_keeps_what_was_typed(page):
    page.goto("/styleguide/list")
    page.get_by_role("link", name="Recharge").first.click()
    dialog = page.get_by_role("dialog", name="Recharge")
    dialog.get_by_label("Amount").fill("13")
    dialog.get_by_role("button", name="Recharge").click()
    dialog.get_by_text(REFUSAL).wait_for()
    assert dialog.get_by_label("Amount").input_value() == "13"


def test_a_success_closes_the_panel_changes_the_page_and_says_so(page):
    page.goto("/styleguide/resource")
    page.get_by_role("link", name="Issue New Gift Card").click()
    dialog = page.get_by_role("dialog", name="Recharge")
    dialog.get_by_label("Amount").fill("25")
    dialog.get_by_role("button", name="Recharge").click()
    dialog.wait_for(state="hidden")
    page.get_by_role("status").get_by_text("Recharged with $25.00.").wait_for()
    page.get_by_text("Recharged a moment ago").wait_for()
    page.get_by_role("button", name="Undo").click()
    page.get_by_role("status").get_by_text("Undone.").wait_for()


def test_a_panel_is_a_page_without_script(plain_page):
    plain_page.goto("/styleguide/resource")
    plain_page.get_by_role("link", name="Issue New Gift Card").click()
    plain_page.get_by_label("Amount").fill("13")
    plain_page.get_by_role("button", name="Recharge").click()
    plain_page.get_by_text(REFUSAL).wait_for()
    plain_page.go_back()
    plain_page.get_by_label("Amount").fill("25")
    plain_page.get_by_role("button", name="Recharge").click()
    plain_page.get_by_text("Recharged with $25.00.").wait_for()
    assert plain_page.url.endswith("/styleguide/resource")


def test_a_pop_up_opens_without_script(plain_page):
    plain_page.goto("/styleguide/list")
    plain_page.get_by_role("button", name="Details of •••• 7K2Q").first.click()
    plain_page.get_by_role("dialog", name="Details of •••• 7K2Q").get_by_text("Email").wait_for()


@pytest.mark.proves("S17")
def test_search_as_you_type_is_worked_by_the_keyboard(page, check_axe):
    page.goto("/styleguide/forms")
    field = page.get_by_role("combobox", name="Holder Email").first
    field.press_sequentially("person")
    page.get_by_role("option").first.wait_for()
    assert field.get_attribute("aria-expanded") == "true"
    check_axe(page)
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    assert page.locator("[aria-selected=true]").count() == 1
    assert field.get_attribute("aria-activedescendant")
    page.keyboard.press("Enter")
    assert field.input_value() == "person1@example.com"
    assert field.get_attribute("aria-expanded") == "false"
    field.press_sequentially("x")
    page.get_by_text("Nothing found").first.wait_for()
    page.keyboard.press("Escape")
    assert field.get_attribute("aria-expanded") == "false"


def test_a_choice_is_taken_by_the_mouse_too(page):
    page.goto("/styleguide/forms")
    field = page.get_by_role("combobox", name="Holder Email").first
    field.press_sequentially("person3")
    page.get_by_role("option", name="person3").click()
    assert field.input_value() == "person3@example.com"


def test_the_list_follows_its_search_and_its_order_in_place(page):
    page.goto("/styleguide/list")
    page.evaluate("window.same = true")
    page.get_by_label("Search", exact=True).press_sequentially("ann")
    page.wait_for_url("**/styleguide/list?q=ann**")
    page.get_by_role("link", name="Balance").click()
    page.wait_for_url("**sort=balance**")
    head = page.get_by_role("columnheader", name="Balance")
    expect(head).to_have_attribute("aria-sort", "ascending")
    assert focused(page) == "sort-balance"
    page.get_by_label("Search", exact=True).fill("bob")
    page.wait_for_url("**q=bob**sort=balance**")
    assert page.evaluate("window.same")


def test_keys_lead_through_the_desk_and_can_be_switched_off(page):
    page.goto("/styleguide/list")
    page.keyboard.press("f")
    assert focused(page) == "search"
    page.keyboard.press("Escape")
    page.locator("h1").click()
    page.keyboard.press("?")
    page.get_by_role("dialog", name="Keyboard shortcuts").wait_for()
    page.get_by_label("Use these shortcuts").uncheck()
    page.keyboard.press("Escape")
    page.keyboard.press("n")
    page.wait_for_timeout(200)
    assert page.url.endswith("/styleguide/list")
    page.keyboard.press("?")
    page.get_by_label("Use these shortcuts").check()
    page.keyboard.press("Escape")
    page.keyboard.press("n")
    page.wait_for_url("**/styleguide/panel")


def test_no_connection_is_reported_and_nothing_is_lost(page):
    page.goto("/styleguide/list")
    page.get_by_role("link", name="Recharge").first.click()
    dialog = page.get_by_role("dialog", name="Recharge")
    dialog.get_by_label("Amount").fill("25")
    page.context.set_offline(True)
    dialog.get_by_role("button", name="Recharge").click()
    dialog.get_by_text("No connection. Nothing was changed; try again.").wait_for()
    assert dialog.get_by_label("Amount").input_value() == "25"
    page.context.set_offline(False)


def test_the_menu_folds_on_a_phone_and_opens_without_script(plain_page):
    plain_page.set_viewport_size({"width": 360, "height": 740})
    plain_page.goto("/styleguide/list")
    assert not plain_page.get_by_role("link", name="Customers").is_visible()
    plain_page.get_by_text("Menu", exact=True).click()
    plain_page.get_by_role("link", name="Customers").click()
    plain_page.wait_for_url("**/staff/customers/")


def test_touch_targets_are_large_enough(page):
    page.set_viewport_size({"width": 360, "height": 740})
    page.goto("/styleguide/forms")
    small = page.eval_on_selector_all(
        ".button, .input, .choice",
        "all => all.filter(e => e.offsetHeight > 0 && e.offsetHeight < 44)"
        ".filter(e => !e.matches('.button-small')).map(e => e.outerHTML.slice(0, 80))",
    )
    assert not small
