"""`flask webhook`: what happens reaches a program on this machine, signed, and nobody else."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from standardwebhooks import Webhook

from giftweb.commands.webhook import Listener, Target
from giftweb.domain import cards, outbox
from tests.factories import ROOT, amount_of, make_campaign
from tests.receiver import Receiver

pytestmark = pytest.mark.proves("E44")

SECRET = "whsec_" + "c2VjcmV0" * 4


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    made = Receiver()
    yield made
    made.stop()


@pytest.fixture
def flask(app, keys_path):
    """Run a command; the listener's file is gone afterwards."""
    yield lambda *arguments: app.test_cli_runner().invoke(args=["webhook", *arguments])
    keys_path.with_name("webhook-listener.json").unlink(missing_ok=True)


def issue(campaign_id: str, **more) -> str:
    new = cards.NewCard(
        amount=amount_of("20.00 USD"),
        holder_email="ann@example.com",
        campaign_id=campaign_id,
        **more,
    )
    return cards.issue(new, by=ROOT).card.id


def test_what_happens_is_forwarded_once_in_both_modes(receiver):
    campaign = make_campaign()
    issue(campaign.id)
    listener = Listener(Target(receiver.url, SECRET))
    expected = [issue(campaign.id), issue(campaign.id, is_test=True)]
    first, second = listener.forward_new()
    assert "gift_card.issued" in first
    assert "It answered 204." in second
    assert listener.forward_new() == []
    taken = [Webhook(SECRET).verify(body, headers) for headers, body in receiver.received]
    assert [event["data"]["id"] for event in taken] == expected
    assert [event["livemode"] for event in taken] == [True, False]


def test_the_events_of_one_campaign_may_be_asked_for_alone(receiver):
    own, other = make_campaign(), make_campaign("Other")
    listener = Listener(Target(receiver.url, SECRET), campaign_id=own.id)
    issue(other.id)
    card_id = issue(own.id)
    listener.forward_new()
    [(_, body)] = receiver.received
    assert json.loads(body)["data"]["id"] == card_id


def test_a_program_that_is_down_or_refuses_is_named_on_the_line(receiver, flask):
    campaign = make_campaign()
    listener = Listener(Target(receiver.url, SECRET))
    receiver.answer = 500
    issue(campaign.id)
    assert "It answered 500." in listener.forward_new()[0]
    assert flask("send", "webhook.test", "--forward-to", receiver.url).exit_code == 1
    receiver.stop()
    issue(campaign.id)
    assert "It refused the connection." in listener.forward_new()[0]


def test_nothing_is_queued_for_the_server_to_send(receiver, flask):
    campaign = make_campaign()
    issue(campaign.id)
    flask("send", "gift_card.issued", "--forward-to", receiver.url)
    flask("send", "webhook.test", "--forward-to", receiver.url)
    assert len(receiver.received) == 2
    assert outbox.deliveries.claim() == []
    assert len(outbox.endpoints.events(campaign.id, is_test=False).items) == 1


def test_the_command_listens_as_a_process_and_send_reaches_the_same_program(
    engine, keys_path, receiver, flask
):
    campaign = make_campaign()
    listen = ["webhook", "listen", "--forward-to", receiver.url, "--campaign", campaign.id]
    environ = {"DATABASE_URL": engine.url, "GIFTWEB_KEYS": str(keys_path), "PYTHONUNBUFFERED": "1"}
    process = subprocess.Popen(
        [sys.executable, "-m", "flask", "--app", "app", *listen],
        cwd=Path(__file__).parents[2],
        env={**os.environ, **environ},
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert receiver.url in process.stdout.readline()
        [secret] = re.findall(r"whsec_\S+", process.stdout.readline())
        card_id = issue(campaign.id)
        assert "It answered 204." in process.stdout.readline()
    finally:
        process.terminate()
        process.communicate()
    assert process.returncode == 0
    assert "It answered 204." in flask("send", "gift_card.issued").stdout
    for headers, body in receiver.received:
        assert Webhook(secret).verify(body, headers)["data"]["id"] == card_id
    assert len(receiver.received) == 2
    assert keys_path.with_name("webhook-listener.json").stat().st_mode & 0o777 == 0o600


def test_an_event_is_sent_by_its_id_and_the_secret_stays(receiver, flask):
    campaign = make_campaign()
    issue(campaign.id)
    [event] = outbox.endpoints.events(campaign.id, is_test=False).items
    printed = [
        flask("send", name, "--forward-to", receiver.url).stdout.splitlines()[0]
        for name in (event.id, "webhook.test")
    ]
    assert printed[0] == printed[1]
    assert json.loads(receiver.received[0][1])["id"] == event.id
    assert json.loads(receiver.received[1][1])["type"] == "webhook.test"


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("send", "webhook.test"), "Name the address with --forward-to."),
        (("send", "order.placed"), "No event order.placed has happened yet."),
        (("send", "webhook.test", "--forward-to", "127.0.0.1:3000"), "Enter a whole address"),
        (("send", "webhook.test", "--forward-to", "http://shop.example/"), "Use https"),
        (("listen", "--forward-to", "ftp://localhost/"), "Enter a whole address"),
        (
            ("listen", "--forward-to", "http://localhost/", "--campaign", "cmp_1"),
            "There is no campaign cmp_1.",
        ),
    ],
)
def test_what_cannot_be_done_is_refused_in_a_sentence(flask, arguments, sentence):
    refused = flask(*arguments)
    assert (refused.exit_code, refused.stdout) == (1, "")
    assert sentence in refused.stderr
