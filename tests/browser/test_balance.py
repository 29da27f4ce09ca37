"""The balance page as a visitor meets it: typed, pasted, paged, printed; with keys, script off."""

import pytest
from playwright.sync_api import expect

from giftweb import clock, codes
from giftweb.domain import cards, throttle
from giftweb.domain.throttle import counters, proofs
from giftweb.domain.throttle.counters import Count
from giftweb.money import Money
from tests.factories import AGENT, make_campaign
from tests.proofs import solve as proof_of

WIDTHS = (320, 360, 1280)


@pytest.fixture
def long_card(make_card):
    """A card of a shop, with 45 lines of history."""
    shop = make_campaign(brand_name="Harbour Books", brand_colour="teal")
    issued = make_card("50.00 USD", campaign_id=shop.id)
    for _ in range(44):
        cards.top_up(issued.card.id, amount=Money(100, "USD"), by=AGENT)
    return issued


def check(page, typed: str) -> None:
    page.goto("/balance")
    page.get_by_label("Gift card code").fill(typed)
    page.get_by_role("button", name="Check").click()


@pytest.mark.proves("S53", "S54", "D9")
def test_a_pasted_code_in_small_letters_shows_the_card_without_leaving_the_page(page, make_card):
    issued = make_card("50.00 USD")
    page.goto("/balance")
    page.evaluate("window.isTheSamePage = true")
    field = page.get_by_label("Gift card code")
    field.focus()
    page.keyboard.insert_text(f" {codes.grouped(issued.code).lower().replace('-', ' ')} ")
    page.keyboard.press("Enter")
    found = page.get_by_role("group", name=f"Gift card ending in {issued.card.last4}")
    found.wait_for()
    assert page.evaluate("window.isTheSamePage") is True
    assert "$50.00, Active" in found.get_attribute("aria-label")
    expect(page.locator("#found")).to_be_focused()
    expect(page.get_by_role("row")).to_have_count(2)


@pytest.mark.proves("B17")
def test_everything_works_with_script_off(plain_page, long_card):
    check(plain_page, long_card.code)
    expect(plain_page.get_by_text("1 to 20 of 45")).to_be_visible()
    expect(plain_page.get_by_role("button", name="Print", exact=True)).to_be_hidden()
    plain_page.get_by_role("button", name="Earlier").click()
    expect(plain_page.get_by_text("21 to 40 of 45")).to_be_visible()
    plain_page.get_by_role("button", name="Earlier").click()
    expect(plain_page.get_by_text("41 to 45 of 45")).to_be_visible()
    plain_page.get_by_role("button", name="Newest").click()
    expect(plain_page.get_by_text("1 to 20 of 45")).to_be_visible()
    assert long_card.code not in plain_page.url


@pytest.mark.proves("S55", "B17")
def test_the_history_is_paged_by_keyboard(page, long_card):
    check(page, long_card.code)
    page.get_by_role("button", name="Earlier").focus()
    page.keyboard.press("Enter")
    page.get_by_text("21 to 40 of 45").wait_for()
    expect(page.locator("#history-title")).to_be_focused()
    page.get_by_role("button", name="Newest").focus()
    page.keyboard.press("Enter")
    page.get_by_text("1 to 20 of 45").wait_for()
    expect(page.get_by_role("group", name="Gift card ending")).to_be_visible()


def test_the_keyboard_alone_gets_from_the_top_to_the_card(page, make_card):
    issued = make_card()
    page.goto("/balance")
    for _ in range(3):
        page.keyboard.press("Tab")
    expect(page.locator("input[name=code]:not([type=hidden])")).to_be_focused()
    page.keyboard.type(issued.code)
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.get_by_role("group", name="Gift card ending").wait_for()


def test_the_page_takes_the_name_and_the_colour_of_the_cards_shop(page, long_card):
    check(page, long_card.code)
    page.get_by_role("banner").get_by_text("Harbour Books").wait_for()
    expect(page.locator("html")).to_have_attribute("data-brand", "teal")


@pytest.mark.parametrize("script", ["on", "off"])
def test_an_error_stands_on_the_field_and_keeps_what_was_typed(request, script):
    page = request.getfixturevalue("page" if script == "on" else "plain_page")
    check(page, "7gk2m nonsense")
    page.get_by_text("This is not a gift card code.").wait_for()
    field = page.get_by_label("Gift card code")
    expect(field).to_have_value("7gk2m nonsense")
    expect(field).to_have_attribute("aria-invalid", "true")
    expect(page.locator("input[name=code]:not([type=hidden])")).to_be_focused()


@pytest.fixture
def has_guessed():
    """All free tries from this address are used up, and some more."""
    failed = Count(throttle.LOOK_UP.free + 3, clock.micros() + 60 * throttle.SECOND)
    assert counters.swap(throttle.LOOK_UP.name, "127.0.0.1", None, failed)


@pytest.mark.proves("B6", "X10")
def test_whoever_guesses_proves_work_and_is_heard(page, has_guessed):
    check(page, codes.generate())
    page.get_by_text("No gift card has this code.").wait_for()
    assert page.locator("[data-challenge]").count() == 0


@pytest.mark.proves("X10")
def test_the_browser_hashes_as_the_server_does(page):
    page.goto("/balance")
    solve = "async (text) => (await import('/static/proof.js')).solve(text)"
    challenge = proofs.challenge("look_up", source="127.0.0.1", failures=0)
    assert page.evaluate(solve, challenge) == proof_of(challenge)


@pytest.mark.proves("B6")
def test_without_script_whoever_guesses_waits(plain_page, has_guessed):
    check(plain_page, codes.generate())
    expect(plain_page.get_by_text("Too many tries have failed. Wait")).to_be_visible()


@pytest.mark.proves("S53")
def test_the_print_shows_the_card_and_its_history_and_no_controls(page, long_card):
    page.add_init_script("window.print = () => { window.wasPrinted = true; }")
    check(page, long_card.code)
    page.get_by_role("button", name="Print", exact=True).click()
    assert page.evaluate("window.wasPrinted") is True
    page.emulate_media(media="print")
    for name in ("Check", "Print", "Earlier"):
        assert not page.get_by_role("button", name=name).is_visible()
    assert not page.get_by_label("Gift card code").is_visible()
    assert page.get_by_text("$94.00").first.is_visible()
    assert page.get_by_text("Transaction id").first.is_visible()
    assert page.get_by_text("As of").is_visible()


@pytest.mark.proves("B17")
def test_every_state_is_accessible_in_both_themes(page, check_layout, make_card, long_card):
    frozen = make_card(is_test=True)
    cards.freeze(frozen.card.id, by=AGENT)
    page.goto("/balance")
    check_layout(page)
    for typed, sign in (
        (long_card.code, "1 to 20 of 45"),
        (frozen.code, "cannot be used for now"),
        ("nonsense", "This is not a gift card code."),
    ):
        check(page, typed)
        page.get_by_text(sign).first.wait_for()
        check_layout(page)


@pytest.mark.proves("B17")
def test_nothing_is_lost_on_a_small_screen(page, long_card):
    check(page, long_card.code)
    page.get_by_text("1 to 20 of 45").wait_for()
    first = page.locator("#history tbody tr").first
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 700})
        assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
        for label in ("Transaction id", "Type", "Date", "Amount"):
            assert first.locator(f'[data-label="{label}"]').is_visible()
