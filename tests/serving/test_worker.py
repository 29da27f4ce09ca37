"""The worker: everything that is due, once, whatever dies in between."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace

import pytest
from standardwebhooks import Webhook

import app as application
from giftweb import clock, database, installation, models
from giftweb.config import from_environment
from giftweb.domain import cards, carts, checkout, operations, outbox, payments
from giftweb.domain.audit import seals
from giftweb.domain.audit.log import SYSTEM
from giftweb.domain.payments.providers import Answer, Source
from giftweb.gateways.by_hand import Offline, Shop
from giftweb.gateways.webhook_sender import WebhookSender
from giftweb.money import Money
from giftweb.serving.worker import Worker
from tests import postgres
from tests.factories import AGENT, ROOT, amount_of, make_campaign, make_card, make_checkout
from tests.mail_server import BadServer, MailServer
from tests.providers import Provider
from tests.receiver import Authority, Receiver

HERE = Path(__file__).parents[2]


WORKER = [sys.executable, "-m", "flask", "--app", "app", "worker"]


def settings_of(engine, keys_path, port: int | None) -> dict[str, str]:
    """The environment of a worker that mails to this port of ours."""
    mails = {"MAIL_SERVER": "127.0.0.1", "MAIL_PORT": str(port)} if port else {}
    return {**os.environ, "DATABASE_URL": engine.url, "GIFTWEB_KEYS": str(keys_path), **mails}


def worked_once(engine, keys_path, port: int | None = None) -> subprocess.CompletedProcess[str]:
    """``flask worker --once``, which has ended, and what it said."""
    settings = settings_of(engine, keys_path, port)
    return subprocess.run(
        [*WORKER, "--once"], cwd=HERE, env=settings, capture_output=True, text=True, timeout=60
    )


@contextmanager
def working(engine, keys_path, port: int) -> Iterator[subprocess.Popen[bytes]]:
    """``flask worker`` as a process of its own, ended without ceremony if it still runs.

    It logs to where pytest does: a pipe that nobody reads would stop it when it is full.
    """
    process = subprocess.Popen(WORKER, cwd=HERE, env=settings_of(engine, keys_path, port))
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def wait_until(condition, seconds: int = 20) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.05)


def states() -> list[str]:
    return [state for (state,) in database.rows("SELECT state FROM mail ORDER BY id")]


# The command


@pytest.mark.proves("S3", "S14")
def test_once_sends_what_is_due_says_nothing_and_exits(engine, keys_path, server, make_card):
    for _ in range(3):
        make_card("5.00 USD")
    ran = worked_once(engine, keys_path, server.port)
    assert ran.returncode == 0, ran.stderr
    assert ran.stdout == ""
    assert "ann@example.com" not in ran.stderr
    assert len(server.taken) == 3
    assert states() == ["sent"] * 3


def test_it_works_until_it_is_told_to_stop(engine, keys_path, server, make_card):
    with working(engine, keys_path, server.port) as process:
        wait_until(lambda: operations.housekeeping.worker_seen_at() is not None)
        make_card("5.00 USD")
        wait_until(lambda: server.taken)
        process.send_signal(signal.SIGTERM)
        assert process.wait(10) == 0
    assert states() == ["sent"]


@pytest.mark.engines("sqlite")
def test_it_stops_in_time_even_if_the_mail_server_hangs(engine, keys_path, make_card):
    bad = BadServer("silent")
    make_card("5.00 USD")
    with working(engine, keys_path, bad.port) as process:
        wait_until(lambda: bad.conversations)
        process.send_signal(signal.SIGTERM)
        process.wait(60)
    bad.stop()
    assert states() == ["sending"], "it was not left under way, but waited for"


def test_it_refuses_to_start_with_the_wrong_keys(engine, keys_path, tmp_path):
    ran = worked_once(engine, tmp_path / "missing.json")
    assert ran.returncode != 0
    assert "is missing" in ran.stderr


# Dying


def test_killed_before_the_last_line_the_mail_is_sent_by_the_next(
    engine, keys_path, make_card, server
):
    bad = BadServer("hang_data")
    make_card("5.00 USD")
    with working(engine, keys_path, bad.port) as process:
        wait_until(lambda: bad.conversations and states() == ["sending"])
        process.kill()
        process.wait()
    bad.stop()
    assert states() == ["sending"]
    drain_later(engine, keys_path, server, outbox.sending.LEASE + timedelta(seconds=1))
    assert states() == ["sent"]
    assert len(server.taken) == 1


def test_killed_after_the_last_line_the_mail_is_in_doubt_and_not_sent_again(
    engine, keys_path, make_card, server
):
    bad = BadServer("hang_answer")
    make_card("5.00 USD")
    with working(engine, keys_path, bad.port) as process:
        wait_until(lambda: bad.had_whole)
        process.kill()
        process.wait()
    bad.stop()
    drain_later(engine, keys_path, server, timedelta(days=5))
    assert states() == ["unclear"]
    assert server.taken == []


def drain_later(engine, keys_path, server: MailServer, later: timedelta) -> None:
    """What a worker does once time has passed."""
    environ = {"DATABASE_URL": engine.url, "GIFTWEB_KEYS": str(keys_path)}
    config = replace(from_environment(environ), mail_server="127.0.0.1", mail_port=server.port)
    made = application.create_app(config)
    engine.use()
    with clock.moved(later):
        Worker(made).drain()


def test_two_workers_and_a_killed_third_send_each_mail_once(engine, keys_path, server, make_card):
    for number in range(40):
        make_card("5.00 USD", holder=f"holder{number}@example.com")
    with (
        working(engine, keys_path, server.port) as first,
        working(engine, keys_path, server.port),
        working(engine, keys_path, server.port),
    ):
        wait_until(lambda: len(server.taken) >= 5, 40)
        first.kill()
        wait_until(lambda: len(server.taken) + len(cut_off()) >= 40, 40)
    drain_later(engine, keys_path, server, outbox.sending.LEASE + timedelta(seconds=1))
    doubtful = states().count("unclear")
    assert len(server.recipients) == len(set(server.recipients))
    assert states().count("sent") + doubtful == 40
    # What was under way when a worker was killed is all that nobody knows of: one mail each.
    assert doubtful <= 3
    assert len(server.recipients) >= 40 - doubtful


def cut_off() -> list[str]:
    return [state for state in states() if state in ("sending", "unclear")]


# Webhooks


@pytest.fixture(scope="module")
def authority(tmp_path_factory) -> Authority:
    return Authority(tmp_path_factory.mktemp("authority"))


@pytest.fixture
def receiver(authority) -> Iterator[Receiver]:
    made = Receiver(authority.serve_as("localhost"))
    yield made
    made.stop()


@pytest.fixture
def worker(app, authority) -> Worker:
    """A worker that may reach this machine, which production never may."""
    sender = WebhookSender(may_reach=lambda _: True, trust=authority.trust, step_timeout=1)
    return Worker(app, sender=sender)


def register(campaign_id: str, url: str) -> str:
    """Register a public address that leads to ``url``; the endpoint's secret."""
    endpoint, secret = outbox.endpoints.create(
        campaign_id, url="https://shop.example/hooks", by=ROOT
    )
    seals.change(models.WebhookEndpoint, endpoint.id, url=url)
    return secret


def issue(campaign_id: str) -> str:
    new = cards.NewCard(
        amount=amount_of("20.00 USD"), holder_email="ann@example.com", campaign_id=campaign_id
    )
    return cards.issue(new, by=ROOT).card.id


@pytest.mark.proves("B5", "I29")
def test_a_shop_hears_of_its_cards_once_and_can_check_who_says_so(worker, receiver):
    campaign = make_campaign()
    secret = register(campaign.id, receiver.url)
    card_id = issue(campaign.id)
    worker.drain()
    worker.drain()
    [(headers, body)] = receiver.received
    found = Webhook(secret).verify(body, headers)
    assert (found["type"], found["data"]["id"]) == ("gift_card.issued", card_id)
    assert headers["webhook-id"] == found["id"]
    [shown] = outbox.deliveries.listing(campaign.id).items
    assert (shown.state, shown.answer_status, shown.attempts) == ("delivered", 204, 1)


def test_a_shop_that_was_down_hears_of_it_later_with_the_same_id(app, authority, receiver):
    campaign = make_campaign()
    register(campaign.id, receiver.url)
    issue(campaign.id)
    receiver.answer = 503
    sender = WebhookSender(may_reach=lambda _: True, trust=authority.trust)
    Worker(app, sender=sender).drain()
    [shown] = outbox.deliveries.listing(campaign.id).items
    assert (shown.state, shown.answer_status) == ("waiting", 503)
    receiver.answer = 204
    with clock.moved(timedelta(seconds=6)):
        Worker(app, sender=sender).drain()
    first, second = (json.loads(body)["id"] for _, body in receiver.received)
    assert first == second
    assert outbox.deliveries.listing(campaign.id).items[0].state == "delivered"


def test_an_endpoint_in_trouble_does_not_keep_the_others_waiting(worker, receiver):
    sick, well = make_campaign(), make_campaign("Other Shop")
    register(sick.id, "https://localhost:1/hooks")
    register(well.id, receiver.url)
    for _ in range(40):
        issue(sick.id)
    issue(well.id)
    worker.drain()
    assert len(receiver.received) == 1
    tried = [d for d in outbox.deliveries.listing(sick.id, limit=50).items if d.attempts]
    assert len(tried) <= 16


def test_in_production_nothing_inside_is_ever_reached(app, receiver):
    campaign = make_campaign()
    register(campaign.id, receiver.url)
    issue(campaign.id)
    Worker(app).drain()
    assert receiver.received == []
    [shown] = outbox.deliveries.listing(campaign.id).items
    assert shown.problem == "The host's address is not on the public internet."


# What time does


@pytest.mark.proves("I10", "I11", "I22")
def test_time_is_written_down(worker, make_checkout, make_card):
    expiring = make_card("5.00 USD", expires_on=clock.today() + timedelta(days=1))
    holding = make_card("30.00 USD")
    cart = make_checkout()
    checkout_id = apply_and_hold(cart.id, holding.code)
    with clock.moved(timedelta(days=3)):
        worker.drain()
        held, state = (
            database.scalar("SELECT held_minor FROM account WHERE id = ?", holding.card.id),
            database.scalar("SELECT state FROM gift_card WHERE id = ?", expiring.card.id),
        )
        status = database.scalar("SELECT status FROM checkout WHERE id = ?", checkout_id)
        assert (held, state, status) == (0, "expired", "expired")
        assert cards.find(expiring.card.id).balance_minor == 0
        worker.drain()


def apply_and_hold(checkout_id: str, code: str) -> str:
    carts.apply(checkout_id, code=code)
    checkout.authorise(checkout_id, by=AGENT)
    return checkout_id


@pytest.mark.tampers
def test_old_links_and_keys_of_requests_without_money_are_dropped(worker):
    database.execute(
        "INSERT INTO customer (id, email, name, created_at) VALUES ('cus_1', 'a@b.c', 'A', 0)"
    )
    old, new = clock.micros() - 40 * 86_400_000_000, clock.micros()
    for name, at in (("old", old), ("new", new)):
        database.execute(
            "INSERT INTO sign_in_link (id, customer_id, created_at, expires_at)"
            " VALUES (?, 'cus_1', ?, ?)",
            name,
            at,
            at,
        )
        for moves in (True, False):
            database.execute(
                "INSERT INTO idempotency_key (scope, key, fingerprint, status, answer, moves_money,"
                " is_test, created_at) VALUES ('s', ?, 'f', 200, '{}', ?, ?, ?)",
                f"{name} {moves}",
                moves,
                False,
                at,
            )
    worker.drain()
    assert database.rows("SELECT id FROM sign_in_link") == [("new",)]
    kept = [key for (key,) in database.rows("SELECT key FROM idempotency_key ORDER BY key")]
    assert kept == ["new False", "new True", "old True"]


def test_a_job_that_fails_does_not_stop_the_others(worker, make_card, monkeypatch, caplog):
    expiring = make_card("5.00 USD", expires_on=clock.today())

    def breaks(**_) -> int:
        raise RuntimeError("out of order")

    monkeypatch.setattr(checkout, "due_to_lapse", breaks)
    monkeypatch.setattr(operations.housekeeping, "prune", breaks)
    campaign = make_campaign()
    register(campaign.id, "https://localhost:1/")
    issue(campaign.id)
    with clock.moved(timedelta(days=2)):
        worker.drain()
    assert "What is due could not be read" in caplog.text
    assert "The job pruning failed" in caplog.text
    assert (
        database.scalar("SELECT state FROM gift_card WHERE id = ?", expiring.card.id) == "expired"
    )
    assert outbox.deliveries.listing(campaign.id).items[0].attempts == 1


class FailsToVoid(Provider):
    """Fails when it is asked to void a certain charge."""

    def void(self, *, reference: str | None, key: str, amount: Money) -> Answer:
        if key in self.used:
            raise ConnectionError("no route")
        return super().void(reference=reference, key=key, amount=amount)


@pytest.fixture
def provider() -> Iterator[FailsToVoid]:
    by_hand = {"shop": Shop(), "offline": Offline()}
    made = FailsToVoid()
    payments.providers.use_gateways({**by_hand, "stripe": made})
    yield made
    payments.providers.use_gateways(by_hand)


@pytest.mark.proves("D3", "I31")
def test_a_payment_that_cannot_be_voided_does_not_keep_another_one_waiting(
    worker, provider, caplog
):
    carts_left = sorted(make_checkout().id for _ in range(3))
    for checkout_id in carts_left:
        checkout.setups.open_setup(checkout_id, gateway="stripe")
        paying = {"gateway": "stripe", "source": Source(kind="card"), "by": SYSTEM}
        checkout.charges.start(checkout_id, **paying)
    provider.is_silent = True
    order = checkout.charges.finish(carts_left.pop(), by=SYSTEM)
    provider.is_silent = False
    first, second = carts_left
    provider.used.append(carts.find(first).claim["key"])
    with clock.moved(timedelta(days=1)):
        worker.drain()
    assert f"{first} could not be brought up to date" in caplog.text
    assert carts.find(first).claim["is_over"]
    assert carts.find(second).claim is None
    assert [each.state for each in payments.of_order(order.id)] == ["captured"]


@pytest.mark.no_database
def test_a_database_that_goes_away_and_comes_back_is_worked_on_again(keys_path, server):
    cluster = postgres.new_cluster()
    port = int(cluster.url().rpartition(":")[2].partition("/")[0])
    place = SimpleNamespace(url=cluster.url("postgres"))
    environ = {"DATABASE_URL": place.url, "GIFTWEB_KEYS": str(keys_path)}
    before = database.db.obj
    try:
        config = from_environment(environ)
        application.create_app(config)
        installation.upgrade(config)
        with working(
            SimpleNamespace(url=environ["DATABASE_URL"]), keys_path, server.port
        ) as process:
            wait_until(lambda: operations.housekeeping.worker_seen_at() is not None)
            cluster.stop()
            time.sleep(2)
            cluster.start(port)
            database.close()
            make_card("5.00 USD")
            wait_until(lambda: server.taken, 40)
            # Leaving the block kills the worker, which has to have noted first that it was sent.
            wait_until(lambda: states() == ["sent"])
            assert process.poll() is None
    finally:
        database.close()
        database.db.initialize(before)
        cluster.remove()
