"""The counter in a browser: keyboard alone, script off, a photo, every width (B21)."""

import io

import pytest
import segno
from playwright.sync_api import Page, expect

from giftweb import days, models
from giftweb.domain import cards, desk
from tests import factories
from tests.browser.server import enter
from tests.browser.waiting import wait_until
from tests.factories import make_card

pytestmark = pytest.mark.proves("B21")

SMALL = """() => [...document.querySelectorAll("main :is(a, button, input:not([type=hidden]))")]
    .filter((each) => each.getClientRects().length)
    .filter((each) => each.getBoundingClientRect().height < 44)
    .filter((each) => !each.matches("p a, .line a"))
    .map((each) => each.outerHTML.slice(0, 80))"""
HOME = "/staff/counter/"


@pytest.fixture
def campaign(site):
    return factories.make_campaign("Harbour Books")


@pytest.fixture
def till(page, campaign) -> Page:
    """The counter, opened by a cashier."""
    return entered(page)


def entered(page: Page) -> Page:
    enter(page, factories.make_staff("cashier"))
    page.goto(HOME)
    expect(page.get_by_role("heading", level=1)).to_have_text("Counter")
    return page


def balance(issued) -> str:
    return str(cards.find(issued.card.id).balance)


REPLACED_BY_TYPING = """() => {
  const field = document.activeElement;
  return field.selectionEnd - field.selectionStart === field.value.length;
}"""


def typed(page: Page, text: str, *, into: str = "Gift card code") -> None:
    """As a hand scanner types, or fingers do: text and Enter, where the focus is."""
    expect(page.get_by_label(into)).to_be_focused()
    wait_until(page, REPLACED_BY_TYPING)
    page.keyboard.type(text)
    page.keyboard.press("Enter")


@pytest.mark.engines("sqlite", "postgresql")
def test_a_hand_scanner_an_amount_and_enter_redeem(till, check_axe):
    issued = make_card("50.00 USD")
    check_axe(till)
    typed(till, issued.code)
    expect(till.get_by_label("Amount to pay")).to_be_focused()
    check_axe(till)
    typed(till, "17.50", into="Amount to pay")
    expect(till.get_by_role("link", name="Next customer")).to_be_focused()
    check_axe(till)
    assert balance(issued) == "32.50 USD"
    till.keyboard.press("Enter")
    expect(till.get_by_label("Gift card code")).to_be_focused()


def test_a_part_and_the_rest_with_another_card(till):
    first, second = make_card("12.00 USD"), make_card("50.00 USD")
    typed(till, first.code)
    typed(till, "20", into="Amount to pay")
    expect(till.get_by_text("left to pay")).to_be_visible()
    expect(till.get_by_text("$8.00")).to_be_visible()
    expect(till.get_by_role("link", name="Pay the rest")).to_be_focused()
    till.keyboard.press("Enter")
    expect(till.get_by_text("pays the rest of receipt")).to_be_visible()
    typed(till, second.code)
    expect(till.get_by_label("Amount to pay")).to_have_value("8.00")
    expect(till.get_by_label("Amount to pay")).to_be_focused()
    till.keyboard.press("Enter")
    expect(till.get_by_text("$42.00")).to_be_visible()
    assert balance(second) == "42.00 USD"


def test_after_a_wrong_scan_the_next_one_takes_its_place(till):
    issued = make_card("50.00 USD")
    for wrong in ("NONSENSE", "7GK2M-4T9QX-1BC0Z"):
        typed(till, wrong)
        expect(till.locator(".error-message, .notice-bad")).to_be_visible()
    typed(till, issued.code)
    expect(till.get_by_label("Amount to pay")).to_be_focused()


def test_a_scan_that_is_faster_than_the_script_stays_whole(till):
    issued = make_card("50.00 USD")

    def begin_the_scan(route):
        expect(till.get_by_label("Gift card code")).to_be_focused()
        till.keyboard.type(issued.code[:8])
        route.continue_()

    till.route("**/counter.js*", begin_the_scan, times=1)
    till.goto(HOME)
    till.keyboard.type(issued.code[8:])
    till.keyboard.press("Enter")
    expect(till.get_by_label("Amount to pay")).to_be_focused()


def test_a_photo_of_a_qr_code_opens_the_card(till):
    issued, drawn = make_card("50.00 USD"), io.BytesIO()
    link = f"https://cards.example/balance#gift-card={issued.code}"
    segno.make(link, error="m").save(drawn, kind="png", scale=12)
    photo = {"name": "card.png", "mimeType": "image/png", "buffer": drawn.getvalue()}
    till.get_by_label("Photo of the code").set_input_files(photo)
    expect(till.get_by_label("Amount to pay")).to_be_focused()
    expect(till.get_by_role("heading", level=1)).to_contain_text(issued.card.last4)


DETECTOR = """
navigator.mediaDevices ??= {};
Object.defineProperty(navigator, "mediaDevices", { value: {
  getUserMedia: async () => document.createElement("canvas").captureStream(1),
} });
window.looks = 0;
window.BarcodeDetector = class {
  async detect() { return ++window.looks < 3 ? [] : [{ rawValue: "%s" }]; }
};
"""
"""A camera, and a browser that reads codes: neither is in the browser of the tests."""


def test_the_camera_reads_a_code_where_the_browser_can(page, campaign):
    issued = make_card("50.00 USD")
    page.add_init_script(DETECTOR % f"https://cards.example/balance#gift-card={issued.code}")
    till = entered(page)
    till.get_by_role("button", name="Use the camera").click()
    expect(till.get_by_label("Amount to pay")).to_be_focused()
    expect(till.get_by_role("heading", level=1)).to_contain_text(issued.card.last4)


PRESSES = """
addEventListener("click", () => sessionStorage.presses = 1 + Number(sessionStorage.presses ?? 0));
"""
"""Each press on the page: Enter in a form presses its button."""


def test_from_scan_to_redeemed_and_the_next_customer_are_three_presses(page, campaign):
    issued = make_card("50.00 USD")
    page.add_init_script(DETECTOR % issued.code)
    till = entered(page)
    page.add_init_script(PRESSES)
    till.reload()
    till.get_by_role("button", name="Use the camera").click()
    typed(till, "17.50", into="Amount to pay")
    till.get_by_role("link", name="Next customer").click()
    expect(till.get_by_label("Gift card code")).to_be_focused()
    assert till.evaluate("Number(sessionStorage.presses)") <= 3
    assert balance(issued) == "32.50 USD"


def test_a_camera_that_cannot_be_used_says_so(page, campaign):
    refusing = "getUserMedia: async () => { throw new Error('no camera'); },"
    start, end = DETECTOR.index("getUserMedia"), DETECTOR.index("\n} });")
    page.add_init_script(DETECTOR[:start] + refusing + DETECTOR[end:] % "")
    till = entered(page)
    till.get_by_role("button", name="Use the camera").click()
    expect(till.get_by_text("The camera cannot be used.")).to_be_visible()
    expect(till.get_by_label("Gift card code")).to_be_visible()


def test_the_counter_may_ask_for_the_camera_and_no_other_page_may(till):
    policy = "permissions-policy"
    assert "camera=(self)" in till.goto(HOME).headers[policy]
    assert "camera=()" in till.goto(f"{HOME}day").headers[policy]


def test_everything_works_without_script(plain_page, campaign):
    till, issued = entered(plain_page), make_card("50.00 USD")
    drawn = io.BytesIO()
    segno.make(issued.code).save(drawn, kind="png", scale=12)
    photo = {"name": "card.png", "mimeType": "image/png", "buffer": drawn.getvalue()}
    till.get_by_label("Photo of the code").set_input_files(photo)
    till.get_by_role("button", name="Read the photo").click()
    till.get_by_label("Amount to pay").fill("20")
    till.get_by_label("Receipt number").first.fill("R-1")
    till.get_by_role("button", name="Redeem").click()
    expect(till.get_by_text("$30.00")).to_be_visible()
    till.get_by_role("link", name="Give back").click()
    typed_in(till, "Receipt number", "R-1", "Find")
    typed_in(till, "Amount to give back", "5", "Give back")
    expect(till.get_by_text("$35.00")).to_be_visible()
    till.get_by_role("link", name="Sell").click()
    typed_in(till, "Amount that was paid", "30", "Sell")
    expect(till.get_by_text("it is not shown again")).to_be_visible()
    till.get_by_role("link", name="Day").click()
    expect(till.locator("tbody tr")).to_have_count(3)
    day = desk.counter_day.read(campaign, days.today(campaign.time_zone))
    assert {each.kind: each.total.minor for each in day.sums} == {
        "redeemed": 2000,
        "given_back": 500,
        "sold": 3000,
    }


def typed_in(page: Page, label: str, text: str, button: str) -> None:
    page.get_by_label(label).first.fill(text)
    page.get_by_role("button", name=button, exact=True).click()


@pytest.mark.engines("sqlite", "postgresql")
def test_a_form_that_a_bad_network_sends_twice_is_paid_once(till):
    issued = make_card("50.00 USD")
    typed(till, issued.code)
    till.get_by_label("Amount to pay").fill("20")
    lost = iter([True])

    def lose_the_answer(route):
        if next(lost, False):
            route.fetch(max_redirects=0)
            route.fulfill(status=204)  # The browser stays where it is, as after a lost answer.
        else:
            route.continue_()

    till.route("**/redemption", lose_the_answer)
    redeem = till.get_by_role("button", name="Redeem")
    with till.expect_response("**/redemption"):
        redeem.click(no_wait_after=True)
    assert balance(issued) == "30.00 USD"
    redeem.click()
    expect(till.get_by_role("link", name="Next customer")).to_be_visible()
    assert balance(issued) == "30.00 USD"
    assert models.CounterEntry.select().count() == 1


def test_no_page_is_wider_than_its_screen_and_targets_are_large(till, check_layout):
    typed(till, make_card("50.00 USD", bound_to_holder=True).code)
    till.get_by_text("Recharge this card").click()
    form = till.locator("form[action$=recharge]")
    form.locator("[name=amount]").fill("300")
    form.get_by_role("button", name="Recharge").click()
    expect(till.get_by_role("button", name="Take it back")).to_be_visible()
    till.goto(HOME)
    typed(till, make_card("50.00 USD").code)
    typed(till, "20", into="Amount to pay")
    expect(till.get_by_role("link", name="Next customer")).to_be_focused()
    for address in ("", "sale", "return", "day"):
        till.goto(HOME + address)
        check_layout(till)
        for width in (320, 768, 1280):
            till.set_viewport_size({"width": width, "height": 800})
            assert till.evaluate(SMALL) == [], f"{address} at {width}"
