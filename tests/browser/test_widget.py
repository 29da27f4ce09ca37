"""The widget in a shop on another origin: another port, and another host name."""

import mimetypes
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from playwright.sync_api import Page, expect

from giftweb import clock, codes
from giftweb.domain import cards, carts, checkout
from giftweb.domain.audit.log import SYSTEM
from giftweb.domain.throttle import counters
from giftweb.domain.throttle.counters import Count
from tests import postgres
from tests.browser.conftest import chromium_context
from tests.browser.waiting import wait_until
from tests.factories import AGENT, amount_of, goods, make_campaign, make_card, make_checkout


class Shop:
    """A shop's own server: it answers with its ``files``, and with ``page`` elsewhere."""

    def __init__(self) -> None:
        self.port = postgres.free_port()
        self.page = ""
        self.files: dict[str, bytes] = {}
        self.headers: dict[str, str] = {}

    @property
    def origin(self) -> str:
        return f"http://localhost:{self.port}"

    def show(self, site: str, token: str, more: str = "") -> None:
        heard = """document.addEventListener('giftweb:change', (event) => {
            window.heard = event.detail;
            window.changes = (window.changes || 0) + 1;
        })"""
        self.page = f"""<!doctype html><html lang="en"><title>Shop</title>
            <style>giftweb-checkout {{ display: block; min-height: 176px }}</style>
            <body><h1>Checkout</h1>
            <script src="{site}/widget.js" async></script>
            <giftweb-checkout token="{token}"></giftweb-checkout>
            <p id="after">After the widget</p>
            <script>{heard}</script>
            {more}"""


@pytest.fixture
def shop() -> Iterator[Shop]:
    made = Shop()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            content = made.files.get(self.path)
            kind = "text/html" if content is None else mimetypes.guess_type(self.path)[0]
            self.send_response(200)
            self.send_header("Content-Type", f"{kind}; charset=utf-8")
            for name, value in made.headers.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(made.page.encode() if content is None else content)

        def log_message(self, *args: object) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", made.port), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    yield made
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def opened(shop):
    """A checkout of $40.00 goods and $9.00 shipping of a campaign that the shop may frame."""
    campaign = make_campaign(origins=(shop.origin,))
    return make_checkout(goods("40.00 USD"), campaign_id=campaign.id)


@pytest.fixture
def frame(page: Page, site, shop, opened):
    """The widget in the shop's page."""
    shop.show(site, carts.client_token(opened))
    page.goto(shop.origin)
    found = page.frame_locator("giftweb-checkout iframe")
    expect(found.get_by_label("Gift Card", exact=True)).to_be_visible()
    return found


def changes(page: Page) -> int:
    """How many changes the shop's page has been told of, the first of them at the start."""
    return page.wait_for_function("window.changes").json_value()


def enter(frame, code: str) -> None:
    frame.get_by_label("Gift Card", exact=True).fill(code)


@pytest.mark.proves("S35", "S36", "B4")
def test_the_fifteenth_character_is_enough(page, frame):
    card = make_card("100.00 USD")
    before = changes(page)
    enter(frame, card.code.lower())
    line = frame.get_by_role("listitem").filter(has_text=card.card.last4)
    expect(line).to_contain_text("$40.00 of $100.00")
    expect(frame.locator("#cards").get_by_text("You still pay $9.00 for shipping")).to_be_visible()
    page.wait_for_function("before => window.changes > before", arg=before)
    assert page.evaluate("window.heard") == {
        "giftCardAmount": 4000,
        "amountDue": 900,
        "currency": "USD",
        "coverage": "full",
    }
    assert page.evaluate("window.changes") == before + 1


@pytest.mark.engines("sqlite", "postgresql")
@pytest.mark.proves("S57", "S59", "S60")
def test_several_cards_by_keyboard_alone(page, frame):
    small, large = make_card("10.00 USD"), make_card("100.00 USD")
    field = frame.get_by_label("Gift Card", exact=True)
    for card in (large, small):
        field.focus()
        page.keyboard.insert_text(card.code)
        expect(frame.get_by_role("listitem").filter(has_text=card.card.last4)).to_be_visible()
    lines = frame.get_by_role("listitem")
    expect(lines.nth(0)).to_contain_text("$10.00 of $10.00")
    expect(lines.nth(1)).to_contain_text("$30.00 of $100.00")
    frame.get_by_role("button", name=f"Remove · Gift card •••• {small.card.last4}").focus()
    page.keyboard.press("Enter")
    expect(lines).to_have_count(1)
    expect(frame.get_by_role("status")).to_contain_text("was removed")


def test_the_shopper_uses_less_of_a_card(frame):
    card = make_card("100.00 USD")
    enter(frame, card.code)
    frame.get_by_text("Use less").click()
    frame.get_by_label("At most, in USD").fill("15.50")
    frame.get_by_role("button", name="Set").click()
    expect(frame.get_by_role("listitem")).to_contain_text("$15.50 of $100.00")


def test_a_wrong_amount_is_reported_where_it_was_typed(frame):
    enter(frame, make_card("100.00 USD").code)
    frame.get_by_text("Use less").click()
    most = frame.get_by_label("At most, in USD")
    most.fill("a bit")
    frame.get_by_role("button", name="Set").click()
    expect(frame.locator("#failed-1")).to_contain_text("Enter an amount of 0.01 or more")
    expect(most).to_be_focused()
    expect(most).to_have_value("a bit")
    expect(frame.locator("#wrong")).to_have_count(0)


@pytest.mark.proves("S36")
def test_it_says_whether_a_part_is_covered_or_all(page, frame):
    small, large = make_card("10.00 USD"), make_card("100.00 USD")
    visible = frame.locator("#cards .gift-said")
    enter(frame, small.code)
    expect(visible).to_contain_text("pays $10.00: a part is covered.")
    expect(frame.get_by_role("status")).to_contain_text("is covered. You still pay $39.00.")
    enter(frame, large.code)
    expect(visible).to_contain_text("pays $30.00: all but shipping is covered.")


def test_it_is_light_or_dark_as_the_shops_page_is_and_not_as_the_shopper_prefers(
    browser, site, shop, opened
):
    for css, scheme in (("", "light"), (":root { color-scheme: dark }", "dark")):
        shop.show(site, carts.client_token(opened), f"<style>{css}</style>")
        other = "light" if scheme == "dark" else "dark"
        with chromium_context(browser, site, color_scheme=other) as context:
            page = context.new_page()
            page.goto(shop.origin)
            frame = page.frame_locator("giftweb-checkout iframe")
            expect(frame.get_by_role("button", name="Apply")).to_be_visible()
            expect(frame.locator("html")).to_have_css("color-scheme", scheme)
            expect(page.locator("iframe")).to_have_css("color-scheme", scheme)


def test_it_takes_the_shops_colours_though_their_style_sheet_comes_late(page, site, shop, opened):
    """An async script does not wait for style sheets."""
    sheet, css = "**/late.css", "giftweb-checkout { --giftweb-accent: rgb(122, 59, 29) }"
    asked: list[str] = []

    def answer(route) -> None:
        asked.append(route.request.url)
        page.wait_for_timeout(600)
        route.fulfill(content_type="text/css", body=css)

    page.route(sheet, answer)
    shop.show(site, carts.client_token(opened), '<link rel="stylesheet" href="/late.css">')
    page.goto(shop.origin)
    apply = page.frame_locator("giftweb-checkout iframe").get_by_role("button", name="Apply")
    expect(apply).to_have_css("background-color", "rgb(122, 59, 29)")
    assert asked


def test_one_sentence_for_every_code_that_cannot_be_used(frame):
    frozen, tested = make_card("10.00 USD"), make_card("10.00 USD", is_test=True)
    cards.freeze(frozen.card.id, by=AGENT)
    for code in (frozen.code, tested.code):
        enter(frame, "")
        enter(frame, code)
        expect(frame.locator("#wrong")).to_have_text(
            "This code cannot be used here. Check it, or use another card."
        )
        expect(frame.get_by_label("Gift Card", exact=True)).to_have_value(code)


@pytest.mark.proves("X10")
def test_a_shopper_whose_tries_have_to_wait_proves_work_and_notices_nothing(frame):
    failed = Count(13, clock.micros() + 60_000_000)
    assert counters.swap("widget", "127.0.0.1", None, failed)
    enter(frame, codes.generate())
    expect(frame.locator("#wrong")).to_have_text(
        "This code cannot be used here. Check it, or use another card."
    )
    assert frame.locator("[data-challenge]").count() == 0


@pytest.mark.proves("S58")
def test_the_balance_of_a_card_is_checked_from_there(page, frame):
    with page.context.expect_page() as opened:
        frame.get_by_role("link", name="Check a balance").click()
    expect(opened.value.get_by_role("heading", name="Check your gift card")).to_be_visible()
    expect(frame.get_by_label("Gift Card", exact=True)).to_be_visible()


def test_a_card_that_another_order_holds_is_named_as_such(frame):
    card = make_card("10.00 USD")
    other = make_checkout()
    carts.apply(other.id, code=card.code)
    checkout.authorise(other.id, by=AGENT)
    enter(frame, card.code)
    expect(frame.locator("#wrong")).to_have_text(
        "What is left on this gift card is reserved for an open order."
    )


@pytest.mark.proves("E33")
def test_a_typing_error_is_reported_on_the_field_until_the_next_code_is_typed(frame):
    enter(frame, "AAAAAAAAAAAAAAA")
    expect(frame.locator("#wrong")).to_contain_text("typing error")
    field = frame.get_by_label("Gift Card", exact=True)
    expect(field).to_be_focused()
    field.press("Backspace")
    expect(frame.locator("#wrong")).to_have_count(0)
    expect(field).not_to_have_attribute("aria-invalid", "true")


def test_apply_after_the_code_has_applied_itself_scolds_nobody(frame):
    card = make_card("100.00 USD")
    enter(frame, card.code)
    expect(frame.get_by_role("listitem")).to_contain_text(card.card.last4)
    frame.get_by_role("button", name="Apply").click()
    field = frame.get_by_label("Gift Card", exact=True)
    expect(field).to_be_focused()
    expect(frame.locator("#wrong")).to_have_count(0)
    expect(frame.get_by_role("listitem")).to_contain_text(card.card.last4)


def test_the_shop_changes_the_cart_and_asks_for_a_refresh(page, frame, opened):
    enter(frame, make_card("100.00 USD").code)
    expect(frame.locator("#cards").get_by_text("You still pay $9.00")).to_be_visible()
    carts.change(opened.id, changes={"items": (goods("20.00 USD"),)})
    page.evaluate("document.querySelector('giftweb-checkout').refresh()")
    expect(frame.get_by_role("listitem")).to_contain_text("$20.00 of $100.00")


@pytest.mark.engines("sqlite", "postgresql")
@pytest.mark.proves("E8", "E39")
def test_a_card_lost_meanwhile_is_taken_off_with_words_and_the_shopper_goes_on(
    page, frame, opened, check_axe
):
    lost, shared = make_card("10.00 USD"), make_card("20.00 USD")
    for card in (lost, shared):
        enter(frame, card.code)
        expect(frame.get_by_role("listitem").filter(has_text=card.card.last4)).to_be_visible()
    cards.freeze(lost.card.id, by=AGENT)
    other = make_checkout(goods("5.00 USD"), shipping="0.00 USD")
    carts.apply(other.id, code=shared.code)
    checkout.authorise(other.id, by=SYSTEM)
    page.evaluate("document.querySelector('giftweb-checkout').refresh()")
    gone = f"Gift card ending in {lost.card.last4} cannot be used any more: it was removed."
    expect(frame.locator("#cards").get_by_text(gone)).to_be_visible()
    expect(frame.locator("#said")).to_contain_text(gone)
    expect(frame.get_by_role("listitem")).to_contain_text("$15.00 of $20.00")
    expect(frame.locator("#cards").get_by_text("You still pay $34.00")).to_be_visible()
    check_axe(page)
    assert checkout.authorise(opened.id, by=SYSTEM).due == amount_of("34.00 USD")


@pytest.mark.proves("B4")
def test_no_cookie_is_set_or_needed(browser, site, shop, opened):
    shop.show(site, carts.client_token(opened))
    with chromium_context(browser, site) as context:
        page = context.new_page()
        context.route("**/*", lambda route: route.continue_(headers=without_cookies(route)))
        page.goto(shop.origin)
        frame = page.frame_locator("giftweb-checkout iframe")
        enter(frame, make_card("100.00 USD").code)
        expect(frame.locator("#cards").get_by_text("You still pay $9.00")).to_be_visible()
        assert context.cookies() == []


def without_cookies(route) -> dict[str, str]:
    return {name: value for name, value in route.request.headers.items() if name != "cookie"}


def test_another_origin_may_not_frame_it(browser, site, shop):
    stranger = make_checkout(campaign_id=make_campaign(origins=("https://shop.example",)).id)
    shop.show(site, carts.client_token(stranger))
    with chromium_context(browser, site) as context:
        page = context.new_page()
        with page.expect_console_message(lambda message: "frame" in message.text):
            page.goto(shop.origin)
        inside = page.frame_locator("giftweb-checkout iframe")
        assert inside.get_by_label("Gift Card", exact=True).count() == 0


def test_forged_messages_are_ignored(page, site, shop, opened):
    shop.show(site, carts.client_token(opened))
    page.goto(shop.origin)
    frame = page.frame_locator("giftweb-checkout iframe")
    expect(frame.locator("#cards").get_by_text("You still pay $49.00")).to_be_visible()
    changes(page)
    before = page.locator("iframe").evaluate("frame => frame.style.height")
    page.evaluate(
        "() => { window.heard = null;"
        " postMessage({type: 'giftweb:size', height: 3000}, '*');"
        " postMessage({type: 'giftweb:change', detail: {amountDue: 0}}, '*'); }"
    )
    page.wait_for_timeout(200)
    assert page.evaluate("window.heard") is None
    assert page.locator("iframe").evaluate("frame => frame.style.height") == before


def test_nothing_moves_where_the_shop_keeps_the_space(page, site, shop, opened):
    shop.show(
        site,
        carts.client_token(opened),
        "<script>window.shift = 0; new PerformanceObserver((list) => { for (const entry of"
        " list.getEntries()) window.shift += entry.value; }).observe({type: 'layout-shift',"
        " buffered: true});</script>",
    )
    page.goto(shop.origin)
    frame = page.frame_locator("giftweb-checkout iframe")
    expect(frame.locator("#cards").get_by_text("You still pay $49.00")).to_be_visible()
    page.wait_for_timeout(300)
    assert page.evaluate("window.shift") == 0


@pytest.mark.proves("S57")
def test_without_script_the_shop_posts_the_token(plain_page, site, opened):
    token = carts.client_token(opened)
    card = make_card("100.00 USD")
    plain_page.route(
        "**/start",
        lambda route: route.fulfill(
            content_type="text/html",
            body=f'<form method="post" action="{site}/widget/{opened.campaign_id}/">'
            f'<input name="token" value="{token}"><button>Go</button></form>',
        ),
    )
    plain_page.goto(f"{site}/start")
    plain_page.get_by_role("button", name="Go").click()
    plain_page.get_by_label("Gift Card", exact=True).fill(card.code)
    plain_page.get_by_role("button", name="Apply").click()
    expect(plain_page.get_by_role("listitem")).to_contain_text("$40.00 of $100.00")
    plain_page.get_by_role("button", name="Remove").click()
    expect(plain_page.get_by_text("You still pay $49.00")).to_be_visible()


def test_it_is_accessible(frame, page, check_axe):
    enter(frame, make_card("10.00 USD").code)
    expect(frame.locator("#cards").get_by_text("You still pay $39.00")).to_be_visible()
    check_axe(page)


def test_a_token_of_nothing_says_how_to_go_on(page, site, shop, opened):
    shop.show(site, f"{opened.campaign_id}.nothing")
    page.goto(shop.origin)
    frame = page.frame_locator("giftweb-checkout iframe")
    expect(frame.get_by_text("This cart has expired")).to_be_visible()


def test_a_lost_connection_is_reported_and_mended(page, frame):
    wait_until(page.frames[-1], "Boolean(window.htmx)")
    page.context.set_offline(True)
    enter(frame, make_card("10.00 USD").code)
    expect(frame.get_by_text("There is no connection")).to_be_visible()
    page.context.set_offline(False)
    frame.get_by_role("button", name="Try again").click()
    expect(frame.get_by_text("There is no connection")).to_be_hidden()


@pytest.mark.proves("B4")
def test_a_token_opens_its_own_checkout_only(client, opened):
    other = make_checkout()
    token = carts.client_token(opened)
    answer = client.post(f"/widget/{other.campaign_id}/", data={"token": token})
    assert answer.status_code == 409
    code = make_card("10.00 USD").code
    client.post(f"/widget/{opened.campaign_id}/apply", data={"token": token, "code": code})
    assert carts.find(other.id).cards == ()
    assert len(carts.find(opened.id).cards) == 1
