"""What a gift card may buy, for whom, and whose cards a shop takes (B24, B25)."""

import pytest

from giftweb.domain import cards
from tests.factories import ADMIN, make_campaign, make_card
from tests.web.api.shop import CART, MUG, Shop, done, says

BOOK = {"sku": "BOOK", "name": "A book", "quantity": 2, "unit_amount": 1500, "category": "Books"}
WINE = {"sku": "WINE", "name": "Wine", "quantity": 1, "unit_amount": 2000, "category": " wine "}
RECEIPT = {"amount": 1000, "currency": "USD", "reference": "R-1"}
WHOLE = {"method": "credit_card", "reference": "ch_1"}


@pytest.fixture
def at(api):
    """``at(minimum_order_minor=2000)``: a shop with these settings."""

    def make(**settings) -> Shop:
        return Shop(api(make_campaign(**settings).id))

    return make


def cart(shop: Shop, *items, **more) -> dict:
    """A new checkout."""
    return done(shop.api.post("/checkouts", CART | {"items": list(items)} | more), 201)


# What they may buy


@pytest.mark.proves("B24")
def test_items_and_categories_that_are_left_out_are_paid_otherwise(at):
    shop = at(excluded_categories="wine\nTobacco")
    flagged = MUG | {"gift_card_payable": False}
    found = cart(shop, MUG, BOOK, WINE, flagged)
    assert (found["items_amount"], found["covered_amount_max"]) == (19_000, 10_000)
    assert found["not_covered"] == [
        {"reason": "shipping", "amount": 900},
        {"reason": "excluded", "amount": 9000},
    ]
    [_, book, wine, last] = found["items"]
    assert (book["category"], wine["category"], last["gift_card_payable"]) == (
        "Books",
        " wine ",
        False,
    )
    path = f"/checkouts/{found['id']}"
    card = shop.issue(20_000)
    applied = done(shop.api.post(f"{path}/gift-cards", {"code": card["code"]}))
    assert (applied["gift_card_amount"], applied["coverage"]) == (10_000, "full")
    paid = [WHOLE | {"amount": applied["amount_due"]}]
    order = done(shop.api.post(f"{path}/capture", {"payments": paid}), 201)
    assert [each["amount"] for each in order["payments"]] == [10_000, 9900]


@pytest.mark.proves("B24", "D1")
@pytest.mark.parametrize(
    ("items", "amounts", "covered"),
    [
        ((MUG, WINE), {"discount_amount": 1000}, 6000),
        ((MUG, WINE), {"discount_amount": 8000}, 0),
        ((MUG, WINE), {"tax_amount": 900}, 7700),
        ((WINE,), {"tax_amount": 200}, 0),
        ((MUG, WINE | {"kind": "gift_card"}), {"tax_amount": 900}, 7900),
    ],
)
def test_discount_reduces_goods_first_and_tax_goes_with_its_goods(at, items, amounts, covered):
    found = cart(at(excluded_categories="wine"), *items, **amounts)
    assert found["covered_amount_max"] == covered
    rest = sum(part["amount"] for part in found["not_covered"])
    assert rest == found["grand_total"] - covered


@pytest.mark.proves("B24")
def test_a_cart_of_nothing_but_what_is_left_out_takes_no_card(at):
    shop = at(excluded_categories="wine")
    path = f"/checkouts/{cart(shop, WINE)['id']}"
    answer = shop.api.post(f"{path}/gift-cards", {"code": shop.issue()["code"]})
    says(answer, 409, "gift_card_not_allowed")


@pytest.mark.proves("B24")
def test_gift_cards_pay_for_orders_of_a_size(at):
    shop = at(minimum_order_minor=7500)
    found = cart(shop, MUG)
    assert found["covered_amount_max"] == 0
    assert found["not_covered"] == [{"reason": "minimum_order", "amount": 7900}]
    path, card = f"/checkouts/{found['id']}", shop.issue()
    answer = shop.api.post(f"{path}/gift-cards", {"code": card["code"]})
    assert "$75.00 or more" in says(answer, 409, "gift_card_not_allowed")["detail"]
    says(
        shop.api.post("/redemptions", RECEIPT | {"code": card["code"]}),
        409,
        "gift_card_not_allowed",
    )
    done(shop.api.patch(path, {"items": [MUG, WINE]}))
    applied = done(shop.api.post(f"{path}/gift-cards", {"code": card["code"]}))
    assert applied["gift_card_amount"] == 5000
    fewer = done(shop.api.patch(path, {"discount_amount": 2000}))
    assert (fewer["gift_card_amount"], fewer["amount_due"]) == (0, 7900)


# Whose


@pytest.mark.proves("B24", "B19")
def test_a_shop_takes_its_own_cards_or_those_of_shops_it_names(at, api):
    friend, stranger = at(), at()
    own = at(accepts="own")
    named = at(accepts=friend.api.campaign_id)
    house = {"code": make_card().code}
    for shop, taken, refused in (
        (own, [own.issue()], [friend.issue(), stranger.issue(), house]),
        (named, [named.issue(), friend.issue()], [stranger.issue(), house]),
        (at(), [own.issue(), stranger.issue(), house], []),
    ):
        path = f"/checkouts/{cart(shop, MUG, BOOK)['id']}/gift-cards"
        for card in taken:
            done(shop.api.post(path, {"code": card["code"]}))
        for card in refused:
            answer = shop.api.post(path, {"code": card["code"]})
            assert "does not take" in says(answer, 409, "card_not_usable")["detail"]
            receipt = RECEIPT | {"code": card["code"]}
            says(shop.api.post("/redemptions", receipt), 409, "card_not_usable")


# For whom


@pytest.mark.proves("B25", "I41")
def test_a_card_bound_to_its_holder_pays_for_its_holder_alone(shop):
    card = shop.issue(bound_to_holder=True, holder={"email": "Ann@example.com"})
    assert card["bound_to_holder"] is True
    bens, anns = shop.open(), shop.open(customer={"email": "ANN@example.com", "name": "Ann"})
    answer = shop.api.post(f"{bens}/gift-cards", {"code": card["code"]})
    assert "bound to its holder" in says(answer, 409, "card_not_usable")["detail"]
    says(shop.api.post("/redemptions", RECEIPT | {"code": card["code"]}), 409, "card_not_usable")
    done(shop.api.post(f"{anns}/gift-cards", {"code": card["code"]}))
    done(shop.api.patch(anns, {"customer": {"email": "bob@example.com", "name": "Bob"}}))
    found = done(shop.api.get(anns))
    assert (found["gift_cards"][0]["problem"], found["gift_card_amount"]) == ("other_customer", 0)
    paid = [WHOLE | {"amount": 2900}]
    says(shop.api.post(f"{anns}/capture", {"payments": paid}), 409, "payment_incomplete")
    done(shop.api.patch(anns, {"customer": {"email": "ann@example.com", "name": "Ann"}}))
    done(shop.api.post(f"{anns}/capture", {"payments": paid}), 201)


@pytest.mark.proves("B25", "D23", "E7")
def test_a_successor_is_bound_as_well(shop):
    card = shop.issue(bound_to_holder=True)
    new = done(shop.api.post(f"/gift-cards/{card['id']}/replacement"), 201)
    assert new["bound_to_holder"] is True
    says(shop.api.post(f"{shop.open()}/gift-cards", {"code": new["code"]}), 409, "card_not_usable")


@pytest.mark.proves("B25", "I41")
def test_a_card_that_changes_hands_meanwhile_is_not_captured(shop):
    card = shop.issue(bound_to_holder=True, holder={"email": "bob@example.com"})
    path = shop.open(card)
    cards.holder.correct_holder(card["id"], email="eve@x.org", name=None, by=ADMIN, reason="typo")
    answer = shop.api.post(f"{path}/capture", {"payments": [WHOLE | {"amount": 2900}]})
    assert says(answer, 409, "card_not_usable")["checkout"]["gift_card_amount"] == 0
