"""The frame as the server hands it out: usable before anything else has been fetched."""

import base64
import hashlib
import html
import re

import pytest

from giftweb.domain import cards, carts, checkout
from giftweb.domain.audit.log import SYSTEM
from giftweb.domain.payments.payments import Tender
from tests.factories import ADMIN, amount_of, goods, make_campaign, make_card, make_checkout
from tests.orders import gift_card_item

pytestmark = pytest.mark.engines("sqlite")


@pytest.fixture
def frame(client):
    """``frame(**theme)``: the page, its style sheet and its policy."""

    def ask(**theme: str) -> tuple[str, str, str]:
        response = client.get(f"/widget/{make_campaign().id}/", query_string=theme)
        (style,) = re.findall(r"<style>(.*?)</style>", response.text, re.DOTALL)
        return response.text, style, response.headers["Content-Security-Policy"]

    return ask


@pytest.mark.parametrize("theme", [{}, {"scheme": "dark", "accent": "#7a3b1d"}])
def test_the_policy_names_the_hash_of_the_one_style_sheet(frame, theme):
    _, style, policy = frame(**theme)
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    assert f"style-src 'self' 'sha256-{digest}';" in policy
    assert "unsafe" not in policy


def test_the_field_is_there_and_sends_nothing_by_itself(frame):
    """The token is the script's alone; a form that went without it would lose what was typed."""
    page, _, _ = frame()
    (form,) = re.findall(r"<form[^>]*>", page)
    assert 'method="dialog"' in form
    assert '<input class="gift-code" id="code"' in page
    assert page.index('id="code"') < page.index('id="policy"')
    assert page.count("<link") == 0


def test_it_has_the_shops_colours_at_once(frame):
    theme = {
        "scheme": "only dark",
        "accent": "rgb(122 59 29 / 90.5%)",
        "on-accent": "white",
        "line": "oklch(0.7 0.1 40)",
        "radius": "0.5rem",
        "font": "\"Segoe UI\", 'Helvetica Neue', -apple-system, sans-serif",
    }
    _, style, _ = frame(**theme)
    assert style.endswith(
        "html.widget { color-scheme: only dark; --accent: rgb(122 59 29 / 90.5%);"
        " --on-accent: white; --line: oklch(0.7 0.1 40); --radius: 0.5rem;"
        " --font: \"Segoe UI\", 'Helvetica Neue', -apple-system, sans-serif; }\n"
    )


@pytest.mark.parametrize(
    "value",
    [
        "blurple",
        "red}body{display:none",
        "red;position:fixed",
        "</style><script>alert(1)</script>",
        "url(https://evil.example/)",
        "rgb(0,0,0)) url(x)",
        "rgb(1, 2 3)",
        "1.2.3px",
        "red/**/",
        "var(--text)",
        "r\u00e9d",
        "red\n",
        "",
    ],
)
@pytest.mark.parametrize("name", ["scheme", "accent", "background", "radius"])
def test_what_is_not_plainly_a_value_is_left_to_the_script(frame, name, value):
    _, plain, _ = frame()
    _, style, _ = frame(**{name: value})
    assert style == plain


@pytest.mark.parametrize(
    "font", ["Source Sans 3", '"Arial', "Arial, 'x", "a;b", "a}b", "a, url(x)"]
)
def test_a_font_that_has_to_be_quoted_is_left_to_the_script(frame, font):
    _, plain, _ = frame()
    _, style, _ = frame(font=font)
    assert style == plain


# The cards as they stand


@pytest.fixture
def show(client):
    """``show(checkout)``: the words of the frame as a shopper without script posts to it; with an
    ``action`` and fields, of a step in it."""

    def ask(opened, action: str = "", **fields: str) -> str:
        form = {"token": carts.client_token(opened)} | fields
        answer = client.post(f"/widget/{opened.campaign_id}/{action}", data=form)
        text = re.sub(r"(?s)<style.*?</style>|<[^>]+>", " ", answer.text)
        return re.sub(r"\s+", " ", html.unescape(text))

    return ask


@pytest.mark.proves("E8")
def test_a_card_that_was_frozen_is_taken_off_and_the_shopper_reads_it(show):
    lost, other = make_card("10.00 USD"), make_card("20.00 USD")
    opened = make_checkout()
    for card in (lost, other):
        carts.apply(opened.id, code=card.code)
    cards.freeze(lost.card.id, by=ADMIN)
    gone = f"Gift card ending in {lost.card.last4} cannot be used any more: it was removed."
    first = show(opened)
    assert gone in first
    assert "You still pay $59.00" in first
    assert gone not in show(opened), "said once"
    assert checkout.authorise(opened.id, by=SYSTEM).status == "authorised"


@pytest.mark.proves("E8")
@pytest.mark.parametrize(
    ("action", "wanted"),
    [("apply", "pays $30.00"), ("remove", "was removed."), ("limit", "Changed.")],
)
def test_each_step_takes_it_off(show, action, wanted):
    lost, other, third = (make_card(text) for text in ("10.00 USD", "20.00 USD", "30.00 USD"))
    opened = make_checkout()
    for card in (lost, other):
        carts.apply(opened.id, code=card.code)
    cards.freeze(lost.card.id, by=ADMIN)
    page = show(opened, action, code=third.code, card=other.card.id, amount="5.00")
    assert wanted in page
    assert f"ending in {lost.card.last4} cannot be used any more: it was removed." in page
    assert lost.card.id not in {card.card_id for card in carts.find(opened.id).cards}


@pytest.mark.proves("E8")
def test_so_does_a_wrong_code(show):
    lost, opened = make_card("10.00 USD"), make_checkout()
    carts.apply(opened.id, code=lost.code)
    cards.freeze(lost.card.id, by=ADMIN)
    page = show(opened, "apply", code="7GK2M-4T9QX-1BC00")
    assert f"ending in {lost.card.last4} cannot be used any more: it was removed." in page


@pytest.mark.proves("E39")
def test_money_that_another_order_holds_is_called_reserved(show):
    card, first, second = make_card("30.00 USD"), make_checkout(), make_checkout()
    for opened in (first, second):
        carts.apply(opened.id, code=card.code)
    checkout.authorise(first.id, by=SYSTEM)
    page = show(second)
    assert "Reserved for another order: $30.00" in page
    assert "You still pay $79.00" in page


@pytest.mark.proves("E39")
def test_after_the_order_nothing_is_left_to_pay_and_no_balance_stands_there(show):
    card, opened = make_card("30.00 USD"), make_checkout()
    carts.apply(opened.id, code=card.code)
    rest = Tender(
        method="credit_card", amount=amount_of("49.00 USD"), reference="1", state="captured"
    )
    checkout.capture(opened.id, tenders=[rest], by=SYSTEM)
    page = show(opened)
    assert "Your order has been placed." in page
    assert "You still pay" not in page
    assert "of $" not in page
    assert "Gift cards -$30.00 Other payment $49.00" in page


@pytest.mark.proves("E39")
def test_a_cart_that_is_over_asks_for_no_money(show):
    opened = make_checkout()
    checkout.void(opened.id, by=SYSTEM)
    assert "pay" not in show(opened).split("Start again from the cart.")[1].replace("Cards are", "")


@pytest.mark.proves("E33", "D1")
def test_a_cart_that_no_card_can_pay_for_has_no_field(client, show):
    opened = make_checkout(gift_card_item("50.00 USD"), shipping="0.00 USD")
    assert "A gift card cannot pay for anything in this cart." in show(opened)
    form = {"token": carts.client_token(opened)}
    assert 'id="code"' not in client.post(f"/widget/{opened.campaign_id}/", data=form).text
    carts.change(opened.id, changes={"items": (goods("20.00 USD"),)})
    assert 'id="code"' in client.post(f"/widget/{opened.campaign_id}/", data=form).text
