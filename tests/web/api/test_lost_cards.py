"""A card that can no longer pay what its cart counts on: named, and the shop can go on."""

from datetime import timedelta

import pytest

from giftweb import clock
from giftweb.domain import cards, carts
from tests.factories import ADMIN, AGENT
from tests.web.api.shop import done, says

WEEK = {"expires_in": 7 * 24 * 60 * 60}


ENDINGS = {
    "frozen": lambda card: cards.freeze(card["id"], by=AGENT),
    "cancelled": lambda card: cards.endings.cancel(card["id"], by=ADMIN),
    "replaced": lambda card: cards.endings.replace_card(card["id"], by=ADMIN),
}


def capture(shop, path, *amounts, number=1):
    paid = [{"method": "cash", "amount": amount, "reference": ""} for amount in amounts]
    return shop.api.post(f"{path}/capture", {"payments": paid}, key=f"capture-{number}")


def shares(checkout):
    """By card: what it pays, and why nothing."""
    return {card["id"]: (card["amount"], card.get("problem")) for card in checkout["gift_cards"]}


@pytest.mark.proves("E8")
@pytest.mark.parametrize("step", ["authorisation", "capture"])
@pytest.mark.parametrize("ending", ENDINGS)
def test_a_card_that_has_ended_is_named_and_the_others_pay(shop, ending, step):
    lost, other = shop.issue(3000), shop.issue(1000)
    path = shop.open(lost, other)
    ENDINGS[ending](lost)
    answer = (
        capture(shop, path, 3900) if step == "capture" else shop.api.post(f"{path}/authorisation")
    )
    refused = says(answer, 409, "card_not_usable")
    assert refused["gift_card_id"] == lost["id"]
    assert shares(refused["checkout"]) == {lost["id"]: (0, ending), other["id"]: (1000, None)}
    assert refused["checkout"]["amount_due"] == 6900
    assert carts.find(path.split("/")[-1]).due_minor == 6900, "the new allocation is stored"
    order = done(capture(shop, path, 6900, number=2), 201)
    assert {payment["amount"] for payment in order["payments"]} == {1000, 6900}


@pytest.mark.proves("E8")
@pytest.mark.parametrize("step", ["authorisation", "capture"])
def test_so_is_one_that_has_expired(shop, step):
    lost = shop.issue(3000, expires_on=clock.today().isoformat())
    path = shop.open(lost, **WEEK)
    with clock.moved(timedelta(days=2)):
        answer = (
            capture(shop, path, 4900)
            if step == "capture"
            else shop.api.post(f"{path}/authorisation")
        )
        refused = says(answer, 409, "card_not_usable")
        assert refused["gift_card_id"] == lost["id"]
        assert shares(refused["checkout"]) == {lost["id"]: (0, "expired")}
        done(capture(shop, path, 7900, number=2), 201)


@pytest.mark.proves("E8")
def test_one_with_too_little_is_named_too(shop):
    shared = shop.issue(5000)
    first, second = shop.open(shared), shop.open(shared)
    done(shop.pay(first), 201)
    refused = says(shop.api.post(f"{second}/authorisation"), 409, "insufficient_balance")
    assert refused["gift_card_id"] == shared["id"]
    assert shares(refused["checkout"]) == {shared["id"]: (0, "used_up")}


@pytest.mark.proves("E8")
def test_a_card_whose_hold_was_released_opens_the_cart_again(shop):
    lost, other = shop.issue(3000), shop.issue(1000)
    path = shop.open(lost, other)
    done(shop.api.post(f"{path}/authorisation"))
    cards.freeze(lost["id"], by=AGENT, release_holds=True)
    refused = says(capture(shop, path, 3900), 409, "card_not_usable")
    assert refused["gift_card_id"] == lost["id"]
    assert refused["checkout"]["status"] == "open"
    assert shares(refused["checkout"]) == {lost["id"]: (0, "frozen"), other["id"]: (1000, None)}
    assert shop.card(other["id"])["held"] == 0
    assert done(shop.api.post(f"{path}/authorisation"))["status"] == "authorised"
    done(capture(shop, path, 6900, number=2), 201)


@pytest.mark.proves("E8")
def test_a_card_that_is_free_again_is_not_taken_without_a_hold(shop):
    card = shop.issue(3000)
    path = shop.open(card)
    done(shop.api.post(f"{path}/authorisation"))
    cards.freeze(card["id"], by=AGENT, release_holds=True)
    cards.unfreeze(card["id"], by=AGENT)
    refused = says(capture(shop, path, 4900), 409, "card_not_usable")
    assert shares(refused["checkout"]) == {card["id"]: (3000, None)}
    done(capture(shop, path, 4900, number=2), 201)


@pytest.mark.proves("E8")
def test_a_refusal_leaves_alone_what_is_authorised_and_whole(shop):
    path = shop.open(shop.issue(3000))
    done(shop.api.post(f"{path}/authorisation"))
    says(capture(shop, path, 1), 409, "payment_incomplete")
    assert done(shop.api.get(path))["status"] == "authorised"


@pytest.mark.proves("E39")
def test_an_open_cart_is_read_with_what_its_cards_have_now(shop):
    shared = shop.issue(5000)
    first, second = shop.open(shared), shop.open(shared)
    done(shop.pay(first), 201)
    now = done(shop.api.get(second))
    assert shares(now) == {shared["id"]: (0, "used_up")}
    assert (now["gift_card_amount"], now["amount_due"], now["coverage"]) == (0, 7900, "none")
    assert carts.find(now["id"]).paid_minor == 5000, "reading stores nothing"


@pytest.mark.proves("E39")
def test_what_was_read_can_be_captured_as_it_was_read(shop):
    shared = shop.issue(5000)
    first, second = shop.open(shared), shop.open(shared)
    done(shop.pay(first, 2900), 201)
    done(shop.api.post(f"/gift-cards/{shared['id']}/top-ups", {"amount": 700}), 201)
    assert done(shop.api.get(second))["amount_due"] == 7200
    order = done(capture(shop, second, 7200), 201)
    assert done(shop.api.get(second))["gift_cards"][0]["amount"] == 700
    assert sorted(payment["amount"] for payment in order["payments"]) == [700, 7200]


@pytest.mark.proves("E39")
def test_payments_that_fit_neither_reading_are_refused(shop):
    shared = shop.issue(5000)
    first, second = shop.open(shared), shop.open(shared)
    done(shop.pay(first), 201)
    says(capture(shop, second, 7899), 409, "insufficient_balance")
    assert shop.card(shared["id"])["balance"] == 0


@pytest.mark.proves("E40")
def test_a_code_is_applied_with_a_limit(shop):
    path, card = shop.open(), shop.issue(5000)
    body = {"code": card["code"], "limit": 1200}
    applied = done(shop.api.post(f"{path}/gift-cards", body))
    assert [(each["amount"], each["limit"]) for each in applied["gift_cards"]] == [(1200, 1200)]
    done(shop.pay(path, 6700), 201)
    assert shop.card(card["id"])["balance"] == 3800


@pytest.mark.proves("E40")
@pytest.mark.parametrize("limit", [0, -1, 1.5, "12", True, 10**12 + 1])
def test_a_limit_is_an_amount(shop, limit):
    path, card = shop.open(), shop.issue(5000)
    answer = shop.api.post(f"{path}/gift-cards", {"code": card["code"], "limit": limit})
    assert [fault["field"] for fault in says(answer, 422, "invalid")["errors"]] == ["limit"]


@pytest.mark.proves("E40")
def test_no_limit_is_all_of_it(shop):
    path, card = shop.open(), shop.issue(5000)
    answer = shop.api.post(f"{path}/gift-cards", {"code": card["code"], "limit": None})
    assert "limit" not in done(answer)["gift_cards"][0]
