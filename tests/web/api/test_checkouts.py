"""Checkouts of the API: the arithmetic, the life of a cart, every refusal."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
import requests

from giftweb import clock
from giftweb.domain import carts, catalogue, checkout, throttle
from tests import factories
from tests.web.api.shop import CART, MUG, Shop, done, faults, says

FIELDS = {
    "id",
    "livemode",
    "status",
    "order_reference",
    "currency",
    "items",
    "customer",
    "shipping_address",
    "items_amount",
    "discount_amount",
    "tax_amount",
    "shipping_amount",
    "grand_total",
    "covered_amount_max",
    "not_covered",
    "gift_card_amount",
    "amount_due",
    "coverage",
    "gift_cards",
    "client_token",
    "widget_url",
    "expires_at",
    "order_id",
    "payments",
}
GOODS = CART | {"shipping_amount": 0}
CARD_ITEM = {"sku": "G", "name": "Card", "quantity": 1, "unit_amount": 3000, "kind": "gift_card"}


def amounts(checkout: dict) -> tuple[int, int, int, str]:
    names = ("grand_total", "gift_card_amount", "amount_due", "coverage")
    return tuple(checkout[name] for name in names)


def parts(checkout: dict) -> list[tuple[int, int]]:
    """(position, amount) of each card."""
    return [(card["position"], card["amount"]) for card in checkout["gift_cards"]]


# Open and read


def test_a_checkout_is_opened(shop):
    opened = done(shop.api.post("/checkouts", CART, key=None), 201)
    assert set(opened) == FIELDS
    assert amounts(opened) == (7900, 0, 7900, "none")
    assert (opened["status"], opened["covered_amount_max"]) == ("open", 7000)
    assert opened["order_id"] is None
    assert opened["payments"] == opened["gift_cards"] == []
    campaign, _, secret = opened["client_token"].partition(".")
    assert campaign == shop.api.campaign_id
    assert len(secret) >= 32
    assert opened["widget_url"].endswith(f"/widget/{campaign}/#{opened['client_token']}")
    assert done(shop.api.get(f"/checkouts/{opened['id']}")) == opened
    assert carts.find(carts.Token(campaign, secret)).id == opened["id"]


def test_what_is_left_out_is_filled_in(shop):
    bare = {name: CART[name] for name in ("order_reference", "currency", "customer")}
    items = [MUG, CARD_ITEM, CARD_ITEM | {"type": "physical"}]
    opened = done(shop.api.post("/checkouts", bare | {"items": items}), 201)
    assert [item["requires_shipping"] for item in opened["items"]] == [True, False, True]
    assert [item["kind"] for item in opened["items"]] == ["goods", "gift_card", "gift_card"]
    assert [item.get("type") for item in opened["items"]] == [None, "virtual", "physical"]
    assert opened["discount_amount"] == opened["tax_amount"] == opened["shipping_amount"] == 0
    assert opened["shipping_address"] is None


@pytest.mark.proves("E28")
@pytest.mark.parametrize(
    ("days", "is_taken"), [(-365, False), (-2, False), (0, True), (365, True), (370, False)]
)
def test_a_card_is_mailed_from_now_to_one_year_ahead(shop, days, is_taken):
    moment = (clock.now() + timedelta(days=days)).isoformat()
    answer = shop.api.post("/checkouts", CART | {"items": [CARD_ITEM | {"deliver_at": moment}]})
    if is_taken:
        assert answer.status_code == 201
    else:
        assert faults(answer) == {"items.0.deliver_at"}
        assert "from now to one year ahead" in answer.text


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"items": []}, "items"),
        ({"items": [MUG] * 501}, "items"),
        ({"items": [MUG | {"quantity": 10_001}]}, "items.0.quantity"),
        ({"items": [MUG | {"kind": "service"}]}, "items.0.kind"),
        ({"items": [MUG | {"price": 1}]}, "items.0.price"),
        ({"items": [{"sku": "A"}]}, "items.0.name items.0.quantity items.0.unit_amount"),
        ({"items": [CARD_ITEM | {"type": "paper"}]}, "items.0.type"),
        ({"items": [CARD_ITEM | {"deliver_at": "2027-01-01"}]}, "items.0.deliver_at"),
        ({"items": [CARD_ITEM | {"deliver_at": "2027-01-01T09:00:00"}]}, "items.0.deliver_at"),
        ({"items": [CARD_ITEM | {"recipient": {"email": "x"}}]}, "items.0.recipient.email"),
        ({"items": [MUG | {"quantity": 10_000, "unit_amount": 10**12}]}, "items"),
        ({"discount_amount": 7001}, "discount_amount"),
        ({"customer": {"email": "bob@example.com"}}, "customer.name"),
        ({"shipping_address": factories.ADDRESS | {"country": "USA"}}, "shipping_address.country"),
        ({"shipping_address": factories.ADDRESS | {"country": "XX"}}, "shipping_address.country"),
        ({"shipping_address": {"name": "x"}}, None),
        ({"expires_in": 0}, "expires_in"),
        ({"expires_in": 10**9}, "expires_in"),
        ({"order_reference": ""}, "order_reference"),
        ({"currency": "XXX"}, "currency"),
    ],
)
def test_a_cart_that_cannot_be_used(shop, change, field):
    found = faults(shop.api.post("/checkouts", CART | change))
    assert field is None or found == set(field.split())


# Arithmetic


@pytest.mark.proves("S42", "S43", "D1")
def test_a_card_never_pays_shipping(shop):
    card = shop.issue(10_000)
    path = shop.open(card)
    applied = done(shop.api.get(path))
    assert amounts(applied) == (7900, 7000, 900, "full")
    assert shop.card(card["id"])["balance"] == 10_000
    done(shop.pay(path), 201)
    assert shop.card(card["id"])["balance"] == 3000


@pytest.mark.proves("D1")
def test_a_campaign_may_let_cards_pay_shipping_too(api):
    shop = Shop(api(factories.make_campaign(covers="goods_and_shipping").id))
    applied = done(shop.api.get(shop.open(shop.issue(10_000))))
    assert (applied["covered_amount_max"], *amounts(applied)) == (7900, 7900, 7900, 0, "full")


@pytest.mark.proves("S61", "S62", "S63", "I14")
def test_the_smallest_balance_goes_first_until_the_amount_runs_out(shop):
    cards = [shop.issue(amount) for amount in (2500, 20_000, 1000, 10_000)]
    goods = GOODS | {"items": [MUG | {"unit_amount": 4000}]}
    path = shop.open(*cards, **goods)
    applied = done(shop.api.get(path))
    assert [card["id"] for card in applied["gift_cards"]] == [
        cards[index]["id"] for index in (2, 0, 3, 1)
    ]
    assert parts(applied) == [(1, 1000), (2, 2500), (3, 500), (4, 0)]
    assert [card["balance"] for card in applied["gift_cards"]] == [1000, 2500, 10_000, 20_000]
    order = done(shop.pay(path), 201)
    left = [shop.card(card["id"])["balance"] for card in cards]
    assert left == [0, 20_000, 0, 9500]
    assert {payment["method"] for payment in order["payments"]} == {"gift_card"}
    assert len(order["payments"]) == 3


@pytest.mark.proves("D1", "D2", "D13")
def test_discounts_reduce_goods_and_tax_goes_with_them(shop):
    items = [MUG, CARD_ITEM]
    extra = {"discount_amount": 2000, "tax_amount": 500, "items": items}
    opened = done(shop.api.post("/checkouts", CART | extra), 201)
    assert opened["items_amount"] == 10_000
    assert opened["grand_total"] == 10_000 - 2000 + 500 + 900
    assert opened["covered_amount_max"] == 7000 - 2000 + 500


@pytest.mark.proves("S60")
def test_a_card_is_taken_off_again(shop):
    small, large = shop.issue(1000), shop.issue(5000)
    path = shop.open(small, large)
    left = done(shop.api.delete(f"{path}/gift-cards/{small['id']}"))
    assert [card["id"] for card in left["gift_cards"]] == [large["id"]]
    assert left["gift_card_amount"] == 5000
    assert set(left) == FIELDS
    says(shop.api.delete(f"{path}/gift-cards/{small['id']}"), 404, "not_found")


def test_a_changed_cart_is_allocated_again(shop):
    path = shop.open(shop.issue(5000))
    changed = done(shop.api.patch(path, {"items": [MUG | {"unit_amount": 2000}]}))
    assert amounts(changed) == (2900, 2000, 900, "full")
    changed = done(shop.api.patch(path, {"shipping_amount": 0, "order_reference": "R-2"}))
    assert amounts(changed) == (2000, 2000, 0, "full")
    assert (changed["order_reference"], changed["customer"]["name"]) == ("R-2", "Bob")
    assert faults(shop.api.patch(path, {"status": "captured"})) == {"status"}
    assert faults(shop.api.patch(path, {"discount_amount": 2001})) == {"discount_amount"}


# Refusals of a code


@pytest.mark.proves("B6")
def test_codes_that_cannot_be_applied(shop):
    path, card = shop.open(), shop.issue()
    says(shop.apply(path, {"code": "000000000000000"}), 404, "not_found")
    says(shop.apply(path, {"code": "111"}), 422, "code_malformed")
    done(shop.apply(path, card))
    says(shop.apply(path, card), 409, "already_applied")
    frozen, expired = shop.issue(), shop.issue(expires_on=clock.today().isoformat())
    done(shop.api.post(f"/gift-cards/{frozen['id']}/freeze"))
    says(shop.apply(path, frozen), 409, "card_not_usable")
    with clock.moved(timedelta(days=1)):
        says(shop.apply(shop.open(), expired), 409, "card_not_usable")


@pytest.mark.proves("S20", "S21", "S22", "I20")
def test_test_cards_and_live_checkouts_do_not_meet(shop, api):
    test_shop = Shop(api(shop.api.campaign_id, is_test=True))
    says(shop.apply(shop.open(), test_shop.issue()), 409, "mode_mismatch")
    says(test_shop.apply(test_shop.open(), shop.issue()), 409, "mode_mismatch")


@pytest.mark.proves("B6")
def test_cards_of_the_other_mode_count_as_failed_tries(shop, api):
    card = Shop(api(is_test=True)).issue()
    path = shop.open()
    statuses = [shop.apply(path, card).status_code for _ in range(throttle.SHOP.free + 2)]
    assert statuses[0] == 409
    assert statuses[-1] == 429


@pytest.mark.proves("B19")
def test_another_campaigns_card_is_accepted(shop, api):
    card = Shop(api()).issue(7000)
    order = shop.order(card)
    assert order["payments"][0]["gift_card_id"] == card["id"]


def test_a_card_of_another_currency_needs_a_rate(shop):
    card = shop.issue(currency="EUR")
    path = shop.open()
    says(shop.apply(path, card), 409, "currency_mismatch")
    rate = catalogue.rates.NewRate(clock.today(), "EUR", "USD", "1.10")
    catalogue.rates.set_rates([rate], by=factories.ROOT)
    applied = done(shop.apply(path, card))
    assert applied["gift_cards"][0]["balance"] == 5500
    assert applied["gift_cards"][0]["card_balance"] == {"amount": 5000, "currency": "EUR"}


@pytest.mark.proves("D13")
def test_a_gift_card_buys_no_gift_card(shop):
    path = shop.open(items=[CARD_ITEM], shipping_amount=0)
    says(shop.apply(path, shop.issue()), 409, "gift_card_not_allowed")


# Authorise, capture, void


@pytest.mark.proves("D3", "I10")
def test_authorising_holds_and_capturing_takes(shop, mailbox):
    card = shop.issue()
    path = shop.open(card)
    authorised = done(shop.api.post(f"{path}/authorisation", key=None))
    assert (authorised["status"], set(authorised)) == ("authorised", FIELDS)
    held = shop.card(card["id"])
    assert (held["balance"], held["held"], held["available"]) == (5000, 5000, 0)
    assert done(shop.api.post(f"{path}/authorisation"))["status"] == "authorised"
    order = done(shop.pay(path), 201)
    spent = shop.card(card["id"])
    assert (spent["balance"], spent["held"], spent["status"]) == (0, 0, "used_up")
    captured = done(shop.api.get(path))
    assert (captured["status"], captured["order_id"]) == ("captured", order["id"])
    assert captured["payments"] == order["payments"]
    assert "order_confirmation" in mailbox.kinds()


def test_voiding_lets_the_cards_go(shop):
    card = shop.issue()
    path = shop.open(card)
    done(shop.api.post(f"{path}/authorisation"))
    assert done(shop.api.post(f"{path}/void", key=None))["status"] == "voided"
    assert shop.card(card["id"])["available"] == 5000
    assert done(shop.api.post(f"{path}/void"))["status"] == "voided"
    for answer in (
        shop.pay(path, 0),
        shop.api.post(f"{path}/authorisation"),
        shop.apply(path, card),
        shop.api.patch(path, {"tax_amount": 1}),
        shop.api.delete(f"{path}/gift-cards/{card['id']}"),
    ):
        says(answer, 409, "checkout_closed")


def test_a_captured_checkout_is_closed(shop):
    path = shop.open()
    done(shop.pay(path), 201)
    says(shop.pay(path, 7900), 409, "checkout_closed")
    says(shop.api.post(f"{path}/void"), 409, "checkout_closed")


@pytest.mark.parametrize("amount", [1, 899, 901, 7900])
@pytest.mark.proves("I14")
def test_payments_and_cards_make_the_grand_total(shop, amount):
    path = shop.open(shop.issue(7000))
    says(shop.pay(path, amount), 409, "payment_incomplete")
    says(shop.api.post(f"{path}/capture"), 409, "payment_incomplete")
    assert done(shop.api.get(path))["status"] == "open"


def test_several_payments_make_it_up(shop):
    path = shop.open(shop.issue(7000))
    payments = [{"method": name, "amount": 450, "reference": ""} for name in ("paypal", "cash")]
    order = done(shop.api.post(f"{path}/capture", {"payments": payments}), 201)
    methods = [payment["method"] for payment in order["payments"]]
    assert sorted(methods) == ["cash", "gift_card", "paypal"]


@pytest.mark.parametrize(
    ("payment", "field"),
    [
        ({"method": "gift_card", "amount": 900}, "method"),
        ({"method": "barter", "amount": 900}, "method"),
        ({"method": "cash", "amount": 0}, "amount"),
        ({"method": "cash", "amount": 900, "currency": "USD"}, "currency"),
        ({"method": None, "amount": 900}, "method"),
        ({"amount": 900, "reference": None}, "reference"),
    ],
)
def test_a_payment_that_cannot_be_used(shop, payment, field):
    path = shop.open(shop.issue(7000))
    complete = {"method": "cash", "reference": "r"} | payment
    answer = shop.api.post(f"{path}/capture", {"payments": [complete]})
    assert faults(answer) == {f"payments.0.{field}"}
    short = {name: value for name, value in complete.items() if name != "reference"}
    assert "payments.0.reference" in faults(shop.api.post(f"{path}/capture", {"payments": [short]}))


@pytest.mark.proves("S38", "D20")
def test_what_is_shipped_needs_an_address(shop):
    cart = {name: value for name, value in CART.items() if name != "shipping_address"}
    path = f"/checkouts/{done(shop.api.post('/checkouts', cart), 201)['id']}"
    says(shop.pay(path), 409, "shipping_address_required")
    done(shop.api.patch(path, {"shipping_address": factories.ADDRESS}))
    done(shop.pay(path), 201)
    item = MUG | {"requires_shipping": False}
    path = f"/checkouts/{done(shop.api.post('/checkouts', cart | {'items': [item]}), 201)['id']}"
    assert done(shop.pay(path), 201)["fulfilment"] == "not_needed"


# Time


def test_a_cart_lives_a_day_or_as_long_as_it_says(shop):
    day, hour = shop.open(), shop.open(expires_in=3600)
    with clock.moved(timedelta(hours=1, seconds=1)):
        assert done(shop.api.get(day))["status"] == "open"
        assert done(shop.api.get(hour))["status"] == "expired"
        says(shop.pay(hour, 7900), 409, "checkout_expired")
        says(shop.api.patch(hour, {"tax_amount": 1}), 409, "checkout_expired")
        says(shop.api.post(f"{hour}/authorisation"), 409, "checkout_expired")
    with clock.moved(timedelta(hours=24, seconds=1)):
        assert done(shop.api.get(day))["status"] == "expired"
        says(shop.apply(day, shop.issue()), 409, "checkout_expired")


@pytest.mark.parametrize("is_written", [False, True])
@pytest.mark.proves("I11", "I12")
def test_a_hold_lapses_and_a_late_capture_is_refused(shop, is_written):
    card = shop.issue()
    path = shop.open(card)
    done(shop.api.post(f"{path}/authorisation"))
    with clock.moved(timedelta(minutes=15, seconds=1)):
        if is_written:
            for checkout_id in checkout.due_to_lapse():
                checkout.lapse(checkout_id)
        assert shop.card(card["id"])["available"] == 5000
        assert done(shop.api.get(path))["status"] == "expired"
        says(shop.pay(path, 2900), 409, "hold_expired")
        says(shop.api.post(f"{path}/authorisation"), 409, "hold_expired")
        assert shop.card(card["id"])["balance"] == 5000
        shop.order(card)


def test_the_time_of_a_hold_is_the_campaigns(api):
    shop = Shop(api(factories.make_campaign(hold_minutes=60).id))
    path = shop.open(shop.issue())
    done(shop.api.post(f"{path}/authorisation"))
    with clock.moved(timedelta(minutes=59)):
        done(shop.pay(path), 201)


# Races


@pytest.mark.parametrize("first", ["authorisation", "capture"])
@pytest.mark.proves("I10", "I13")
def test_who_comes_second_gets_the_new_allocation_and_can_go_on(shop, first):
    shared, other = shop.issue(5000), shop.issue(1000)
    winner, loser = shop.open(shared), shop.open(shared, other)
    if first == "capture":
        done(shop.pay(winner), 201)
    else:
        done(shop.api.post(f"{winner}/authorisation"))
    refused = says(shop.api.post(f"{loser}/authorisation"), 409, "insufficient_balance")
    assert amounts(refused["checkout"]) == (7900, 1000, 6900, "part")
    assert set(refused["checkout"]) == FIELDS
    assert done(shop.api.post(f"{loser}/authorisation"))["status"] == "authorised"
    done(shop.pay(loser, 6900), 201)


def test_a_capture_in_one_step_gets_the_new_allocation_too(shop):
    shared = shop.issue(5000)
    winner, loser = shop.open(shared), shop.open(shared)
    done(shop.pay(winner), 201)
    refused = says(shop.pay(loser, 2900), 409, "insufficient_balance")
    assert amounts(refused["checkout"]) == (7900, 0, 7900, "none")
    done(shop.pay(loser, 7900), 201)


def test_a_card_frozen_in_between_is_reported_and_the_cart_stays(shop):
    card = shop.issue()
    path = shop.open(card)
    done(shop.api.post(f"/gift-cards/{card['id']}/freeze"))
    says(shop.api.post(f"{path}/authorisation"), 409, "card_not_usable")
    assert parts(done(shop.api.get(path))) == [(1, 0)]
    done(shop.api.post(f"/gift-cards/{card['id']}/unfreeze"))
    assert parts(done(shop.api.get(path))) == [(1, 5000)]
    done(shop.pay(path), 201)


@pytest.mark.proves("D19")
def test_a_hold_made_before_a_freeze_is_honoured(shop):
    card = shop.issue()
    path = shop.open(card)
    done(shop.api.post(f"{path}/authorisation"))
    done(shop.api.post(f"/gift-cards/{card['id']}/freeze"))
    done(shop.pay(path), 201)
    assert shop.card(card["id"])["balance"] == 0


@pytest.mark.proves("I10", "I12", "I16")
def test_two_carts_with_one_card_at_the_same_moment(served, app, api):
    shop = Shop(api())
    card = shop.issue(7000)
    paths = [shop.open(card, **GOODS) for _ in range(10)]

    def capture(path: str) -> int:
        headers = {"Authorization": f"Bearer {shop.api.secret}", "Idempotency-Key": path}
        url = f"{served}/api/v1{path}/capture"
        return requests.post(url, json={"payments": []}, headers=headers, timeout=30).status_code

    with ThreadPoolExecutor(10) as pool:
        statuses = sorted(pool.map(capture, paths))
    assert statuses == [201, *[409] * 9]
    assert shop.card(card["id"])["balance"] == 0
    assert len(done(shop.api.get("/orders"))["data"]) == 1
