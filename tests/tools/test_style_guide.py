"""The style guide shows every mail, and the widget and the checkout in each of their states."""

import re

import pytest

from giftweb.domain.mail.letters import KINDS
from giftweb.web.mail import letters
from tests.tools.documented import ROOT
from tools import styleguide
from tools.pseudo import BEGIN
from tools.styleguide import frames

pytestmark = pytest.mark.no_database

DOCUMENTS = [(page, state) for page, states in styleguide.FRAMED.items() for state in states]
MARKS = {
    "waiting": "frame.js",
    "without-script": 'method="dialog"',
    "empty": 'data-coverage="none"',
    "one-card": 'data-gift-card-amount="2500"',
    "two-cards": 'id="card-2"',
    "full-coverage": "Nothing is left to pay",
    "refused-code": 'aria-invalid="true"',
    "pin": 'id="pin"',
    "proof-of-work": 'data-challenge="sample"',
    "nothing-to-cover": "A gift card cannot pay for anything in this cart.",
    "placed": "Your order has been placed.",
    "closed": "This order was abandoned.",
    "expired": "This cart has expired.",
    "details": 'value="ann@example.com"',
    "details-refused": "Enter your email address.",
    "pay": "How do you pay $150.00?",
    "pay-with-cards": "Gift card •••• 9QX1",
    "paid-by-cards": "Your gift cards pay for everything.",
    "payment-under-way": "Check the payment",
    "payment-refused": "The payment was declined",
    "paypal": "Continue to PayPal",
    "thank-you": "Left on your gift cards",
}
"""What is seen in one state of the widget or of the checkout."""


@pytest.fixture(scope="module")
def reader():
    """Somebody who looks at the guide."""
    return styleguide.create_app().test_client()


def test_every_kind_of_mail_is_shown(reader):
    page = reader.get("/styleguide/mails").text
    shown = set(re.findall(r'src="/styleguide/mails/(\w+)"', page))
    of_templates = {each.stem for each in ROOT.glob("giftweb/templates/email/[a-z]*.html")}
    assert shown == KINDS == of_templates


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_a_mail_is_drawn_as_it_is_sent_in_the_language_that_was_chosen(reader, kind):
    with styleguide.create_app().test_request_context():
        sample = styleguide.mails.letter(kind, language="de")
        assert reader.get(f"/styleguide/mails/{kind}?lang=de").text == letters.for_screen(
            letters.write(sample)
        )


@pytest.mark.parametrize("page", sorted(styleguide.FRAMED))
def test_a_page_frames_each_of_its_documents_in_the_chosen_language(reader, page):
    text = reader.get(f"/styleguide/{page}?lang=fr").text
    for state in styleguide.FRAMED[page]:
        assert f'src="/styleguide/{page}/{state}?lang=fr"' in text


@pytest.mark.parametrize("state", [*frames.WIDGET, *frames.CHECKOUT])
def test_each_state_shows_what_it_is_about(reader, state):
    page = "widget" if state in frames.WIDGET else "checkout"
    response = reader.get(f"/styleguide/{page}/{state}")
    assert response.status_code == 200
    assert MARKS[state] in response.text
    assert "CSRF" not in response.text


@pytest.mark.parametrize(("page", "state"), DOCUMENTS)
def test_every_document_is_drawn_from_right_to_left_and_may_be_framed_here_alone(
    reader, page, state
):
    response = reader.get(f"/styleguide/{page}/{state}?lang={frames.MIRRORED}")
    assert '<html dir="rtl"' in response.text
    assert BEGIN in response.text or "&#10214;" in response.text
    assert "frame-ancestors 'self'" in response.headers["Content-Security-Policy"]


def test_the_mirrored_page_shows_the_widget_mails_and_the_checkout(reader):
    text = reader.get("/styleguide/mirrored").text
    shown = re.findall(rf'src="(/styleguide/(\w+)/[\w-]+)\?lang={frames.MIRRORED}"', text)
    assert {folder for _, folder in shown} == {"mails", "widget", "checkout"}
    assert {reader.get(address).status_code for address, _ in shown} == {200}


@pytest.mark.parametrize("address", ["mails/nothing", "widget/nothing", "checkout/nothing"])
def test_there_are_no_documents_but_these(reader, address):
    assert reader.get(f"/styleguide/{address}").status_code == 404
