"""The widget's first moments: the field comes before the scripts, in the shop's colours."""

import pytest
from playwright.sync_api import Page, Route, expect

from giftweb.domain import carts
from tests.browser.test_widget import opened, shop
from tests.factories import goods, make_card

__all__ = ["opened", "shop"]


class Late:
    """A file that stays away until it is told to come."""

    def __init__(self, page: Page, pattern: str):
        self._routes: list[Route] = []
        self._is_let = False
        page.route(pattern, self._answer)

    def _answer(self, route: Route) -> None:
        if self._is_let:
            route.continue_()
        else:
            self._routes.append(route)

    def come(self) -> None:
        """Let it come now."""
        self._is_let = True
        for route in self._routes:
            route.continue_()


@pytest.fixture
def late_script(page) -> Late:
    """The frame's own script."""
    return Late(page, "**/static/frame.js*")


@pytest.fixture
def late_htmx(page) -> Late:
    return Late(page, "**/vendor/htmx.min.js*")


@pytest.fixture
def frame(page, site, shop, opened):
    """The widget in the shop's page, which need not be complete yet."""
    shop.show(site, carts.client_token(opened))
    page.goto(shop.origin, wait_until="commit")
    return page.frame_locator("giftweb-checkout iframe")


@pytest.fixture
def field(frame):
    return frame.get_by_label("Gift Card", exact=True)


@pytest.mark.proves("S36")
def test_a_code_typed_before_the_script_is_applied_when_it_comes(late_script, frame, field):
    card = make_card("100.00 USD")
    field.fill(card.code)
    field.press("Enter")
    expect(field).to_have_value(card.code)
    late_script.come()
    expect(frame.get_by_role("listitem")).to_contain_text("$40.00 of $100.00")


def test_a_code_typed_before_htmx_is_applied_when_it_comes(late_htmx, frame, field):
    field.fill(make_card("100.00 USD").code)
    expect(frame.get_by_text("You still pay $49.00")).to_be_visible()
    late_htmx.come()
    expect(frame.get_by_role("listitem")).to_contain_text("$40.00 of $100.00")


def test_who_is_typing_when_the_cards_come_is_not_disturbed(page, late_script, frame, field):
    field.press_sequentially("ABCDE")
    page.keyboard.press("ArrowLeft")
    late_script.come()
    expect(frame.get_by_text("You still pay $49.00")).to_be_visible()
    expect(field).to_be_focused()
    page.keyboard.type("X")
    expect(field).to_have_value("ABCDXE")


def test_what_is_typed_stays_when_the_shop_asks_for_a_refresh(page, frame, field, opened):
    expect(frame.get_by_text("You still pay $49.00")).to_be_visible()
    field.press_sequentially("ABCDE")
    carts.change(opened.id, changes={"items": (goods("20.00 USD"),)})
    page.evaluate("document.querySelector('giftweb-checkout').refresh()")
    expect(frame.get_by_text("You still pay $29.00")).to_be_visible()
    expect(field).to_be_focused()
    expect(field).to_have_value("ABCDE")


def test_the_field_does_not_move_when_the_cards_come(late_script, frame, field):
    before = field.bounding_box()
    late_script.come()
    expect(frame.get_by_text("You still pay $49.00")).to_be_visible()
    assert field.bounding_box() == before


def test_the_shops_colours_are_there_before_the_script(page, late_script, site, shop, opened):
    css = ":root { color-scheme: dark } giftweb-checkout { --giftweb-accent: rgb(122, 59, 29) }"
    shop.show(site, carts.client_token(opened))
    shop.page = shop.page.replace("<style>", f"<style>{css}")
    page.goto(shop.origin, wait_until="commit")
    frame = page.frame_locator("giftweb-checkout iframe")
    apply = frame.get_by_role("button", name="Apply")
    expect(apply).to_have_css("background-color", "rgb(122, 59, 29)")
    expect(frame.locator("html")).to_have_css("color-scheme", "dark")
    late_script.come()
    expect(frame.get_by_text("You still pay $49.00")).to_be_visible()
    expect(apply).to_have_css("background-color", "rgb(122, 59, 29)")


def test_a_colour_that_only_the_browser_understands_is_set_by_the_script(page, site, shop, opened):
    css = "giftweb-checkout { --giftweb-accent: color-mix(in srgb, rgb(200 0 0), rgb(0 0 0)) }"
    shop.show(site, carts.client_token(opened), f"<style>{css}</style>")
    page.goto(shop.origin)
    apply = page.frame_locator("giftweb-checkout iframe").get_by_role("button", name="Apply")
    expect(apply).to_have_css("background-color", "color(srgb 0.392157 0 0)")


def test_without_script_the_frame_offers_nothing_that_would_not_work(plain_page, site, opened):
    plain_page.goto(f"{site}/widget/{opened.campaign_id}/")
    assert "Your browser runs no scripts here" in plain_page.content()
    expect(plain_page.get_by_role("button", name="Apply")).to_be_hidden()
