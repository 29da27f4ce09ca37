"""Codes of another shop in the widget: the check by itself waits until one can be whole."""

import time

import pytest
from playwright.sync_api import Page, expect

from giftweb.domain import cards, carts
from giftweb.domain.audit.log import SYSTEM
from giftweb.domain.cards.import_terms import Terms
from tests.browser.test_widget import opened, shop
from tests.factories import make_card

__all__ = ["opened", "shop"]

pytestmark = pytest.mark.proves("E42")

SIXTEEN, TWELVE, WORD = "4712345678901235", "471234567890", "SUMMERSALEOF2026XX"


@pytest.fixture
def imported() -> None:
    rows = [f"25.00,USD,{code}" for code in (SIXTEEN, TWELVE, WORD)]
    cards.import_file.import_file(
        "\n".join(["amount,currency,code", *rows]).encode(),
        by=SYSTEM,
        terms=Terms(accepts_guessable=True),
    )


@pytest.fixture
def tries(page) -> list[float]:
    """When the frame has sent a code to be checked."""
    found: list[float] = []
    page.on("request", lambda asked: "/apply" in asked.url and found.append(time.monotonic()))
    return found


@pytest.fixture
def frame(page: Page, site, shop, opened, imported, tries):
    shop.show(site, carts.client_token(opened))
    page.goto(shop.origin)
    found = page.frame_locator("giftweb-checkout iframe")
    expect(found.locator("#cards").get_by_text("You still pay $49.00")).to_be_visible()
    found.get_by_label("Gift Card", exact=True).focus()
    return found


@pytest.mark.parametrize("code", [SIXTEEN, WORD, "4712-3456-7890-1235"])
def test_a_longer_code_is_checked_when_it_is_whole_and_not_before(page, frame, tries, code):
    for place, character in enumerate(code, start=1):
        page.keyboard.insert_text(character)
        if place == 15:
            page.wait_for_timeout(1500)
    expect(frame.get_by_role("listitem")).to_contain_text("of $25.00")
    assert len(tries) == 1


def test_a_shorter_one_is_checked_after_a_pause(page, frame, tries):
    started = time.monotonic()
    page.keyboard.insert_text(TWELVE)
    expect(frame.get_by_role("listitem")).to_contain_text("of $25.00")
    (tried,) = tries
    assert tried - started >= 1


def test_enter_is_never_waited_for(page, frame, tries):
    page.keyboard.insert_text(TWELVE)
    page.keyboard.press("Enter")
    expect(frame.get_by_role("listitem")).to_contain_text("of $25.00")
    page.wait_for_timeout(1300)
    assert len(tries) == 1


@pytest.mark.parametrize("number", range(3))
def test_our_own_codes_are_checked_by_themselves_as_before(page, frame, tries, number):
    card = make_card("10.00 USD")
    for character in card.code:
        page.keyboard.insert_text(character)
    expect(frame.get_by_role("listitem")).to_contain_text("of $10.00")
    assert len(tries) == 1


def test_what_can_be_no_code_of_any_shop_is_reported_without_naming_a_length(page, frame):
    frame.get_by_label("Gift Card", exact=True).fill("1234")
    page.keyboard.press("Enter")
    expect(frame.locator("#wrong")).to_have_text(
        "This is not a gift card code. Check it for a typing error."
    )
