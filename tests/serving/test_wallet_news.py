"""Wallets are informed of what changes: over HTTP/2 and TLS, against servers on this machine (B13).

What cannot be tried here is Apple's and Google's own servers: docs/operating.md says so.
"""

import json
from dataclasses import replace
from datetime import timedelta
from urllib.parse import parse_qs

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa

from giftweb import clock, models
from giftweb.domain import audit, cards
from giftweb.serving.wallet_news import WalletNews
from giftweb.serving.worker import Worker
from tests.factories import ADMIN, amount_of, make_card
from tests.wallet_hosts import PASS_TYPE, Host, write_account, write_certificates

pytestmark = pytest.mark.proves("B13")

ISSUER = "3388000000000000001"


@pytest.fixture(scope="session")
def key():
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


@pytest.fixture
def issued(app):
    return make_card("50.00 USD")


def spend(issued, amount: str = "20.00 USD") -> None:
    cards.adjust(issued.card.id, change=-amount_of(amount), reason="Spent", by=ADMIN)


def rows() -> list[tuple[str, str, int, str | None]]:
    row = models.WalletPass
    found = row.select(row.wallet, row.state, row.attempts, row.problem)
    return list(found.order_by(row.id).tuples())


# Apple


@pytest.fixture
def apple(app, key, tmp_path):
    """Apple's push service, and the news that go there."""
    folder = write_certificates(tmp_path / "apple", key)
    with Host(tmp_path, asks_for=folder / "certificate.pem") as host:
        config = replace(app.config["GIFTWEB"], apple_wallet=folder, apple_push_base=host.url)
        host.news = WalletNews(config, trust=host.trust)
        yield host


def test_a_device_is_informed_once_of_a_change_by_http_2_and_the_passes_certificate(apple, issued):
    cards.wallets.register(issued.card.id, device="dev1", push_token="abc/1")
    assert apple.news.send() == 0
    spend(issued)
    assert apple.news.send() == 1
    (request,) = apple.received
    assert (request.version, request.method, request.path) == ("2", "POST", "/3/device/abc%2F1")
    assert (request.headers["apns-topic"], request.body) == (PASS_TYPE, b"{}")
    assert rows() == [("apple", "current", 1, None)]
    assert apple.news.send() == 0


def test_without_the_certificate_nobody_is_heard_and_the_news_wait(apple, issued, tmp_path):
    stranger = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    folder = write_certificates(tmp_path / "stranger", stranger)
    config = replace(apple.news._config, apple_wallet=folder)
    cards.wallets.register(issued.card.id, device="dev1", push_token="abc")
    spend(issued)
    assert WalletNews(config, trust=apple.trust).send() == 1
    assert not apple.received
    ((_, state, attempts, problem),) = rows()
    assert (state, attempts) == ("waiting", 1)
    assert "not reached" in problem


@pytest.mark.parametrize(
    ("status", "reason"), [(410, "Unregistered"), (400, "BadDeviceToken"), (410, "ExpiredToken")]
)
def test_a_token_that_is_over_ends_the_registration(apple, issued, status, reason):
    apple.answer = lambda request: (status, {"reason": reason})
    cards.wallets.register(issued.card.id, device="dev1", push_token="abc")
    spend(issued)
    apple.news.send()
    assert rows() == []


def test_a_device_that_registered_again_meanwhile_is_kept(apple, issued):
    def renewed(request):
        cards.wallets.register(issued.card.id, device="dev1", push_token="new")
        return 410, {"reason": "Unregistered"}

    cards.wallets.register(issued.card.id, device="dev1", push_token="old")
    spend(issued)
    notice, *_ = cards.wallets.claim(["apple"])
    renewed(None)
    cards.wallets.drop(notice)
    assert len(rows()) == 1


@pytest.mark.parametrize(("status", "reason"), [(429, "TooManyRequests"), (503, "Shutdown")])
def test_a_push_that_failed_is_tried_again_for_three_days_and_then_named_at_the_desk(
    apple, issued, staff_client, status, reason
):
    apple.answer = lambda request: (status, {"reason": reason})
    cards.wallets.register(issued.card.id, device="dev1", push_token="abc")
    spend(issued)
    tries = 0
    for hours in range(0, 100, 2):
        with clock.moved(timedelta(hours=hours)):
            tries += apple.news.send()
    assert tries == len(apple.received) == 9
    assert rows() == [("apple", "failed", 9, f"Apple answered {status} {reason}.")]
    (failure,) = cards.wallets.failures()
    assert (failure.card_id, failure.last4) == (issued.card.id, issued.card.last4)
    for place in ("outbox", f"gift-cards/{issued.card.id}"):
        assert f"Apple answered {status}" in staff_client("root").get(f"/staff/{place}").text
    apple.answer = lambda request: (200, {})
    spend(issued)
    assert apple.news.send() == 1
    assert rows() == [("apple", "current", 1, None)]
    assert cards.wallets.failures() == []
    assert "It is up to date." in staff_client("root").get(f"/staff/{place}").text


def test_what_changes_while_a_push_is_under_way_is_pushed_again(apple, issued):
    cards.wallets.register(issued.card.id, device="dev1", push_token="abc")
    spend(issued)
    (notice,) = cards.wallets.claim(["apple"])
    spend(issued)
    with pytest.raises(cards.wallets.leases.LeaseLost):
        cards.wallets.mark_informed(notice)
    assert apple.news.send() == 1


def test_a_new_last_day_and_a_cancellation_are_news_and_another_card_is_none(apple, issued):
    cards.wallets.register(issued.card.id, device="dev1", push_token="abc")
    other = make_card("5.00 USD")
    spend(other, "1.00 USD")
    assert apple.news.send() == 0
    changes = cards.changes.Changes(expires_on=clock.now().date() + timedelta(days=900))
    cards.changes.change(issued.card.id, changes=changes, by=ADMIN)
    assert apple.news.send() == 1
    cards.endings.cancel(issued.card.id, by=ADMIN)
    assert apple.news.send() == 1


# Google


class Google:
    """Gives out tokens, and has the objects of cards that were saved."""

    def __init__(self):
        self.token, self.saved, self.expires_in = "ya29.first", True, 3600

    def __call__(self, request):
        if request.path == "/token":
            return 200, {"access_token": self.token, "expires_in": self.expires_in}
        if request.headers["authorization"] != f"Bearer {self.token}":
            return 401, {}
        return (200 if self.saved else 404), {}


@pytest.fixture
def google(app, key, tmp_path):
    """Google's API, and the news that go there."""
    with Host(tmp_path, Google()) as host:
        path = write_account(tmp_path / "google.json", key, token_uri=f"{host.url}/token")
        config = replace(
            app.config["GIFTWEB"],
            google_wallet_key=path,
            google_wallet_issuer=ISSUER,
            google_wallet_api_base=host.url,
        )
        host.news = WalletNews(config, trust=host.trust)
        yield host


def test_googles_object_has_the_new_balance_by_a_token_for_the_service_account(google, issued):
    cards.wallets.note_link(issued.card.id)
    spend(issued)
    assert google.news.send() == 1
    asked, changed = google.received
    form = parse_qs(asked.body.decode())
    assert form["grant_type"] == ["urn:ietf:params:oauth:grant-type:jwt-bearer"]
    assert form["assertion"][0].count(".") == 2
    assert changed.method == "PATCH"
    assert changed.path == f"/walletobjects/v1/giftCardObject/{ISSUER}.{issued.card.id}"
    assert json.loads(changed.body) == {
        "state": "ACTIVE",
        "balance": {"micros": "30000000", "currencyCode": "USD"},
    }
    spend(issued, "30.00 USD")
    google.news.send()
    assert [each.path for each in google.received].count("/token") == 1
    assert json.loads(google.received[-1].body)["state"] == "COMPLETED"
    assert rows() == [("google", "current", 1, None)]


def test_a_card_that_nobody_saved_yet_is_tried_again_and_a_token_that_ended_is_renewed(
    google, issued
):
    cards.wallets.note_link(issued.card.id)
    google.answer.saved = False
    spend(issued)
    google.news.send()
    ((_, state, _, problem),) = rows()
    assert (state, problem) == ("waiting", "The card is not in Google's wallet, or not yet.")
    google.answer.saved, google.answer.token = True, "ya29.second"
    for minutes in (5, 60):
        with clock.moved(timedelta(minutes=minutes)):
            assert google.news.send() == 1
    assert rows() == [("google", "current", 3, None)]


def test_a_link_that_nobody_used_is_no_failure_of_the_desks(google, issued):
    cards.wallets.note_link(issued.card.id)
    google.answer.saved = False
    spend(issued)
    for hours in range(0, 100, 2):
        with clock.moved(timedelta(hours=hours)):
            google.news.send()
    assert [state for _, state, _, _ in rows()] == ["failed"]
    assert cards.wallets.failures() == []
    (held,) = cards.wallets.of_card(issued.card.id)
    assert (held.wallet, held.has_failed) == ("google", False)


def test_without_a_token_the_news_wait(google, issued):
    google.answer.expires_in = "soon"
    cards.wallets.note_link(issued.card.id)
    spend(issued)
    google.news.send()
    ((_, state, _, problem),) = rows()
    assert (state, len(google.received)) == ("waiting", 1)
    assert "not reached" in problem


# The worker


def test_a_worker_without_wallets_leaves_them_alone_and_one_with_them_informs_them(
    app, apple, issued
):
    cards.wallets.register(issued.card.id, device="dev1", push_token="abc")
    spend(issued)
    Worker(app).drain()
    assert [state for _, state, _, _ in rows()] == ["waiting"]
    Worker(app, wallet_news=apple.news).drain()
    assert rows() == [("apple", "current", 1, None)]
    assert audit.checks.run() == []
