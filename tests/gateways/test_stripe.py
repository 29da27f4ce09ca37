"""Stripe's library against a server that speaks Stripe's language (localstripe)."""

import json
import urllib.request
from collections.abc import Iterator

import pytest

from giftweb.domain.providers import Source
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


def name_card(stripe: Stripe, api: str, number: str) -> Source:
    """What Stripe's script does in the browser: confirm a SetupIntent with a card."""
    secret = stripe.open_setup(email="ann@example.com", name="Ann")
    intent = secret.split("_secret_")[0]
    card = {"number": number, "exp_month": "4", "exp_year": "2030", "cvc": "123"}
    body = {
        "key": "pk_test_12345",
        "client_secret": secret,
        "payment_method_data": {"type": "card", "card": card},
    }
    asked = urllib.request.Request(
        f"{api}/v1/setup_intents/{intent}/confirm",
        data=json.dumps(body).encode(),
        headers={"Content-Type": "application/json"},
    )
    with urllib.request.urlopen(asked) as answer:
        assert json.load(answer)["status"] == "succeeded"
    return Source(kind="card", token=intent)


def prepare(stripe: Stripe, api: str, key: str, number: str = GOOD):
    source = name_card(stripe, api, number)
    return stripe.prepare(source=source, amount=PRICE, key=key, order="chk_1")


@pytest.mark.proves("S40")
def test_reserve_take_and_refund(stripe, stripe_api):
    prepared = prepare(stripe, stripe_api, "chg_1")
    answer = stripe.look(reference=prepared.reference)
    assert (answer.status, answer.method) == ("succeeded", "credit_card")
    for key in ("first", "again"):
        taken = stripe.take(reference=prepared.reference, amount=PRICE, key=key)
        assert taken.status == "succeeded"
    given = stripe.refund(reference=prepared.reference, amount=Money(400, "USD"), key="ref_1")
    assert given.status == "succeeded"


@pytest.mark.proves("S39")
def test_the_card_can_be_charged_again(stripe, stripe_api):
    prepared = prepare(stripe, stripe_api, "chg_2")
    method = stripe.look(reference=prepared.reference).reusable_method
    again = stripe.charge_again(method=method, amount=PRICE, key="up_1")
    assert again.status == "succeeded"
    assert stripe.take(reference=again.reference, amount=PRICE, key="t").status == "succeeded"


def test_a_declined_card_says_why(stripe, stripe_api):
    prepared = prepare(stripe, stripe_api, "chg_3", DECLINED)
    assert prepared.problem == "Your card was declined."


def test_what_is_reserved_is_released_by_reference_or_by_key(stripe, stripe_api):
    known = prepare(stripe, stripe_api, "chg_4")
    for reference in (known.reference, known.reference, None):
        released = stripe.release(reference=reference, key="chg_4", amount=PRICE)
        assert released.status == "succeeded"
    assert stripe.look(reference=known.reference).status == "failed"
    assert stripe.release(reference=None, key="never", amount=PRICE).status == "succeeded"


def test_out_of_reach_nothing_is_certain_and_nothing_raises():
    away = Stripe("sk_test_12345", "pk", f"http://127.0.0.1:{free_port()}", retries=0)
    assert away.open_setup(email="a@example.com", name="A") == ""
    assert away.look(reference="pi_1").status == "unknown"
    assert away.take(reference="pi_1", amount=PRICE, key="k").status == "unknown"
    assert away.release(reference="pi_1", key="k", amount=PRICE).status == "unknown"
    assert away.refund(reference="pi_1", amount=PRICE, key="k").status == "unknown"
    assert away.prepare(source=Source(kind="paypal"), amount=PRICE, key="k", order="o").problem
