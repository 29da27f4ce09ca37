"""One key, one request, at most one effect, one answer (I27)."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
import requests

from giftweb import clock, database
from giftweb.blueprints.api.operations import OPERATIONS
from giftweb.database import timeouts
from tests import factories
from tests.web.api.shop import CARD, CART, Shop, done, faults, says

pytestmark = pytest.mark.proves("I27", "B5")


def test_the_same_key_and_body_get_the_first_answer_again(shop, mailbox):
    first = shop.api.post("/gift-cards", CARD, key="one")
    again = shop.api.post("/gift-cards", CARD, key="one")
    assert "Idempotent-Replayed" not in first.headers
    assert again.headers["Idempotent-Replayed"] == "true"
    assert (again.status_code, again.data) == (201, first.data)
    assert len(done(shop.api.get("/gift-cards"))["data"]) == len(mailbox.all()) == 1


def test_bodies_are_compared_by_what_they_say(client, shop):
    done(shop.api.post("/gift-cards", CARD, key="one"), 201)
    message = (
        '{ "holder": {"name": "Ann", "email": "ann\\u0040example.com"},'
        ' "note": null, "currency": "USD", "amount": 5000 }'
    )
    headers = {"Authorization": f"Bearer {shop.api.secret}", "Idempotency-Key": "one"}
    again = client.post("/api/v1/gift-cards", data=message, headers=headers)
    assert again.headers["Idempotent-Replayed"] == "true"


def test_another_body_or_address_is_another_request(shop):
    card = shop.issue()
    path = f"/gift-cards/{card['id']}"
    done(shop.api.post(f"{path}/top-ups", {"amount": 100}, key="one"), 201)
    for other, body in (
        (f"{path}/top-ups", {"amount": 101}),
        (f"{path}/adjustments", {"amount": 100, "reason": "x"}),
        (f"{path}/freeze", {}),
    ):
        says(shop.api.post(other, body, key="one"), 422, "idempotency_key_reused")
    assert shop.card(card["id"])["balance"] == 5100


def test_keys_of_other_campaigns_and_modes_are_other_keys(shop, api):
    others = (Shop(api()), Shop(api(shop.api.campaign_id, is_test=True)))
    made = [done(each.api.post("/gift-cards", CARD, key="one"), 201) for each in (shop, *others)]
    assert len({card["id"] for card in made}) == 3


def test_another_key_of_the_same_campaign_gets_the_first_answer(shop, api):
    card = done(shop.api.post("/gift-cards", CARD, key="one"), 201)
    second = Shop(api(shop.api.campaign_id))
    assert done(second.api.post("/gift-cards", CARD, key="one"), 201) == card


NEEDED = sorted(operation.name for operation in OPERATIONS if operation.needs_key)


@pytest.mark.no_database
def test_what_moves_money_or_issues_something_needs_a_key():
    assert NEEDED == [
        "activate_gift_card",
        "adjust_gift_card",
        "cancel_gift_card",
        "cancel_order",
        "cancel_payment",
        "capture_checkout",
        "issue_gift_card",
        "merge_gift_cards",
        "receive_payment",
        "redeem_gift_card",
        "refund_order",
        "refund_payment",
        "replace_gift_card",
        "sell_more",
        "top_up_gift_card",
    ]


def test_a_missing_key_is_reported(shop):
    card, order = shop.issue(), shop.order()
    path = shop.open()
    for address, body in (
        ("/gift-cards", CARD),
        (f"/gift-cards/{card['id']}/top-ups", {"amount": 1}),
        (f"/gift-cards/{card['id']}/adjustments", {"amount": 1, "reason": "x"}),
        (f"/gift-cards/{card['id']}/replacement", {}),
        (f"/gift-cards/{card['id']}/cancellation", {}),
        (f"{path}/capture", {}),
        (f"/payments/{order['payments'][0]['id']}/refunds", {}),
        (f"/payments/{order['payments'][0]['id']}/receipt", {}),
        (f"/payments/{order['payments'][0]['id']}/cancellation", {}),
        (f"/orders/{order['id']}/refunds", {}),
        (f"/orders/{order['id']}/cancellation", {}),
        (f"/orders/{order['id']}/upsells", {"items": CART["items"]}),
    ):
        says(shop.api.post(address, body, key=None), 400, "idempotency_key_missing")


@pytest.mark.parametrize("key", ["é", "x" * 256, "a\tb"])
def test_a_key_of_another_shape_is_no_key(shop, key):
    says(shop.api.post("/gift-cards", CARD, key=key), 400, "idempotency_key_missing")


@pytest.mark.parametrize("key", ["x", "x" * 255, "a b~!", "00000000-0000-0000-0000-000000000000"])
def test_any_printable_ascii_is_a_key(shop, key):
    done(shop.api.post("/gift-cards", CARD, key=key), 201)


def test_the_header_is_taken_where_it_is_not_needed(shop):
    first = shop.api.post("/checkouts", CART, key="one")
    again = shop.api.post("/checkouts", CART, key="one")
    assert again.headers["Idempotent-Replayed"] == "true"
    assert again.data == first.data
    path = f"/checkouts/{first.json['id']}"
    card = shop.issue()
    for _ in range(2):
        done(shop.api.post(f"{path}/gift-cards", {"code": card["code"]}, key="two"))
    says(shop.api.post(f"{path}/gift-cards", {"code": card["code"]}), 409, "already_applied")


def test_only_success_uses_up_a_key(shop):
    assert faults(shop.api.post("/gift-cards", CARD | {"amount": 0}, key="one")) == {"amount"}
    path = f"/gift-cards/{shop.issue()['id']}"
    done(shop.api.post(f"{path}/freeze"))
    taken = {"amount": -9000, "reason": "x"}
    says(shop.api.post(f"{path}/adjustments", taken, key="one"), 409, "insufficient_balance")
    done(shop.api.post("/gift-cards", CARD, key="one"), 201)


def kept() -> str:
    return str(database.rows("SELECT answer, fingerprint FROM idempotency_key"))


@pytest.mark.proves("I28")
def test_what_is_kept_of_an_answer_holds_neither_code_nor_token(shop):
    card = done(shop.api.post("/gift-cards", CARD, key="one"), 201)
    new = done(shop.api.post(f"/gift-cards/{card['id']}/replacement", key="two"), 201)
    checkout = done(shop.api.post("/checkouts", CART, key="three"), 201)
    done(shop.api.post("/gift-cards/lookup", {"code": new["code"]}, key="four"))
    for secret in (card["code"], new["code"], checkout["client_token"].partition(".")[2]):
        assert secret not in kept()


def test_the_code_is_shown_again_for_a_day(shop):
    card = done(shop.api.post("/gift-cards", CARD, key="one"), 201)
    new = done(shop.api.post(f"/gift-cards/{card['id']}/replacement", key="two"), 201)
    with clock.moved(timedelta(hours=23, minutes=59)):
        assert done(shop.api.post("/gift-cards", CARD, key="one"), 201) == card
    with clock.moved(timedelta(hours=24, minutes=1)):
        later = done(shop.api.post("/gift-cards", CARD, key="one"), 201)
        replaced = done(shop.api.post(f"/gift-cards/{card['id']}/replacement", key="two"), 201)
    assert later == {name: value for name, value in card.items() if name != "code"}
    assert replaced == {name: value for name, value in new.items() if name != "code"}


def test_a_capture_sent_again_is_one_order(shop):
    card = shop.issue(7000)
    path = shop.open(card)
    answers = [shop.pay(path, 900, key="one") for _ in range(3)]
    assert len({answer.data for answer in answers}) == 1
    assert len(done(shop.api.get("/orders"))["data"]) == 1
    assert shop.card(card["id"])["balance"] == 0


def at_once(
    address: str, secret: str, path: str, body: dict, count: int
) -> list[requests.Response]:
    """The same request from ``count`` threads, each on a connection of its own."""
    headers = {"Authorization": f"Bearer {secret}", "Idempotency-Key": "one"}

    def send(_: int) -> requests.Response:
        url = f"{address}/api/v1{path}"
        return requests.post(url, json=body, headers=headers, timeout=30)

    with ThreadPoolExecutor(count) as pool:
        return list(pool.map(send, range(count)))


def test_the_same_request_fifty_times_at_once_is_one_card(served):
    campaign = factories.make_campaign()
    secret = factories.make_api_key(campaign.id)
    answers = at_once(served, secret, "/gift-cards", CARD, 50)
    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.text for answer in answers}) == 1
    replayed = [answer.headers.get("Idempotent-Replayed") for answer in answers]
    assert (replayed.count(None), replayed.count("true")) == (1, 49)
    assert database.scalar("SELECT COUNT(*) FROM gift_card") == 1
    assert database.scalar("SELECT COUNT(*) FROM mail") == 1


@pytest.mark.proves("I31")
def test_the_same_capture_ten_times_at_once_is_one_order(served, shop):
    card = shop.issue(7000)
    path = shop.open(card)
    body = {"payments": [{"method": "credit_card", "amount": 900, "reference": "ch_1"}]}
    answers = at_once(served, shop.api.secret, f"{path}/capture", body, 10)
    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.text for answer in answers}) == 1
    assert database.scalar("SELECT COUNT(*) FROM orders") == 1
    assert database.scalar("SELECT COUNT(*) FROM transfer WHERE kind = 'capture'") == 1
    assert shop.card(card["id"])["balance"] == 0


def test_the_same_key_with_different_bodies_at_once_is_one_card(served):
    campaign = factories.make_campaign()
    secret = factories.make_api_key(campaign.id)
    headers = {"Authorization": f"Bearer {secret}", "Idempotency-Key": "one"}

    def send(amount: int) -> int:
        url = f"{served}/api/v1/gift-cards"
        body = CARD | {"amount": amount}
        return requests.post(url, json=body, headers=headers, timeout=30).status_code

    with ThreadPoolExecutor(10) as pool:
        statuses = sorted(pool.map(send, range(1, 11)))
    assert statuses == [201, *[422] * 9]
    assert database.scalar("SELECT COUNT(*) FROM gift_card") == 1


@pytest.mark.engines("postgresql")
def test_a_request_that_is_still_worked_on_is_told_apart(shop, engine, monkeypatch):
    import psycopg

    with psycopg.connect(engine.url) as other:
        other.execute(
            "INSERT INTO idempotency_key (scope, key, fingerprint, moves_money, is_test,"
            " created_at) VALUES (%s, 'one', '', true, false, 0)",
            (f"{shop.api.campaign_id}:live",),
        )
        database.execute("SET lock_timeout = '100ms'")
        try:
            answer = shop.api.post("/gift-cards", CARD, key="one")
        finally:
            database.execute(f"SET lock_timeout = '{timeouts.LOCK_SECONDS}s'")
        other.rollback()
    says(answer, 409, "idempotency_in_progress")
    done(shop.api.post("/gift-cards", CARD, key="one"), 201)
