"""Printed cards over the API: found inactive, activated once, their PIN (B22, B23)."""

from datetime import timedelta

import pytest

from giftweb import clock
from giftweb.domain import cards, throttle
from giftweb.domain.audit.log import SYSTEM
from giftweb.domain.cards.stock import Batch, Printed
from giftweb.money import Money
from tests.factories import make_campaign
from tests.races import at_once
from tests.web.api.shop import Shop, done, says

PAID = {"amount": 5000, "currency": "USD"}
RECEIPT = {"amount": 1000, "currency": "USD", "reference": "R-1"}


def in_stock(shop: Shop | None = None, *, pin: bool = False, **more) -> Printed:
    """A printed card, the shop's own or nobody's."""
    new: list[Printed] = []
    batch = Batch("USD", shop.api.campaign_id if shop else None, **more)
    cards.stock.make(1, batch=batch, has_pins=pin, write=new.extend, by=SYSTEM)
    return new[0]


@pytest.mark.proves("B22", "I40", "S53")
def test_a_card_in_stock_is_worth_nothing_until_it_is_activated(shop):
    code = in_stock(shop).code
    found = done(shop.api.post("/gift-cards/lookup", {"code": code}))
    assert (found["status"], found["balance"], found["origin"]) == ("inactive", 0, "stock")
    path = shop.open()
    says(shop.api.post(f"{path}/gift-cards", {"code": code}), 409, "card_not_usable")
    says(shop.api.post("/redemptions", RECEIPT | {"code": code}), 409, "card_not_usable")
    card = f"/gift-cards/{found['id']}"
    says(shop.api.post(f"{card}/top-ups", {"amount": 100}), 409, "card_not_usable")
    says(shop.api.post(f"{card}/freeze"), 409, "card_not_usable")
    says(shop.api.post(f"{card}/replacement"), 409, "card_not_usable")
    says(shop.api.post(f"{card}/emails", {"email": "a@example.com"}), 409, "card_not_usable")
    listed = done(shop.api.get("/gift-cards", status="inactive"))["data"]
    assert [each["id"] for each in listed] == [found["id"]]

    wanted = PAID | {"code": code, "holder": {"email": "ann@example.com", "name": "Ann"}}
    made = done(shop.api.post("/gift-cards/activation", wanted), 201)
    assert (made["status"], made["balance"], made["initial_amount"]) == ("active", 5000, 5000)
    assert made["funding"] == [{"source": "sales", "amount": 5000}]
    assert made["holder"] == {"email": "ann@example.com", "name": "Ann"}
    assert "code" not in made
    [line] = done(shop.api.get(f"{card}/transactions"))["data"]
    assert (line["type"], line["amount"]) == ("issued", 5000)
    done(shop.api.post("/redemptions", RECEIPT | {"code": code}), 201)


@pytest.mark.proves("B22", "I40", "I27")
def test_a_card_is_activated_once(shop):
    code = in_stock(shop).code
    wanted = PAID | {"code": code}
    first = shop.api.post("/gift-cards/activation", wanted, key="one")
    again = shop.api.post("/gift-cards/activation", wanted, key="one")
    assert done(first, 201) == done(again, 201)
    assert again.headers["Idempotent-Replayed"] == "true"
    says(shop.api.post("/gift-cards/activation", wanted, key="two"), 409, "card_not_usable")
    assert shop.card(first.json["id"])["balance"] == 5000


@pytest.mark.proves("B22", "I40")
def test_of_many_that_activate_one_card_at_once_one_succeeds():
    card = cards.find_by_code(in_stock().code)
    activation = cards.activation.Activation(amount=Money(5000, "USD"))

    def once() -> cards.Card:
        return cards.activation.activate(card.id, activation=activation, by=SYSTEM)

    answers = at_once(*[once] * 4)
    assert sum(isinstance(each, cards.Card) for each in answers) == 1
    assert cards.find(card.id).balance_minor == 5000


@pytest.mark.proves("B22", "I20")
def test_other_peoples_stock_is_not_found_and_nobodys_is_anybodys(shop, api):
    stranger = Shop(api())
    wanted = PAID | {"code": in_stock(stranger).code}
    says(shop.api.post("/gift-cards/activation", wanted), 404, "not_found")
    says(
        shop.api.post("/gift-cards/activation", PAID | {"code": in_stock(is_test=True).code}),
        404,
        "not_found",
    )
    made = done(shop.api.post("/gift-cards/activation", PAID | {"code": in_stock().code}), 201)
    assert shop.card(made["id"])["status"] == "active"
    says(stranger.api.get(f"/gift-cards/{made['id']}"), 404, "not_found")


@pytest.mark.parametrize(
    ("change", "status", "code"),
    [
        ({"currency": "EUR"}, 409, "currency_mismatch"),
        ({"amount": 0}, 422, "invalid"),
        ({"source": "imports"}, 422, "invalid"),
        ({"code": "7GK2M-4T9QX-1BC0A"}, 422, "code_malformed"),
    ],
)
def test_what_does_not_fit_activates_nothing(shop, change, status, code):
    printed = in_stock(shop).code
    says(shop.api.post("/gift-cards/activation", PAID | {"code": printed} | change), status, code)
    assert cards.find_by_code(printed).status == "inactive"


@pytest.mark.proves("B22", "D25")
def test_the_validity_counts_from_the_activation(api):
    shop = Shop(api(make_campaign(card_valid_days=30).id))
    code = in_stock(shop).code
    with clock.moved(timedelta(days=100)):
        made = done(shop.api.post("/gift-cards/activation", PAID | {"code": code}), 201)
        assert made["expires_on"] == (clock.now() + timedelta(days=30)).date().isoformat()


# PIN


@pytest.fixture
def printed(shop) -> Printed:
    """A card of 50.00 with a PIN."""
    found = in_stock(shop, pin=True)
    done(shop.api.post("/gift-cards/activation", PAID | {"code": found.code}), 201)
    return found


@pytest.mark.proves("B23")
@pytest.mark.parametrize("typed", [{}, {"pin": "000"}, {"pin": ""}, {"pin": "１２３"}])
def test_without_its_pin_a_card_pays_and_tells_nothing(shop, printed, typed):
    wanted = {"code": printed.code} | typed
    says(shop.api.post("/gift-cards/lookup", wanted), 409, "pin_required")
    says(shop.api.post(f"{shop.open()}/gift-cards", wanted), 409, "pin_required")
    says(shop.api.post("/redemptions", RECEIPT | wanted), 409, "pin_required")
    assert cards.find_by_code(printed.code).balance_minor == 5000


@pytest.mark.proves("B23", "B21")
def test_with_its_pin_it_is_a_card_like_any_other(shop, printed):
    wanted = {"code": printed.code, "pin": f" {printed.pin[:3]}-{printed.pin[3:]} "}
    assert done(shop.api.post("/gift-cards/lookup", wanted))["needs_pin"] is True
    applied = done(shop.api.post(f"{shop.open()}/gift-cards", wanted))
    assert applied["gift_card_amount"] == 5000
    assert done(shop.api.post("/redemptions", RECEIPT | wanted), 201)["amount"] == 1000


@pytest.mark.proves("B23")
def test_wrong_pins_slow_the_card_down_and_never_lock_its_holder_out(shop, api, printed):
    wrong = {"code": printed.code, "pin": "0" if printed.pin[0] != "0" else "1"}
    right = {"code": printed.code.lower(), "pin": printed.pin}
    shops = [shop, Shop(api())]
    for number in range(throttle.PIN.free + 1):
        says(shops[number % 2].api.post("/gift-cards/lookup", wrong), 409, "pin_required")
    slowed = says(shops[1].api.post("/gift-cards/lookup", right), 429, "too_many_tries")
    assert "Nothing is locked" in slowed["detail"]
    done(shop.api.post("/gift-cards/lookup", {"code": shop.issue()["code"]}))
    with clock.moved(timedelta(seconds=throttle.PIN.first_wait)):
        done(shop.api.post("/gift-cards/lookup", right))
        for _ in range(30):
            shop.api.post("/gift-cards/lookup", wrong)
        with clock.moved(timedelta(seconds=throttle.PIN.longest_wait)):
            done(shop.api.post("/gift-cards/lookup", right))


@pytest.mark.proves("B23", "D23", "E7")
def test_a_replacement_keeps_the_pin_and_says_it_once(shop, printed):
    card = cards.find_by_code(printed.code)
    new = done(shop.api.post(f"/gift-cards/{card.id}/replacement"), 201)
    assert (new["needs_pin"], new["pin"]) == (True, printed.pin)
    says(shop.api.post("/gift-cards/lookup", {"code": new["code"]}), 409, "pin_required")
    done(shop.api.post("/gift-cards/lookup", {"code": new["code"], "pin": printed.pin}))
    assert "pin" not in shop.card(new["id"])


@pytest.mark.proves("B23")
def test_tries_without_a_pin_are_counted_and_a_right_one_is_heard_after_the_wait(shop, printed):
    bare = {"code": printed.code}
    for _ in range(throttle.PIN.free + 1):
        says(shop.api.post("/gift-cards/lookup", bare), 409, "pin_required")
    says(shop.api.post("/gift-cards/lookup", bare), 429, "too_many_tries")
    with clock.moved(timedelta(seconds=throttle.PIN.longest_wait)):
        done(shop.api.post("/gift-cards/lookup", bare | {"pin": printed.pin}))
