"""Stripe's events: signed, or refused; sent by a server that speaks Stripe's language."""

import hashlib
import hmac
import json
import time
import urllib.request
from collections.abc import Iterator

import pytest

from giftweb import clock, database, ids
from giftweb.domain import checkout, payments
from giftweb.domain.audit.log import SYSTEM
from giftweb.domain.payments.providers import Source
from giftweb.gateways.by_hand import Offline, Shop
from giftweb.gateways.stripe import Stripe
from giftweb.money import Money
from tests import stripe_server
from tests.factories import amount_of, goods, make_checkout
from tests.gateways.test_stripe import GOOD, name_card
from tests.receiver import Receiver

pytestmark = pytest.mark.proves("X24")

SECRET = "whsec_of_the_tests"


@pytest.fixture(scope="module")
def stripe_api() -> Iterator[str]:
    """The address of a running localstripe."""
    with stripe_server.running() as address:
        yield address


@pytest.fixture
def stripe(app, stripe_api) -> Iterator[Stripe]:
    """Stripe as this installation has it, with an endpoint for events."""
    found = Stripe("sk_test_12345", "pk_test_12345", stripe_api, webhook_secret=SECRET)
    payments.providers.use_gateways({"shop": Shop(), "offline": Offline(), "stripe": found})
    yield found
    payments.providers.use_gateways({"shop": Shop(), "offline": Offline()})


def signature(body: bytes, *, secret: str = SECRET, at: int | None = None) -> str:
    at = int(time.time()) if at is None else at
    digest = hmac.new(secret.encode(), b"%d.%s" % (at, body), hashlib.sha256).hexdigest()
    return f"t={at},v1={digest}"


def send(client, type: str, found: dict, **signed):
    """Stripe's server posts an event."""
    body = json.dumps({"id": "evt_1", "type": type, "data": {"object": found}}).encode()
    headers = {"Stripe-Signature": signature(body, **signed)}
    return client.post("/stripe/events", data=body, headers=headers)


@pytest.fixture
def order(stripe, stripe_api):
    """An order of 100.00 USD paid by card."""
    opened = make_checkout(goods("100.00 USD"), shipping="0.00 USD")
    setup = name_card(stripe, stripe_api, GOOD, order=opened.id)
    database.execute("UPDATE checkout SET setup = ? WHERE id = ?", setup.token, opened.id)
    card = Source(kind="card")
    checkout.charges.start(opened.id, gateway="stripe", source=card, by=SYSTEM)
    return checkout.charges.finish(opened.id, by=SYSTEM)


def payment_of(order):
    (payment,) = payments.of_order(order.id)
    return payment


def dispute(order, **more) -> dict:
    return {
        "object": "dispute",
        "id": "dp_1",
        "payment_intent": payment_of(order).reference,
        "amount": 4000,
        "currency": "usd",
        "status": "needs_response",
    } | more


@pytest.mark.proves("S52")
def test_a_signed_dispute_is_a_chargeback(client, order):
    answer = send(client, "charge.dispute.created", dispute(order))
    assert (answer.status_code, answer.json) == (200, {"received": True, "is_ours": True})
    assert payment_of(order).charged_back == amount_of("40.00 USD")


def test_an_inquiry_is_none_until_money_is_taken(client, order):
    asked = dispute(order, status="warning_needs_response")
    send(client, "charge.dispute.created", asked)
    assert payment_of(order).charged_back == amount_of("0.00 USD")
    send(client, "charge.dispute.funds_withdrawn", asked)
    assert payment_of(order).charged_back == amount_of("40.00 USD")


@pytest.mark.parametrize("signed", [{"secret": "whsec_guessed"}, {"at": 1_700_000_000}])
def test_what_stripe_has_not_signed_just_now_is_refused(client, order, signed):
    assert send(client, "charge.dispute.created", dispute(order), **signed).status_code == 403
    assert payment_of(order).charged_back == amount_of("0.00 USD")


@pytest.mark.parametrize("header", ["", "t=1", "nonsense", "t=x,v1=y"])
def test_a_broken_signature_is_refused(client, stripe, header):
    headers = {"Stripe-Signature": header}
    assert client.post("/stripe/events", data=b"{}", headers=headers).status_code == 403


INTENT = b'{"object": "payment_intent", "id": "pi_1"}'
DISPUTE = b'{"object": "dispute", "id": "dp_1", "payment_intent": "pi_1", "amount": %b}'


@pytest.mark.parametrize(
    "body",
    [
        b"[]",
        b"null",
        b'{"type": "charge.refunded"}',
        b'{"type": [], "data": {"object": %b}}' % INTENT,
        b'{"type": "charge.refunded", "data": []}',
        b'{"type": "charge.refunded", "data": {"object": {"object": "payment_intent"}}}',
        b'{"type": "charge.refunded", "data": {"object": {"object": "payment_intent", "id": 7}}}',
        *(
            b'{"type": "charge.dispute.created", "data": {"object": %b}}' % (DISPUTE % amount)
            for amount in (b'"x"', b"-500", b"1e400", b"[1]")
        ),
    ],
)
def test_what_is_signed_and_no_event_is_refused_in_a_sentence(client, stripe, body):
    headers = {"Stripe-Signature": signature(body)}
    assert client.post("/stripe/events", data=body, headers=headers).status_code == 422


def test_without_a_secret_there_is_no_such_address(client, stripe):
    bare = Stripe("sk_test_12345", "pk_test_12345")
    payments.providers.use_gateways({"stripe": bare})
    assert send(client, "charge.refunded", {}).status_code == 404
    payments.providers.use_gateways({})
    assert send(client, "charge.refunded", {}).status_code == 404


@pytest.mark.parametrize(
    ("type", "found"),
    [
        ("customer.created", {"object": "customer", "id": "cus_1"}),
        ("charge.refunded", {"object": "charge", "id": "ch_1", "payment_intent": None}),
        ("charge.refunded", {"object": "charge", "id": "ch_1", "payment_intent": "pi_other"}),
    ],
)
def test_an_event_about_nothing_of_ours_is_taken_and_forgotten(client, stripe, type, found):
    answer = send(client, type, found)
    assert (answer.status_code, answer.json["is_ours"]) == (200, False)


@pytest.mark.proves("D21")
def test_a_refund_made_at_stripe_is_recorded_when_stripe_tells_of_it(client, stripe, order):
    reference = payment_of(order).reference
    there = stripe._client.v1.refunds.create({"payment_intent": reference, "amount": 2500})
    charge = {"object": "charge", "id": "ch_1", "payment_intent": reference}
    assert send(client, "charge.refunded", charge).status_code == 200
    assert send(client, "charge.refunded", charge).status_code == 200
    (refund,) = payments.refund_values.of_order(order.id)
    assert (refund.amount, refund.reference) == (amount_of("25.00 USD"), there.id)


def test_our_own_refund_carries_its_id(stripe, order):
    reference = payment_of(order).reference
    stripe.refund(reference=reference, amount=Money(100, "USD"), key="ref_1")
    (found,) = stripe.refunds_of(reference=reference)
    assert (found.key, found.amount.minor, found.has_failed) == ("ref_1", 100, False)


def first_about(receiver: Receiver, *words: str) -> tuple[dict[str, str], bytes]:
    """The first event with all these words that arrives."""
    for _ in range(200):
        for headers, body in receiver.received:
            if all(word.encode() in body for word in words):
                return headers, body
        time.sleep(0.05)
    raise AssertionError("no such event came")


def test_the_events_of_the_test_server_are_signed_as_ours_are_read(stripe, stripe_api):
    receiver = Receiver()
    try:
        hook = json.dumps({"url": f"http://127.0.0.1:{receiver.port}/", "secret": SECRET}).encode()
        headers = {"Content-Type": "application/json"}
        asked = urllib.request.Request(
            f"{stripe_api}/_config/webhooks/tests", data=hook, headers=headers
        )
        urllib.request.urlopen(asked).close()
        source = name_card(stripe, stripe_api, GOOD, order="chk_event")
        prepared = stripe.authorise(
            source=source, amount=Money(900, "USD"), key="chg_event", order="chk_event"
        )
        stripe.capture(reference=prepared.reference, amount=Money(900, "USD"), key="c")
        headers, body = first_about(receiver, "payment_intent.succeeded", prepared.reference)
    finally:
        receiver.stop()
    notice = stripe.read_notice(body, headers["Stripe-Signature"])
    assert (notice.kind, notice.reference) == ("payment", prepared.reference)


def test_an_authorisation_is_found_by_its_key_among_hundreds(stripe, stripe_api):
    key = ids.earliest("chg", clock.micros())
    first = stripe.authorise(
        source=name_card(stripe, stripe_api, GOOD, order="chk_1"),
        amount=Money(900, "USD"),
        key=key,
        order="chk_1",
    )
    body = {"amount": 100, "currency": "usd"}
    for _ in range(220):
        stripe._client.v1.payment_intents.create(body)
    assert stripe._find(key) == first.reference
    assert stripe.void(reference=None, key=key, amount=Money(900, "USD")).status == "succeeded"
