"""Small rests of several cards put onto one (B25)."""

import pytest

from giftweb import database
from giftweb.domain import cards, ledger
from giftweb.domain.audit.log import SYSTEM
from giftweb.errors import CardNotUsable
from tests.factories import goods, make_campaign, make_card
from tests.orders import place, sheet
from tests.races import at_once
from tests.web.api.shop import Shop, done, says
from tests.web.api.test_printed_cards import PAID, RECEIPT, in_stock


def merged(shop: Shop, *found: dict, status: int = 201, **more):
    """The answer to merging these cards."""
    wanted = {"codes": [card["code"] for card in found]} | more
    answer = shop.api.post("/gift-cards/merge", wanted)
    return done(answer, status) if status < 400 else answer


@pytest.mark.proves("B25", "E7", "I35", "D29")
def test_three_rests_become_one_card_with_all_they_had(shop, mailbox):
    first = shop.issue(500, source="sales", tags=["a"])
    second = shop.issue(300, tags=["b"], holder={"email": "ben@example.com"})
    third = shop.issue(1000)
    redeem = RECEIPT | {"code": third["code"], "amount": 800}
    paid = done(shop.api.post("/redemptions", redeem), 201)
    new = merged(shop, first, second, third)
    assert (new["balance"], new["initial_amount"], new["origin"]) == (1000, 1000, "merge")
    assert new["funding"] == [
        {"source": "sales", "amount": 500},
        {"source": "goodwill", "amount": 500},
    ]
    assert (new["holder"]["email"], new["tags"]) == ("ann@example.com", ["a", "b"])
    for old in (first, second, third):
        assert (shop.card(old["id"])["status"], shop.card(old["id"])["balance"]) == ("replaced", 0)
        says(shop.api.post("/redemptions", RECEIPT | {"code": old["code"]}), 409, "card_not_usable")
    [line] = done(shop.api.get(f"/gift-cards/{new['id']}/transactions"))["data"]
    assert (line["type"], line["amount"], line["balance_after"]) == ("replaced", 1000, 1000)
    assert [mail.card_id for mail in mailbox.to("ann@example.com")][-1] == new["id"]

    back = done(shop.api.post(f"/payments/{paid['payment_id']}/refunds"), 201)
    assert back["gift_card_id"] == new["id"]
    assert shop.card(new["id"])["balance"] == 1800
    says(shop.api.post(f"/gift-cards/{new['id']}/cancellation"), 409, "card_already_used")


@pytest.mark.proves("B25")
def test_a_merged_card_is_merged_and_replaced_like_any_other(shop):
    new = merged(shop, merged(shop, shop.issue(), shop.issue()), shop.issue(1))
    assert new["balance"] == 10_001
    again = done(shop.api.post(f"/gift-cards/{new['id']}/replacement"), 201)
    assert again["balance"] == 10_001
    assert len(ledger.funding.chain_of(again["id"])) == 6


@pytest.mark.proves("B25", "I20")
def test_what_does_not_belong_together_stays_apart(shop, api):
    card, eur = shop.issue(), shop.issue(currency="EUR")
    ends, bound = shop.issue(expires_on="2199-01-01"), shop.issue(bound_to_holder=True)
    bens = shop.issue(bound_to_holder=True, holder={"email": "ben@example.com"})
    test = Shop(api(shop.api.campaign_id, is_test=True)).issue()
    frozen = shop.issue()
    done(shop.api.post(f"/gift-cards/{frozen['id']}/freeze"))
    held = shop.issue()
    done(shop.api.post(f"{shop.open(held)}/authorisation"))
    for pair, code in (
        ((card, eur), "currency_mismatch"),
        ((card, test), "mode_mismatch"),
        ((card, ends), "card_not_usable"),
        ((card, bound), "card_not_usable"),
        ((bound, bens), "card_not_usable"),
        ((card, frozen), "card_not_usable"),
        ((card, held), "card_in_use"),
    ):
        says(merged(shop, *pair, status=409), 409, code)
    says(merged(shop, card, Shop(api()).issue(), status=404), 404, "not_found")
    says(merged(shop, card, status=422), 422, "invalid")
    says(merged(shop, card, card, status=422), 422, "invalid")
    assert shop.card(card["id"])["status"] == "active"
    both = merged(shop, bound, shop.issue(bound_to_holder=True))
    assert (both["bound_to_holder"], both["balance"]) == (True, 10_000)


@pytest.mark.proves("B25", "B14")
def test_a_bonus_stays_with_its_order(api):
    campaign = make_campaign(issue_after_sales=True, relative_hundredths=1000)
    shop = Shop(api(campaign.id))
    order = place(goods("91.00 USD"), campaign_id=campaign.id)
    [bonus] = sheet(order).issued
    answer = merged(shop, shop.issue(), {"code": cards.holder.open_code(bonus.id)}, status=409)
    assert "a bonus" in says(answer, 409, "card_not_usable")["detail"]


@pytest.mark.proves("B23", "B25")
def test_the_pin_of_a_printed_card_is_asked_for(shop):
    card, printed = shop.issue(), in_stock(shop, pin=True)
    done(shop.api.post("/gift-cards/activation", PAID | {"code": printed.code}), 201)
    pair = (card, {"code": printed.code})
    says(merged(shop, *pair, status=409), 409, "pin_required")
    says(merged(shop, *pair, status=409, pins=[None, "0"]), 409, "pin_required")
    says(merged(shop, *pair, status=422, pins=[None, None, "0"]), 422, "invalid")
    new = merged(shop, *pair, pins=[None, printed.pin])
    assert (new["balance"], new["needs_pin"]) == (10_000, False)


@pytest.mark.proves("B25", "I31")
def test_cards_that_are_merged_and_spent_at_once_add_up():
    found = [make_card().card.id for _ in range(3)]

    def merge(*wanted: str):
        return lambda: cards.merging.merge(wanted, by=SYSTEM)

    answers = at_once(merge(*found), merge(*found[::-1]), merge(found[1], found[2]))
    assert sum(isinstance(each, CardNotUsable) for each in answers) == 2
    assert database.scalar("SELECT SUM(balance_minor) FROM account") == 15_000
