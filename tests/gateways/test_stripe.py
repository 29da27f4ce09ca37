"""Stripe's library against a server that speaks Stripe's language (localstripe)."""

import json
import threading
import urllib.request
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import ClassVar
from urllib.parse import parse_qsl

import pytest

from giftweb.domain.payments.providers import Source
from giftweb.gateways.stripe import Stripe
from giftweb.money import Money
from tests import stripe_server
from tests.postgres import free_port

pytestmark = pytest.mark.no_database

PRICE = Money(900, "USD")
GOOD, DECLINED = "4242424242424242", "4000000000000341"


@pytest.fixture(scope="module")
def stripe_api() -> Iterator[str]:
    """The address of a running localstripe."""
    with stripe_server.running() as address:
        yield address


@pytest.fixture
def stripe(stripe_api) -> Stripe:
    return Stripe("sk_test_12345", "pk_test_12345", stripe_api)


def name_card(stripe: Stripe, api: str, number: str, *, order: str = "chk_1") -> Source:
    """What Stripe's script does in the browser: confirm a SetupIntent with a card."""
    setup = stripe.open_setup(email="ann@example.com", name="Ann", order=order)
    card = {"number": number, "exp_month": "4", "exp_year": "2030", "cvc": "123"}
    body = {
        "key": "pk_test_12345",
        "client_secret": setup.client_secret,
        "payment_method_data": {"type": "card", "card": card},
    }
    asked = urllib.request.Request(
        f"{api}/v1/setup_intents/{setup.reference}/confirm",
        data=json.dumps(body).encode(),
        headers={"Content-Type": "application/json"},
    )
    with urllib.request.urlopen(asked) as answer:
        assert json.load(answer)["status"] == "succeeded"
    return Source(kind="card", token=setup.reference)


def prepare(stripe: Stripe, api: str, key: str, number: str = GOOD):
    source = name_card(stripe, api, number)
    return stripe.authorise(source=source, amount=PRICE, key=key, order="chk_1")


@pytest.mark.proves("S40")
def test_reserve_take_and_refund(stripe, stripe_api):
    prepared = prepare(stripe, stripe_api, "chg_1")
    answer = stripe.retrieve(reference=prepared.reference)
    assert (answer.status, answer.method) == ("succeeded", "credit_card")
    for key in ("first", "again"):
        taken = stripe.capture(reference=prepared.reference, amount=PRICE, key=key)
        assert taken.status == "succeeded"
    given = stripe.refund(reference=prepared.reference, amount=Money(400, "USD"), key="ref_1")
    assert given.status == "succeeded"


@pytest.mark.proves("X9")
def test_a_card_that_was_named_for_another_checkout_is_not_charged(stripe, stripe_api):
    source = name_card(stripe, stripe_api, GOOD, order="chk_of_somebody_else")
    prepared = stripe.authorise(source=source, amount=PRICE, key="chg_x9", order="chk_1")
    assert prepared.problem == "The card was not confirmed."
    assert stripe._find("chg_x9") is None


@pytest.mark.proves("X9")
def test_a_card_that_was_not_confirmed_is_not_charged(stripe):
    setup = stripe.open_setup(email="ann@example.com", name="Ann", order="chk_1")
    source = Source(kind="card", token=setup.reference)
    prepared = stripe.authorise(source=source, amount=PRICE, key="chg_x9b", order="chk_1")
    assert prepared.problem == "The card was not confirmed."


@pytest.mark.proves("S39")
def test_the_card_can_be_charged_again(stripe, stripe_api):
    prepared = prepare(stripe, stripe_api, "chg_2")
    method = stripe.retrieve(reference=prepared.reference).reusable_method
    again = stripe.authorise_off_session(method=method, amount=PRICE, key="up_1")
    assert again.status == "succeeded"
    assert stripe.capture(reference=again.reference, amount=PRICE, key="t").status == "succeeded"


def test_a_declined_card_says_why(stripe, stripe_api):
    prepared = prepare(stripe, stripe_api, "chg_3", DECLINED)
    assert prepared.problem == "Your card was declined."


def test_what_is_reserved_is_released_by_reference_or_by_key(stripe, stripe_api):
    known = prepare(stripe, stripe_api, "chg_4")
    for reference in (known.reference, known.reference, None):
        released = stripe.void(reference=reference, key="chg_4", amount=PRICE)
        assert released.status == "succeeded"
    assert stripe.retrieve(reference=known.reference).status == "failed"
    assert stripe.void(reference=None, key="never", amount=PRICE).status == "succeeded"


def test_a_method_that_the_account_does_not_offer_is_named_as_such(stripe):
    """As PayPal is to localstripe."""
    source = Source(kind="paypal", return_url="https://shop.example/back")
    prepared = stripe.authorise(source=source, amount=PRICE, key="chg_9", order="chk_1")
    assert prepared.problem == "This way to pay is not offered here."


class PayPalAccount(BaseHTTPRequestHandler):
    """Answers about PayPal in the words of Stripe's reference, and keeps what it was asked."""

    asked: ClassVar[list[tuple[str, dict[str, str], str]]] = []
    intent: ClassVar[dict] = {
        "id": "pi_1",
        "object": "payment_intent",
        "status": "requires_action",
        "customer": None,
        "client_secret": "pi_1_secret_1",
        "next_action": {
            "type": "redirect_to_url",
            "redirect_to_url": {
                "url": "https://hooks.stripe.example/redirect/1",
                "return_url": "https://shop.example/back",
            },
        },
    }

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        asked = (self.path, dict(parse_qsl(body)), self.headers["Idempotency-Key"])
        self.asked.append(asked)
        self.answer(self.intent)

    def do_GET(self) -> None:
        reserved = {"status": "requires_capture", "next_action": None}
        self.answer(self.intent | reserved | {"payment_method": {"id": "pm_1", "type": "paypal"}})

    def answer(self, content: dict) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.end_headers()
        self.wfile.write(json.dumps(content).encode())

    def log_message(self, *args: object) -> None:
        return


@pytest.fixture
def paypal_account() -> Iterator[str]:
    """The address of a server that answers as a Stripe account with PayPal does."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), PayPalAccount)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.mark.proves("S40")
def test_paypal_is_asked_for_in_stripes_own_words_and_leaves_nothing_to_charge(paypal_account):
    stripe = Stripe("sk_test_12345", "pk_test_12345", paypal_account)
    source = Source(kind="paypal", return_url="https://shop.example/back")
    prepared = stripe.authorise(source=source, amount=PRICE, key="chg_10", order="chk_1")
    assert (prepared.reference, prepared.redirect_url) == (
        "pi_1",
        "https://hooks.stripe.example/redirect/1",
    )
    assert PayPalAccount.asked[-1] == (
        "/v1/payment_intents",
        {
            "amount": "900",
            "currency": "usd",
            "capture_method": "manual",
            "confirm": "true",
            "metadata[checkout]": "chk_1",
            "metadata[key]": "chg_10",
            "payment_method_types[0]": "paypal",
            "payment_method_data[type]": "paypal",
            "return_url": "https://shop.example/back",
        },
        "chg_10",
    )
    answer = stripe.retrieve(reference="pi_1")
    assert (answer.status, answer.method, answer.reusable_method) == ("succeeded", "paypal", None)


def test_out_of_reach_nothing_is_certain_and_nothing_raises():
    away = Stripe("sk_test_12345", "pk", f"http://127.0.0.1:{free_port()}", retries=0)
    assert away.open_setup(email="a@example.com", name="A", order="chk_1") is None
    assert away.retrieve(reference="pi_1").status == "unknown"
    assert away.capture(reference="pi_1", amount=PRICE, key="k").status == "unknown"
    assert away.void(reference="pi_1", key="k", amount=PRICE).status == "unknown"
    assert away.refund(reference="pi_1", amount=PRICE, key="k").status == "unknown"
    assert away.authorise(source=Source(kind="paypal"), amount=PRICE, key="k", order="o").problem
