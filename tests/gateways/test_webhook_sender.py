"""The sender of webhooks against a real HTTPS server, and the guard against inside addresses."""

import json
import socket
import time
from datetime import UTC, datetime

import pytest
from standardwebhooks import Webhook

from giftweb.domain.outbox import public_addresses
from giftweb.gateways import addresses
from giftweb.gateways.webhook_sender import WebhookSender, signed_headers
from tests import receiver as tests_receiver
from tests.receiver import Authority, Receiver

pytestmark = [pytest.mark.no_database, pytest.mark.proves("B5")]

SECRET = "whsec_" + "c2VjcmV0" * 4
EVENT = {"id": "evt_1", "type": "gift_card.issued", "data": {"name": "Zoë"}}


def anywhere(address: str) -> bool:
    """The guard of these tests lets them reach their own machine."""
    return True


@pytest.fixture(scope="module")
def authority(tmp_path_factory) -> Authority:
    return Authority(tmp_path_factory.mktemp("authority"))


@pytest.fixture
def receiver(authority):
    made = Receiver(authority.serve_as("localhost"))
    yield made
    made.stop()


@pytest.fixture
def sender(authority) -> WebhookSender:
    return WebhookSender(may_reach=anywhere, trust=authority.trust, step_timeout=1, whole_timeout=2)


def send(sender: WebhookSender, url: str):
    return sender.send(url, secret=SECRET, event_id="evt_1", content=EVENT)


def test_an_event_arrives_signed_as_standard_webhooks_says(sender, receiver):
    assert send(sender, receiver.url).is_taken
    [(headers, body)] = receiver.received
    assert json.loads(body) == EVENT
    assert Webhook(SECRET).verify(body, headers) == EVENT
    assert headers["webhook-id"] == "evt_1"
    with pytest.raises(Exception, match="No matching signature"):
        Webhook(SECRET).verify(body + b" ", headers)


def test_the_signature_is_of_the_id_the_time_and_the_body():
    at = datetime(2026, 11, 22, 14, 5, 9, 999999, tzinfo=UTC)
    headers = signed_headers(SECRET, event_id="evt_1", body="{}", at=at)
    assert headers["webhook-timestamp"] == "1795356309"
    assert headers["webhook-signature"].startswith("v1,")


@pytest.mark.parametrize("status", [200, 201, 204])
def test_any_success_counts(sender, receiver, status):
    receiver.answer = status
    assert send(sender, receiver.url).status == status


@pytest.mark.parametrize("status", [400, 410, 500, 503])
def test_any_other_answer_is_a_failure_with_its_status(sender, receiver, status):
    receiver.answer = status
    answer = send(sender, receiver.url)
    assert (answer.status, answer.problem) == (status, f"It answered {status}.")


def test_a_redirect_is_not_followed(sender, receiver):
    receiver.answer = tests_receiver.redirects
    assert send(sender, receiver.url).problem == "It answered 302: redirects are not followed."
    assert len(receiver.received) == 1


@pytest.mark.parametrize(
    ("behaviour", "problem"),
    [
        ("hangs", "It did not answer in time."),
        ("dribbles", "It did not answer in time."),
        ("hangs_up", "It closed the connection."),
        ("babbles", "Its answer could not be read."),
    ],
)
def test_an_endpoint_that_misbehaves_is_cut_off(sender, receiver, behaviour, problem):
    receiver.answer = getattr(tests_receiver, behaviour)
    began = time.monotonic()
    assert send(sender, receiver.url).problem == problem
    assert time.monotonic() - began < 15


def test_an_answer_without_end_is_read_only_so_far(sender, receiver):
    receiver.answer = tests_receiver.never_ends
    began = time.monotonic()
    assert send(sender, receiver.url).is_taken
    assert time.monotonic() - began < 15


def test_a_server_that_never_greets_is_cut_off(sender):
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"https://localhost:{silent.getsockname()[1]}/"
        assert send(sender, url).problem == "It did not answer in time."


def test_nobody_there_is_reported(sender):
    with socket.create_server(("127.0.0.1", 0)) as gone:
        port = gone.getsockname()[1]
    assert send(sender, f"https://localhost:{port}/").problem == "It refused the connection."


def test_a_certificate_of_an_unknown_authority_is_refused(receiver):
    sender = WebhookSender(may_reach=anywhere, step_timeout=1)
    assert "certificate is not trusted" in send(sender, receiver.url).problem
    assert receiver.received == []


def test_a_certificate_of_another_name_is_refused(sender, authority):
    other = Receiver(authority.serve_as("shop.example"))
    try:
        assert "certificate is not trusted" in send(sender, other.url).problem
        assert other.received == []
    finally:
        other.stop()


def test_by_default_nothing_inside_is_reached(receiver, authority):
    sender = WebhookSender(trust=authority.trust)
    answer = send(sender, receiver.url)
    assert answer.problem == "The host's address is not on the public internet."
    assert receiver.received == []


@pytest.mark.parametrize("url", ["http://shop.example/", "https://", "ftp://shop.example/"])
def test_nothing_but_https_is_sent_to(sender, url):
    assert send(sender, url).problem == "Only https addresses are sent to."


INSIDE = [
    "127.0.0.1",
    "127.8.8.8",
    "10.0.0.1",
    "172.16.0.1",
    "172.31.255.255",
    "192.168.1.1",
    "169.254.169.254",
    "100.64.0.1",
    "0.0.0.0",
    "0.1.2.3",
    "192.0.0.8",
    "192.0.2.1",
    "198.18.0.1",
    "198.51.100.7",
    "203.0.113.5",
    "224.0.0.1",
    "240.0.0.1",
    "255.255.255.255",
    "::",
    "::1",
    "::ffff:127.0.0.1",
    "::ffff:8.8.8.8",
    "::127.0.0.1",
    "64:ff9b::a00:1",
    "64:ff9b:1::1",
    "2002:7f00:1::",
    "2001:0:4136:e378:8000:63bf:3fff:fdd2",
    "2001:db8::1",
    "fc00::1",
    "fd12:3456::1",
    "fe80::1",
    "fe80::1%eth0",
    "fec0::1",
    "ff02::1",
    "not an address",
]


@pytest.mark.parametrize("address", INSIDE)
def test_an_inside_address_is_refused(address):
    assert not public_addresses.is_public(address)


@pytest.mark.parametrize("address", ["8.8.8.8", "1.1.1.1", "93.184.216.34", "2606:4700::1111"])
def test_a_public_address_passes(address):
    assert public_addresses.is_public(address)


@pytest.mark.parametrize(
    "host", ["127.1", "0x7f.1", "2130706433", "0177.0.0.1", "[::1]", "localhost", "no.such.invalid"]
)
def test_odd_spellings_of_an_inside_address_are_refused(host):
    answer = send(WebhookSender(step_timeout=1), f"https://{host}:1/")
    assert answer.problem in {
        "The host's address is not on the public internet.",
        "The name of the host cannot be resolved.",
    }


def test_a_name_with_one_inside_address_is_refused_whole(monkeypatch):
    found = [
        (socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, 443))
        for address in ("8.8.8.8", "10.0.0.1")
    ]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: found)
    with pytest.raises(addresses.AddressRefused):
        addresses.resolve("shop.example", 443)


def test_the_connection_goes_to_the_address_that_was_judged(monkeypatch, sender, receiver):
    asked = []
    real = socket.getaddrinfo

    def once(host, *args, **kwargs):
        asked.append(host)
        return real(host, *args, **kwargs)

    monkeypatch.setattr(socket, "getaddrinfo", once)
    assert send(sender, receiver.url).is_taken
    assert asked.count("localhost") == 1
