"""Orders, payments and refunds of the API: each address, each refusal."""

from typing import Any

import pytest

from giftweb import database, models
from giftweb.domain import audit, payments, refunds
from tests.factories import make_campaign
from tests.web.api.shop import CART, MUG, Shop, done, faults, says

FIELDS = {
    "id",
    "number",
    "reference",
    "livemode",
    "status",
    "fulfilment",
    "currency",
    "items_amount",
    "discount_amount",
    "tax_amount",
    "shipping_amount",
    "grand_total",
    "covered_amount_max",
    "gift_card_amount",
    "amount_due",
    "customer",
    "items",
    "payments",
    "issued_gift_cards",
    "purchased_gift_cards",
    "notes",
}
CARD_ITEM = {
    "sku": "G",
    "name": "Card",
    "quantity": 2,
    "unit_amount": 3000,
    "kind": "gift_card",
    "recipient": {"name": "Cy", "email": "cy@example.com"},
    "sender": {"name": "Bob", "email": "bob@example.com"},
    "message": "Happy birthday",
}
REFUND = {"id", "payment_id", "order_id", "amount", "currency", "status", "reason", "created_at"}


def tender(order: dict, method: str) -> str:
    """The address of the order's payment by this method."""
    return next(
        f"/payments/{payment['id']}" for payment in order["payments"] if payment["method"] == method
    )


def again(shop: Shop, order: dict) -> dict:
    """The order as it stands."""
    return done(shop.api.get(f"/orders/{order['id']}"))


# Read


@pytest.mark.proves("S37", "S40")
def test_an_order_is_what_its_capture_answered(shop):
    card = shop.issue()
    order = shop.order(card)
    assert set(order) >= FIELDS
    assert isinstance(order["number"], int)
    assert (order["status"], order["fulfilment"]) == ("placed", "pending")
    assert (order["grand_total"], order["gift_card_amount"]) == (7900, 5000)
    assert order["customer"]["email"] == "bob@example.com"
    assert order["items"][0]["unit_amount"] == 7000
    by_card, by_other = order["payments"]
    assert by_card | {"id": 0, "reference": 0} == {
        "id": 0,
        "method": "gift_card",
        "amount": 5000,
        "captured": 5000,
        "refunded": 0,
        "status": "captured",
        "reference": 0,
        "currency": "USD",
        "gift_card_id": card["id"],
    }
    assert (by_other["method"], by_other["amount"]) == ("credit_card", 2900)
    assert (by_other["reference"], "gift_card_id" in by_other) == ("ch_1", False)
    assert again(shop, order) == order


@pytest.mark.proves("S65", "S71", "I28")
def test_bought_cards_stand_on_the_order_without_their_codes(shop, mailbox):
    order = shop.order(items=[CARD_ITEM], shipping_amount=0)
    assert order["fulfilment"] == "not_needed"
    assert [card["balance"] for card in order["purchased_gift_cards"]] == [3000, 3000]
    assert {card["holder"]["email"] for card in order["purchased_gift_cards"]} == {"cy@example.com"}
    assert all("code" not in card for card in order["purchased_gift_cards"])
    assert mailbox.to("cy@example.com")


@pytest.mark.proves("S29", "S32")
def test_a_bonus_stands_on_the_order(api):
    campaign = make_campaign(issue_after_sales=True, relative_hundredths=1000)
    shop = Shop(api(campaign.id))
    order = shop.order(items=[MUG | {"unit_amount": 18_000}], shipping_amount=0)
    (bonus,) = order["issued_gift_cards"]
    assert (bonus["balance"], bonus["origin"], bonus["status"]) == (1800, "campaign", "active")


def test_orders_are_found_by_reference_and_email(shop):
    first = shop.order(order_reference="A-1")
    second = shop.order(order_reference="A-2", customer={"email": "Cy@example.com", "name": "Cy"})
    listed = done(shop.api.get("/orders"))
    assert [order["id"] for order in listed["data"]] == [second["id"], first["id"]]
    assert listed["data"][1] == first
    by_reference = done(shop.api.get("/orders", reference="A-1"))["data"]
    by_email = done(shop.api.get("/orders", email="CY@example.com"))["data"]
    assert ([each["id"] for each in by_reference], [each["id"] for each in by_email]) == (
        [first["id"]],
        [second["id"]],
    )
    page = done(shop.api.get("/orders", limit=1))
    assert (page["data"][0]["id"], page["has_more"]) == (second["id"], True)
    page = done(shop.api.get("/orders", limit=1, after=second["id"]))
    assert (page["data"][0]["id"], page["has_more"]) == (first["id"], False)
    assert faults(shop.api.get("/orders", after="1", limit=0)) == {"after", "limit"}


# Ship and cancel


def test_an_order_is_shipped(shop):
    order = shop.order()
    path = f"/orders/{order['id']}"
    shipped = done(shop.api.post(f"{path}/shipment", {"tracking": "1Z"}, key=None))
    assert (shipped["status"], shipped["fulfilment"]) == ("completed", "shipped")
    says(shop.api.post(f"{path}/cancellation"), 409, "refused")
    refunded = done(shop.api.post(f"{path}/refunds"), 201)
    assert len(refunded["data"]) == 1
    after = again(shop, order)
    assert (after["status"], after["fulfilment"]) == ("completed", "shipped")


@pytest.mark.proves("S47", "S49", "S50", "S51", "D8", "I17", "I18")
def test_a_cancelled_order_is_refunded_and_not_shipped(shop):
    card = shop.issue()
    order = shop.order(card)
    path = f"/orders/{order['id']}"
    gone = done(shop.api.post(f"{path}/cancellation", {"reason": "changed my mind"}))
    assert (gone["status"], gone["fulfilment"]) == ("shipping_denied", "cancelled")
    assert [payment["refunded"] for payment in gone["payments"]] == [5000, 2900]
    assert shop.card(card["id"])["balance"] == 5000
    assert len(gone["notes"]) > len(order["notes"])
    says(shop.api.post(f"{path}/shipment"), 409, "refused")
    says(shop.api.post(f"{path}/upsells", PAID_MUG), 409, "checkout_closed")


@pytest.mark.proves("S73", "D6")
def test_a_cancelled_order_takes_back_the_cards_that_it_bought(shop):
    order = shop.order(items=[CARD_ITEM], shipping_amount=0)
    used, unused = order["purchased_gift_cards"]
    done(shop.api.post(f"/gift-cards/{used['id']}/top-ups", {"amount": 100}), 201)
    after = done(shop.api.post(f"/orders/{order['id']}/cancellation"))
    assert after["status"] == "cancelled"
    assert {card["status"] for card in after["purchased_gift_cards"]} <= {"cancelled", "frozen"}
    assert shop.card(unused["id"])["status"] == "cancelled"


# Refunds


@pytest.mark.proves("S46", "S48", "I16")
def test_a_card_has_its_refund_at_once_in_parts_or_in_full(shop):
    card = shop.issue()
    order = shop.order(card)
    path = tender(order, "gift_card")
    part = done(shop.api.post(f"{path}/refunds", {"amount": 1200, "reason": "late"}), 201)
    assert set(part) == REFUND | {"gift_card_id"}
    assert part["id"].startswith("ref_")
    assert (part["status"], part["amount"], part["reason"]) == ("succeeded", 1200, "late")
    assert (part["gift_card_id"], part["order_id"]) == (card["id"], order["id"])
    assert shop.card(card["id"])["balance"] == 1200
    assert done(shop.api.post(f"{path}/refunds"), 201)["amount"] == 3800
    says(shop.api.post(f"{path}/refunds"), 409, "refund_exceeds_payment")
    after = again(shop, order)
    assert after["payments"][0]["status"] == "refunded"
    assert after["status"] == "placed"


@pytest.mark.parametrize("amount", [2901, 10**12])
def test_no_more_goes_back_than_was_paid(shop, amount):
    path = tender(shop.order(shop.issue()), "credit_card")
    answer = shop.api.post(f"{path}/refunds", {"amount": amount})
    says(answer, 409, "refund_exceeds_payment")


@pytest.mark.parametrize("amount", [0, -1, 10.01, "10", True])
def test_an_amount_that_is_none_is_not_refunded(shop, amount):
    path = tender(shop.order(shop.issue()), "credit_card")
    assert faults(shop.api.post(f"{path}/refunds", {"amount": amount})) == {"amount"}


@pytest.mark.proves("S47")
def test_the_shop_is_asked_for_money_that_it_took_and_says_what_became_of_it(shop):
    order = shop.order(shop.issue())
    path = tender(order, "credit_card")
    asked = done(shop.api.post(f"{path}/refunds", {"amount": 900}), 201)
    assert (asked["status"], set(asked)) == ("requested", REFUND)
    assert again(shop, order)["payments"][1]["refunded"] == 900
    confirm = f"/refunds/{asked['id']}/confirmation"
    settled = done(shop.api.post(confirm, {"succeeded": True, "reference": "re_1"}, key=None))
    assert settled == asked | {"status": "succeeded"}
    assert done(shop.api.post(confirm, {"succeeded": True})) == settled
    says(shop.api.post(confirm, {"succeeded": False}), 409, "refused")
    assert faults(shop.api.post(confirm, {"succeeded": "yes"})) == {"succeeded"}


def test_a_refund_that_the_shop_could_not_make_is_taken_back_out(shop):
    order = shop.order(shop.issue())
    path = tender(order, "credit_card")
    asked = done(shop.api.post(f"{path}/refunds"), 201)
    settled = done(shop.api.post(f"/refunds/{asked['id']}/confirmation", {"succeeded": False}))
    assert settled["status"] == "failed"
    assert again(shop, order)["payments"][1]["refunded"] == 0
    assert done(shop.api.post(f"{path}/refunds"), 201)["amount"] == 2900


@pytest.mark.proves("S47", "S49", "I17")
@pytest.mark.proves("E45")
def test_a_refund_can_be_looked_up_and_those_of_an_order_listed(shop):
    order = shop.order(shop.issue())
    refunds = done(shop.api.post(f"/orders/{order['id']}/refunds"), 201)["data"]
    assert done(shop.api.get(f"/refunds/{refunds[0]['id']}")) == refunds[0]
    path = f"/orders/{order['id']}/refunds"
    newest = sorted(refunds, key=lambda refund: refund["id"], reverse=True)
    assert done(shop.api.get(path)) == {"data": newest, "has_more": False}
    first = done(shop.api.get(path, limit=1))
    assert first == {"data": newest[:1], "has_more": True}
    after = done(shop.api.get(path, limit=1, after=newest[0]["id"]))
    assert after == {"data": newest[1:], "has_more": False}


def test_every_tender_is_refunded_at_once(shop):
    order = shop.order(shop.issue())
    path = f"/orders/{order['id']}/refunds"
    given = done(shop.api.post(path, {"reason": "broken"}), 201)
    assert set(given) == {"data"}
    assert [(each["amount"], each["status"]) for each in given["data"]] == [
        (5000, "succeeded"),
        (2900, "requested"),
    ]
    assert again(shop, order)["status"] == "shipping_denied"
    says(shop.api.post(path), 409, "refund_exceeds_payment")


class Provider:
    """A provider at the other end of a wire, which answers as it is told."""

    name, asks_shop, is_remote = "stripe", False, True

    def __init__(self, status: str):
        self.status, self.asked = status, []

    def refund(self, *, reference: str, amount, key: str) -> payments.providers.Answer:
        self.asked.append((reference, amount.minor, key))
        return payments.providers.Answer(self.status, "re_1")

    def take(self, **_) -> payments.providers.Answer:
        raise AssertionError("nothing is taken here")


@pytest.fixture
def order_by_stripe(shop, monkeypatch):
    """An order whose credit card payment a remote provider took; and that provider."""

    def place(status: str):
        provider = Provider(status)
        monkeypatch.setitem(payments.providers._gateways, "stripe", provider)
        order = shop.order(shop.issue())
        asked = "SELECT id, charge FROM payment WHERE method <> 'gift_card'"
        for payment_id, charge in database.rows(asked):
            charge = charge and charge.replace(" shop ", " stripe ")
            audit.seals.change(models.Payment, payment_id, gateway="stripe", charge=charge)
        return order, provider

    return place


@pytest.mark.parametrize(("says_it", "status"), [("succeeded", "succeeded"), ("failed", "failed")])
def test_a_remote_provider_is_asked_once_after_it_is_written_down(
    shop, order_by_stripe, says_it, status
):
    order, provider = order_by_stripe(says_it)
    path = tender(order, "credit_card")
    given = done(shop.api.post(f"{path}/refunds", {"amount": 900}, key="one"), 201)
    assert given["status"] == status
    assert provider.asked == [("ch_1", 900, given["id"])]
    assert done(shop.api.post(f"{path}/refunds", {"amount": 900}, key="one"), 201) == given
    assert len(provider.asked) == 1


@pytest.mark.proves("I27")
@pytest.mark.parametrize(
    ("says_it", "message"),
    [("succeeded", "succeeded"), ("failed", "failed"), ("unknown", "requested")],
)
@pytest.mark.parametrize("what", ["payment", "order", "cancellation"])
def test_what_a_provider_answered_first_is_the_one_answer(
    shop, order_by_stripe, says_it, message, what
):
    order, provider = order_by_stripe(says_it)
    path, status = {
        "payment": (f"{tender(order, 'credit_card')}/refunds", 201),
        "order": (f"/orders/{order['id']}/refunds", 201),
        "cancellation": (f"/orders/{order['id']}/cancellation", 200),
    }[what]
    first = shop.api.post(path, key="one")
    assert first.status_code == status
    assert what == "cancellation" or message in first.text
    provider.status = "succeeded"
    refunds.send(each.id for each in payments.refund_values.of_order(order["id"]))
    replayed = shop.api.post(path, key="one")
    assert replayed.headers["Idempotent-Replayed"] == "true"
    assert (replayed.status_code, replayed.data) == (first.status_code, first.data)
    assert "awaited" not in first.text


@pytest.mark.proves("I27")
def test_a_refund_whose_answer_was_lost_is_settled_by_the_next_try(
    shop, order_by_stripe, monkeypatch
):
    order, provider = order_by_stripe("succeeded")
    path = f"{tender(order, 'credit_card')}/refunds"
    monkeypatch.setattr(provider, "asked", None)
    with pytest.raises(AttributeError):
        shop.api.post(path, key="one")
    monkeypatch.setattr(provider, "asked", [])
    given = done(shop.api.post(path, key="one"), 201)
    assert given["status"] == "succeeded"
    assert provider.asked == [("ch_1", 2900, given["id"])]


def test_a_provider_that_is_silent_is_asked_again_later(shop, order_by_stripe):
    order, provider = order_by_stripe("unknown")
    gone = done(shop.api.post(f"/orders/{order['id']}/cancellation"))
    assert gone["status"] == "placed"
    (waiting,) = (
        each
        for each in payments.refund_values.of_order(order["id"])
        if each.stored_status == "claimed"
    )
    provider.status = "succeeded"
    refunds.send([waiting.id])
    assert again(shop, order)["status"] == "shipping_denied"


def test_cancelling_asks_the_provider_and_answers_what_became_of_the_order(shop, order_by_stripe):
    order, provider = order_by_stripe("succeeded")
    gone = done(shop.api.post(f"/orders/{order['id']}/cancellation"))
    assert gone["status"] == "shipping_denied"
    assert len(provider.asked) == 1


def test_refunding_every_tender_asks_the_provider(shop, order_by_stripe):
    order, provider = order_by_stripe("succeeded")
    given = done(shop.api.post(f"/orders/{order['id']}/refunds"), 201)["data"]
    assert [each["status"] for each in given] == ["succeeded", "succeeded"]
    assert len(provider.asked) == 1


# Sell more, chargebacks


PAID_MUG = {
    "items": [MUG],
    "payments": [{"method": "credit_card", "amount": 7000, "reference": "ch_more"}],
}


@pytest.mark.proves("S39", "I19")
def test_more_is_sold_when_another_tender_pays_it(shop):
    order = shop.order(shop.issue(20_000), shipping_amount=0)
    path = f"/orders/{order['id']}/upsells"
    says(shop.api.post(path, {"items": [MUG]}), 409, "payment_method_required")
    says(shop.api.post(path, {"items": [MUG], "payments": []}), 409, "payment_method_required")
    by_card = {"method": "gift_card", "amount": 7000}
    says(
        shop.api.post(path, {"items": [MUG], "payments": [by_card]}),
        409,
        "payment_method_required",
    )
    grown = done(shop.api.post(path, PAID_MUG), 201)
    assert (grown["items_amount"], len(grown["payments"])) == (14_000, 2)
    short = PAID_MUG | {"payments": [{"method": "cash", "amount": 6999, "reference": ""}]}
    says(shop.api.post(path, short), 409, "payment_incomplete")
    assert faults(shop.api.post(path, PAID_MUG | {"items": []})) == {"items"}


@pytest.mark.proves("S39", "I14")
def test_what_is_sold_later_has_a_discount_tax_and_shipping_of_its_own(shop):
    order = shop.order(shipping_amount=900)
    path = f"/orders/{order['id']}/upsells"
    more = PAID_MUG | {"discount_amount": 500, "tax_amount": 130, "shipping_amount": 370}
    grown = done(shop.api.post(path, more), 201)
    names = ("items_amount", "discount_amount", "tax_amount", "shipping_amount", "grand_total")
    added = [grown[name] - order[name] for name in names]
    assert added == [7000, 500, 130, 370, 7000]
    says(shop.api.post(path, PAID_MUG | {"tax_amount": 1}), 409, "payment_incomplete")
    assert faults(shop.api.post(path, more | {"discount_amount": 7001})) == {"discount_amount"}
    assert faults(shop.api.post(path, more | {"tax_amount": -1})) == {"tax_amount"}


def test_what_is_shipped_later_needs_an_address_too(shop):
    cart = {name: value for name, value in CART.items() if name != "shipping_address"}
    cart |= {"items": [MUG | {"requires_shipping": False}], "shipping_amount": 0}
    path = f"/checkouts/{done(shop.api.post('/checkouts', cart), 201)['id']}"
    order = done(shop.pay(path), 201)
    says(
        shop.api.post(f"/orders/{order['id']}/upsells", PAID_MUG),
        409,
        "shipping_address_required",
    )


@pytest.mark.proves("S52", "D12")
def test_a_chargeback_freezes_what_the_payment_bought(shop):
    order = shop.order(items=[CARD_ITEM], shipping_amount=0)
    path = f"/orders/{order['id']}/chargebacks"
    body = {"payment_id": order["payments"][0]["id"], "amount": 6000}
    after = done(shop.api.post(path, body, key=None))
    assert {card["status"] for card in after["purchased_gift_cards"]} == {"frozen"}
    assert after["payments"][0]["status"] == "charged_back"
    assert faults(shop.api.post(path, body)) == {"amount"}


@pytest.mark.proves("S52")
def test_no_chargeback_on_a_gift_card_payment(shop):
    order = shop.order(shop.issue())
    path = f"/orders/{order['id']}/chargebacks"
    body = {"payment_id": tender(order, "gift_card").rpartition("/")[2], "amount": 1}
    says(shop.api.post(path, body), 409, "gift_card_not_allowed")
    stranger = tender(shop.order(), "credit_card").rpartition("/")[2]
    says(shop.api.post(path, {"payment_id": stranger, "amount": 1}), 404, "not_found")
    assert faults(shop.api.post(path, {"payment_id": "x"})) == {"payment_id", "amount"}


# Events


def test_events_tell_what_happened_newest_first_and_no_code(shop):
    card = shop.issue()
    path = shop.open(card)
    done(shop.api.post(f"{path}/authorisation"))
    order = done(shop.pay(path), 201)
    done(shop.api.post(f"/orders/{order['id']}/refunds"), 201)
    listed = done(shop.api.get("/events", limit=100))
    kinds = [event["type"] for event in listed["data"]]
    assert set(kinds) >= {
        "gift_card.issued",
        "gift_card.balance_changed",
        "checkout.authorised",
        "checkout.captured",
        "order.placed",
        "order.paid",
        "order.updated",
        "refund.created",
        "refund.requested",
    }
    assert kinds[-1] == "gift_card.issued"
    assert card["code"] not in str(listed)
    first = done(shop.api.get("/events", limit=2))
    assert (first["data"], first["has_more"]) == (listed["data"][:2], True)
    rest = done(shop.api.get("/events", limit=100, after=listed["data"][1]["id"]))
    assert rest["data"] == listed["data"][2:]
    placed = done(shop.api.get("/events", type="order.placed"))["data"]
    assert [event["data"]["id"] for event in placed] == [order["id"]]
    assert faults(shop.api.get("/events", kind="order.placed")) == {"kind"}


def test_each_campaign_and_mode_has_its_own_events(shop, api):
    shop.issue()
    assert done(api().get("/events"))["data"] == []
    assert done(api(shop.api.campaign_id, is_test=True).get("/events"))["data"] == []


# Awaited


def pending(shop, *cards, **more) -> dict[str, Any]:
    """An order whose transfer has not come."""
    path = shop.open(*cards, **more)
    due = done(shop.api.get(path))["amount_due"]
    paid = {"method": "bank_transfer", "amount": due, "reference": "R-1", "status": "pending"}
    return done(shop.api.post(f"{path}/capture", {"payments": [paid]}), 201)


def settle(shop, order: dict[str, Any], verb: str, **body: Any):
    """What became of the order's last payment."""
    return shop.api.post(f"/payments/{order['payments'][-1]['id']}/{verb}", body)


@pytest.mark.proves("D21", "E1", "I34")
def test_a_pending_payment_is_received_over_the_api(shop, mailbox):
    order = pending(shop, items=[CARD_ITEM], shipping_amount=0)
    (payment,) = order["payments"]
    assert (order["payment_status"], order["purchased_gift_cards"]) == ("awaited", [])
    assert (payment["status"], payment["captured"]) == ("pending", 0)
    says(shop.api.post(f"/payments/{payment['id']}/refunds", {}), 409, "refund_exceeds_payment")
    paid = done(settle(shop, order, "receipt", reference="MT940-1"))
    assert paid["payment_status"] == "paid"
    assert [card["balance"] for card in paid["purchased_gift_cards"]] == [3000, 3000]
    (payment,) = paid["payments"]
    assert (payment["status"], payment["reference"]) == ("captured", "MT940-1")
    assert payment["captured"] == payment["amount"]
    assert done(settle(shop, order, "receipt")) == paid
    says(settle(shop, order, "cancellation"), 409, "payment_not_awaited")
    found = [event["type"] for event in done(shop.api.get("/events", limit=100))["data"]]
    assert {"payment.received", "order.paid"} <= set(found)
    assert mailbox.kinds().count("cards_purchased") == 1


@pytest.mark.proves("D21")
def test_a_pending_payment_that_never_comes_is_cancelled_over_the_api(shop):
    card = shop.issue()
    order = pending(shop, card)
    assert shop.card(card["id"])["balance"] == 0
    cancelled = done(settle(shop, order, "cancellation", reason="no money"))
    assert (cancelled["status"], cancelled["payment_status"]) == ("cancelled", "cancelled")
    assert [payment["status"] for payment in cancelled["payments"]] == ["refunded", "cancelled"]
    assert shop.card(card["id"])["balance"] == 5000
    says(settle(shop, order, "receipt"), 409, "payment_not_awaited")
    found = [event["type"] for event in done(shop.api.get("/events", limit=100))["data"]]
    assert "payment.cancelled" in found
    assert "order.paid" not in found


@pytest.mark.proves("E13")
def test_a_charge_that_has_paid_is_refused_with_the_payment_that_came_first(shop):
    order = shop.order(shop.issue(20_000), shipping_amount=0)
    path = f"/orders/{order['id']}/upsells"
    grown = done(shop.api.post(path, PAID_MUG), 201)
    first = grown["payments"][-1]["id"]
    refused = says(shop.api.post(path, PAID_MUG), 409, "payment_already_used")
    assert refused["payment_id"] == first
    assert done(shop.api.get(f"/orders/{order['id']}"))["items_amount"] == 14_000


@pytest.mark.proves("E13")
def test_two_payments_of_one_order_that_name_one_charge_are_refused_on_the_second(shop):
    order = shop.order(shop.issue(20_000), shipping_amount=0)
    half = {"method": "credit_card", "amount": 3500, "reference": "ch_more"}
    body = {"items": [MUG], "payments": [half, half]}
    refused = shop.api.post(f"/orders/{order['id']}/upsells", body)
    assert faults(refused) == {"payments.1.reference"}
    assert done(shop.api.get(f"/orders/{order['id']}"))["items_amount"] == 7000
