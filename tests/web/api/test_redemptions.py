"""Tills through the API: one request pays a receipt with a card (B21)."""

import pytest

from giftweb.domain import cards, throttle
from tests.factories import make_card
from tests.races import at_once
from tests.web.api.shop import Shop, done, faults, says

pytestmark = pytest.mark.proves("B21")

RECEIPT = {"amount": 2000, "currency": "USD", "reference": "R-42"}


def redeem(shop: Shop, card: dict, *, key: str = "", **more):
    body = RECEIPT | {"code": card["code"]} | more
    return shop.api.post("/redemptions", body, key=key)


def test_a_receipt_is_paid_in_one_request(shop):
    card = shop.issue(5000)
    paid = done(redeem(shop, card), 201)
    assert set(paid) == {
        "order_id",
        "payment_id",
        "gift_card",
        "amount",
        "amount_due",
        "currency",
    }
    assert (paid["amount"], paid["amount_due"], paid["currency"]) == (2000, 0, "USD")
    assert (paid["gift_card"]["id"], paid["gift_card"]["balance"]) == (card["id"], 3000)
    assert "code" not in paid["gift_card"]
    order = done(shop.api.get(f"/orders/{paid['order_id']}"))
    assert (order["reference"], order["grand_total"], order["payment_status"]) == (
        "R-42",
        2000,
        "paid",
    )
    assert [payment["id"] for payment in order["payments"]] == [paid["payment_id"]]
    assert order["customer"]["email"] is None


def test_it_is_refunded_by_its_payment(shop):
    card = shop.issue(5000)
    paid = done(redeem(shop, card), 201)
    done(shop.api.post(f"/payments/{paid['payment_id']}/refunds", {"amount": 500}), 201)
    assert shop.card(card["id"])["balance"] == 3500
    says(
        shop.api.post(f"/payments/{paid['payment_id']}/refunds", {"amount": 1501}),
        409,
        "refund_exceeds_payment",
    )


def test_too_little_says_what_there_is(shop):
    card = shop.issue(1200)
    refused = says(redeem(shop, card), 409, "insufficient_balance")
    assert (refused["available"], refused["currency"]) == (1200, "USD")
    assert refused["gift_card_id"] == card["id"]
    assert shop.card(card["id"])["balance"] == 1200


def test_a_part_is_taken_where_it_is_allowed(shop):
    card = shop.issue(1200)
    paid = done(redeem(shop, card, allow_part=True), 201)
    assert (paid["amount"], paid["amount_due"]) == (1200, 800)
    assert paid["gift_card"]["status"] == "used_up"
    says(redeem(shop, card, allow_part=True), 409, "card_not_usable")


def test_a_refusal_is_worded_as_at_a_checkout(shop):
    says(redeem(shop, {"code": "7GK2M-4T9QX-1BC0Z"}), 404, "not_found")
    says(redeem(shop, {"code": "not a code"}), 422, "code_malformed")
    says(redeem(shop, shop.issue(), currency="EUR"), 409, "currency_mismatch")
    assert faults(redeem(shop, shop.issue(), amount=0, reference="")) == {"amount", "reference"}
    assert faults(redeem(shop, shop.issue(), customer={})) == {"customer"}
    says(redeem(shop, shop.issue(), key=None), 400, "idempotency_key_missing")


def test_a_card_of_the_other_mode_does_not_pay(shop, api):
    card = shop.issue()
    till = Shop(api(shop.api.campaign_id, is_test=True))
    says(redeem(till, card), 409, "mode_mismatch")


def test_a_test_key_redeems_a_test_card(api):
    till = Shop(api(is_test=True))
    paid = done(redeem(till, till.issue(5000)), 201)
    assert paid["gift_card"]["livemode"] is False
    assert done(till.api.get(f"/orders/{paid['order_id']}"))["livemode"] is False


def test_a_card_with_a_pin_is_asked_for_it(shop):
    issued = make_card(needs_pin=True)
    says(redeem(shop, {"code": issued.code}), 409, "pin_required")
    says(redeem(shop, {"code": issued.code}, pin="0000"), 409, "pin_required")
    pin = cards.pins.find(issued.card)
    assert done(redeem(shop, {"code": issued.code}, pin=pin), 201)["amount"] == 2000


def test_a_card_that_is_bound_to_its_holder_does_not_pay(shop):
    bound = make_card(bound_to_holder=True)
    says(redeem(shop, {"code": bound.code}), 409, "card_not_usable")


def test_another_campaigns_card_pays_and_its_holder_stays_unknown(shop, api):
    card = shop.issue()
    paid = done(redeem(Shop(api()), card), 201)
    assert paid["gift_card"]["holder"] == {"email": None}


def test_wrong_codes_are_counted(shop):
    for _ in range(throttle.SHOP.free + 1):
        redeem(shop, {"code": "7GK2M-4T9QX-1BC0Z"})
    says(redeem(shop, {"code": "7GK2M-4T9QX-1BC0Z"}), 429, "too_many_tries")
    done(redeem(shop, shop.issue()), 201)


def test_the_same_request_twice_is_paid_once(shop):
    card = shop.issue(5000)
    first, second = (redeem(shop, card, key="receipt 42") for _ in range(2))
    assert done(second, 201) == done(first, 201)
    assert second.headers["Idempotent-Replayed"] == "true"
    assert shop.card(card["id"])["balance"] == 3000
    says(redeem(shop, card, key="receipt 42", amount=2001), 422, "idempotency_key_reused")


def test_the_same_request_twice_at_once_is_paid_once(shop):
    card = shop.issue(5000)

    def send():
        return redeem(shop, card, key="receipt 43")

    answers = [answer.json for answer in at_once(send, send)]
    assert answers[0] == answers[1]
    assert shop.card(card["id"])["balance"] == 3000
