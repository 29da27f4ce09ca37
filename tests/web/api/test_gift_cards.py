"""Gift cards of the API: each address, each refusal."""

import re
from datetime import timedelta

import pytest

from giftweb import clock, codes
from giftweb.domain import cards, throttle
from giftweb.errors import CodeMalformed
from tests.factories import make_campaign, make_card
from tests.web.api.shop import CARD, Shop, done, faults, says

FIELDS = {
    "id",
    "livemode",
    "last4",
    "currency",
    "initial_amount",
    "balance",
    "held",
    "available",
    "status",
    "origin",
    "holder",
    "expires_on",
    "created_at",
    "funding",
    "bound_to_holder",
    "needs_pin",
    "tags",
}
INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z")


# Issue


@pytest.mark.proves("B5", "S14")
def test_a_card_is_issued_with_its_code_and_mailed(shop, mailbox):
    made = done(shop.api.post("/gift-cards", CARD | {"message": "Enjoy!", "note": "VIP"}), 201)
    assert set(made) == FIELDS | {"code", "note"}
    assert re.fullmatch(r"gc_[0-9a-z]{26}", made["id"])
    assert re.fullmatch(r"[0-9A-HJKMNP-TV-Z]{15}", made["code"])
    assert made["last4"] == made["code"][-4:]
    assert INSTANT.fullmatch(made["created_at"])
    assert {name: made[name] for name in FIELDS - {"id", "last4", "created_at"}} == {
        "livemode": True,
        "currency": "USD",
        "initial_amount": 5000,
        "balance": 5000,
        "held": 0,
        "available": 5000,
        "status": "active",
        "origin": "api",
        "holder": {"email": "ann@example.com", "name": "Ann"},
        "expires_on": None,
        "funding": [{"source": "goodwill", "amount": 5000}],
        "bound_to_holder": False,
        "needs_pin": False,
        "tags": [],
    }
    (mail,) = mailbox.to("ann@example.com")
    assert (mail.kind, mail.card_id) == ("card_issued", made["id"])


def test_no_mail_when_the_shop_sends_the_code_itself(shop, mailbox):
    shop.issue(send_email=False)
    assert mailbox.all() == []


def test_a_card_may_have_a_last_day(shop):
    assert shop.issue(expires_on="2099-01-31")["expires_on"] == "2099-01-31"


@pytest.mark.proves("D15")
def test_without_a_last_day_the_campaigns_rule_applies(api):
    campaign = make_campaign(card_valid_days=30)
    shop = Shop(api(campaign.id))
    assert shop.issue()["expires_on"] == (clock.today() + timedelta(days=30)).isoformat()
    assert shop.issue(expires_on="2099-01-31")["expires_on"] == "2099-01-31"


@pytest.mark.proves("B10", "D29", "E9")
@pytest.mark.parametrize("source", ["sales", "goodwill", "promotions"])
def test_a_card_is_sold_or_given_as_the_shop_says(shop, source):
    assert shop.issue(source=source)["funding"] == [{"source": source, "amount": 5000}]


@pytest.mark.proves("B10", "D29", "E9")
def test_a_recharge_is_sold_or_given_as_the_shop_says(shop):
    card = shop.issue()["id"]
    for more in ({"source": "sales"}, {"source": "promotions"}, {}):
        done(shop.api.post(f"/gift-cards/{card}/top-ups", {"amount": 700} | more), 201)
    assert shop.card(card)["funding"] == [
        {"source": "sales", "amount": 700},
        {"source": "goodwill", "amount": 5700},
        {"source": "promotions", "amount": 700},
    ]


@pytest.mark.proves("D29")
@pytest.mark.parametrize("source", ["imports", "adjustments", "redemptions", "Sales", "", 1])
def test_no_other_source_is_taken(shop, source):
    card = shop.issue()["id"]
    for path, body in (
        ("/gift-cards", CARD | {"source": source}),
        (f"/gift-cards/{card}/top-ups", {"amount": 700, "source": source}),
    ):
        assert faults(shop.api.post(path, body)) == {"source"}


@pytest.mark.proves("D29", "I35")
def test_an_empty_card_has_no_funding_and_what_is_left_adds_up(shop):
    card = shop.issue()["id"]
    done(shop.api.post(f"/gift-cards/{card}/adjustments", {"amount": 900, "reason": "x"}), 201)
    done(shop.api.post(f"/gift-cards/{card}/adjustments", {"amount": -5500, "reason": "x"}), 201)
    assert shop.card(card)["funding"] == [{"source": "goodwill", "amount": 400}]
    done(shop.api.post(f"/gift-cards/{card}/adjustments", {"amount": -400, "reason": "x"}), 201)
    assert shop.card(card)["funding"] == []


def test_currencies_have_their_own_minor_units(shop):
    yen = shop.issue(currency="JPY")
    assert (yen["currency"], yen["balance"]) == ("JPY", 5000)


# Find


def test_a_card_is_shown_without_its_code(shop):
    card = shop.issue()
    assert shop.card(card["id"]) == {name: card[name] for name in FIELDS}


def ids_of(answer) -> list[str]:
    return [each["id"] for each in done(answer)["data"]]


def test_the_list_is_newest_first_and_goes_on_after_an_id(shop):
    made = [shop.issue()["id"] for _ in range(5)][::-1]
    first = done(shop.api.get("/gift-cards", limit=2))
    assert ([card["id"] for card in first["data"]], first["has_more"]) == (made[:2], True)
    second = done(shop.api.get("/gift-cards", limit=2, after=made[1]))
    assert ([card["id"] for card in second["data"]], second["has_more"]) == (made[2:4], True)
    last = done(shop.api.get("/gift-cards", limit=2, after=made[3]))
    assert ([card["id"] for card in last["data"]], last["has_more"]) == (made[4:], False)
    assert ids_of(shop.api.get("/gift-cards")) == made
    assert set(first["data"][0]) == FIELDS


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ({"limit": 0}, "limit"),
        ({"limit": 101}, "limit"),
        ({"limit": "ten"}, "limit"),
        ({"limit": "1_0"}, "limit"),
        ({"limit": ""}, "limit"),
        ({"after": "gc_1"}, "after"),
        ({"after": "txn_01m80xc2m0xmb2thpn4b2svk4k"}, "after"),
        ({"status": "lost"}, "status"),
        ({"origin": "moon"}, "origin"),
        ({"holder_email": "a" * 255}, "holder_email"),
    ],
)
def test_a_query_that_cannot_be_used_is_named(shop, query, field):
    assert faults(shop.api.get("/gift-cards", **query)) == {field}


def test_cards_are_found_by_holder_last_four_and_origin(shop):
    ann = shop.issue()
    bob = shop.issue(holder={"email": "Bob@Example.com"})
    assert bob["holder"] == {"email": "bob@example.com"}
    assert ids_of(shop.api.get("/gift-cards", holder_email="bob@example.com")) == [bob["id"]]
    assert ids_of(shop.api.get("/gift-cards", holder_email="BOB@example.com")) == [bob["id"]]
    found = ids_of(shop.api.get("/gift-cards", last4=ann["last4"].lower()))
    assert ann["id"] in found
    assert ids_of(shop.api.get("/gift-cards", origin="api")) == [bob["id"], ann["id"]]
    assert ids_of(shop.api.get("/gift-cards", origin="staff")) == []


def in_every_status(shop) -> dict[str, str]:
    """Status -> the id of a card that has it; the replacement of one is another active card."""
    made = {name: shop.issue()["id"] for name in ("active", "frozen", "cancelled", "replaced")}
    made["expired"] = shop.issue(expires_on=clock.today().isoformat())["id"]
    made["frozen, expired"] = shop.issue(expires_on=clock.today().isoformat())["id"]
    spent = shop.issue(7000)
    shop.order(spent)
    made["used_up"] = spent["id"]
    for name in ("frozen", "frozen, expired"):
        done(shop.api.post(f"/gift-cards/{made[name]}/freeze"))
    done(shop.api.post(f"/gift-cards/{made['cancelled']}/cancellation"))
    new = done(shop.api.post(f"/gift-cards/{made['replaced']}/replacement"), 201)
    return made | {"replacement": new["id"]}


@pytest.mark.proves("D12", "I22")
def test_cards_are_found_by_the_status_that_they_show(shop):
    made = in_every_status(shop)
    expected = {
        "active": {made["active"], made["replacement"]},
        "frozen": {made["frozen"]},
        "cancelled": {made["cancelled"]},
        "replaced": {made["replaced"]},
        "expired": {made["expired"], made["frozen, expired"]},
        "used_up": {made["used_up"]},
    }
    with clock.moved(timedelta(days=1)):
        for status, ids in expected.items():
            found = done(shop.api.get("/gift-cards", status=status))["data"]
            assert {card["id"] for card in found} == ids, status
            assert {card["status"] for card in found} == {status}


# Look up by code


@pytest.mark.proves("D9")
def test_a_card_is_looked_up_by_its_code_however_it_is_typed(shop):
    card = shop.issue()
    code = card["code"]
    for typed in (code, code.lower(), f" {code[:5]}-{code[5:10]} {code[10:]} "):
        found = done(shop.api.post("/gift-cards/lookup", {"code": typed}, key=None))
        assert found == {name: card[name] for name in FIELDS}


@pytest.mark.proves("B19", "D18")
def test_another_campaigns_card_is_looked_up_without_its_holder(shop, api):
    card = shop.issue()
    found = done(Shop(api()).api.post("/gift-cards/lookup", {"code": card["code"]}))
    assert (found["id"], found["balance"]) == (card["id"], 5000)
    assert found["holder"] == {"email": None}


@pytest.mark.proves("I20")
def test_a_code_of_the_other_mode_is_not_found(shop, api):
    test_shop = Shop(api(shop.api.campaign_id, is_test=True))
    live, test = shop.issue(), test_shop.issue()
    says(shop.api.post("/gift-cards/lookup", {"code": test["code"]}), 404, "not_found")
    says(test_shop.api.post("/gift-cards/lookup", {"code": live["code"]}), 404, "not_found")


UNKNOWN = "000000000000000"


@pytest.mark.proves("B6")
def test_wrong_codes_wait_a_moment_but_only_for_who_sends_them(shop, api, monkeypatch):
    now = clock.micros()
    monkeypatch.setattr(clock, "micros", lambda: now + clock._offset_micros)
    card = shop.issue()
    free = throttle.SHOP.free
    answers = [shop.api.post("/gift-cards/lookup", {"code": UNKNOWN}) for _ in range(free + 5)]
    assert [answer.status_code for answer in answers] == [404] * (free + 1) + [429] * 4
    refused = says(answers[-1], 429, "too_many_tries")
    assert answers[-1].headers["Retry-After"] == "1"
    assert "wait" in refused["detail"].lower()
    done(shop.api.post("/gift-cards/lookup", {"code": card["code"]}))
    done(shop.apply(shop.open(), card))
    done(Shop(api()).api.post("/gift-cards/lookup", {"code": card["code"]}))
    with clock.moved(timedelta(seconds=1)):
        says(shop.api.post("/gift-cards/lookup", {"code": UNKNOWN}), 404, "not_found")


@pytest.mark.proves("B6")
def test_who_guesses_in_one_cart_keeps_no_other_shopper_waiting(shop):
    card, guessed, other = shop.issue(), shop.open(), shop.open()
    for _ in range(throttle.SHOP.free + 3):
        shop.api.post(f"{guessed}/gift-cards", {"code": UNKNOWN})
    wrong = {"code": UNKNOWN}
    says(shop.api.post(f"{guessed}/gift-cards", wrong), 429, "too_many_tries")
    says(shop.api.post(f"{other}/gift-cards", wrong), 404, "not_found")
    done(shop.apply(guessed, card))
    done(shop.api.post("/gift-cards/lookup", {"code": card["code"]}))


@pytest.mark.proves("D9")
@pytest.mark.parametrize("text", ["", " ", "7", "é" * 15, "x" * 5000, "1234 5678", "a\nb"])
def test_any_text_that_can_be_no_code_is_a_typing_error(shop, text):
    refused = says(shop.api.post("/gift-cards/lookup", {"code": text}), 422, "code_malformed")
    (error,) = refused["errors"]
    assert error["field"] == "code"
    assert error["message"] in (CodeMalformed().sentence, str(codes.ALL_HAVE_OURS))
    for none in ({}, {"code": None}, {"code": 5}):
        assert faults(shop.api.post("/gift-cards/lookup", none)) == {"code"}


@pytest.mark.proves("B6")
def test_typing_errors_and_good_codes_are_not_counted(shop):
    card = shop.issue()
    for _ in range(30):
        says(shop.api.post("/gift-cards/lookup", {"code": "x"}), 422, "code_malformed")
        done(shop.api.post("/gift-cards/lookup", {"code": card["code"]}))


# Money


def test_a_top_up_answers_the_transaction_and_mails(shop, mailbox):
    path = f"/gift-cards/{shop.issue()['id']}"
    line = done(shop.api.post(f"{path}/top-ups", {"amount": 2500, "note": "Sorry"}), 201)
    assert set(line) == {"id", "type", "amount", "balance_after", "order_reference", "created_at"}
    assert (line["type"], line["amount"], line["balance_after"]) == ("recharged", 2500, 7500)
    assert line["id"].startswith("txn_")
    assert shop.card(path[12:])["balance"] == 7500
    assert mailbox.kinds() == ["card_issued", "card_recharged"]


@pytest.mark.parametrize(("amount", "after"), [(-1000, 4000), (1000, 6000), (-5000, 0)])
def test_an_adjustment_is_signed(shop, amount, after):
    path = f"/gift-cards/{shop.issue()['id']}"
    body = {"amount": amount, "reason": "Counted twice"}
    line = done(shop.api.post(f"{path}/adjustments", body), 201)
    assert (line["type"], line["amount"], line["balance_after"]) == ("adjusted", amount, after)


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"amount": 0, "reason": "x"}, "amount"),
        ({"amount": -(10**12) - 1, "reason": "x"}, "amount"),
        ({"amount": 1}, "reason"),
        ({"amount": 1, "reason": ""}, "reason"),
        ({"amount": 1, "reason": "  "}, "reason"),
    ],
)
def test_an_adjustment_that_cannot_be_made(shop, body, field):
    path = f"/gift-cards/{shop.issue()['id']}"
    assert faults(shop.api.post(f"{path}/adjustments", body)) == {field}


def test_more_than_is_on_the_card_cannot_be_taken_off(shop):
    path = f"/gift-cards/{shop.issue()['id']}"
    body = {"amount": -5001, "reason": "x"}
    says(shop.api.post(f"{path}/adjustments", body), 409, "insufficient_balance")


def test_a_card_holds_a_million_million_at_most(shop):
    path = f"/gift-cards/{shop.issue()['id']}"
    assert faults(shop.api.post(f"{path}/top-ups", {"amount": 10**12})) == {"amount"}


@pytest.mark.proves("D11", "S55")
def test_the_transactions_are_newest_first_and_their_times_rise(shop):
    card = shop.issue()
    path = f"/gift-cards/{card['id']}"
    for _ in range(3):
        done(shop.api.post(f"{path}/top-ups", {"amount": 1000}), 201)
    order = shop.order(card)
    lines = done(shop.api.get(f"{path}/transactions"))["data"]
    assert [line["type"] for line in lines] == ["purchase", *["recharged"] * 3, "issued"]
    assert [line["amount"] for line in lines] == [-7000, 1000, 1000, 1000, 5000]
    assert [line["balance_after"] for line in lines] == [1000, 8000, 7000, 6000, 5000]
    times = [line["created_at"] for line in lines]
    assert times == sorted(set(times), reverse=True)
    assert all(INSTANT.fullmatch(time) for time in times)
    assert lines[0]["order_reference"] == order["reference"]
    first = done(shop.api.get(f"{path}/transactions", limit=2))
    assert (first["data"], first["has_more"]) == (lines[:2], True)
    rest = done(shop.api.get(f"{path}/transactions", limit=3, after=lines[1]["id"]))
    assert (rest["data"], rest["has_more"]) == (lines[2:], False)
    strange = done(shop.api.get(f"/gift-cards/{shop.issue()['id']}/transactions"))["data"][0]
    assert faults(shop.api.get(f"{path}/transactions", after=strange["id"])) == {"after"}


# Freeze, cancel, replace, send


@pytest.mark.proves("B9")
def test_freezing_is_undone_by_unfreezing(shop):
    card = shop.issue()
    path = f"/gift-cards/{card['id']}"
    assert done(shop.api.post(f"{path}/freeze", {"reason": "lost"}))["status"] == "frozen"
    says(shop.apply(shop.open(), card), 409, "card_not_usable")
    assert done(shop.api.post(f"{path}/freeze"))["status"] == "frozen"
    assert done(shop.api.post(f"{path}/unfreeze"))["status"] == "active"
    done(shop.apply(shop.open(), card))


@pytest.mark.proves("S44", "D5")
def test_an_unused_card_is_cancelled(shop):
    card = shop.issue()
    path = f"/gift-cards/{card['id']}"
    gone = done(shop.api.post(f"{path}/cancellation"))
    assert (gone["status"], gone["balance"], set(gone)) == ("cancelled", 0, FIELDS)
    says(shop.api.post(f"{path}/cancellation"), 409, "card_not_usable")
    for verb, body in (("top-ups", {"amount": 1}), ("freeze", {}), ("emails", {})):
        says(shop.api.post(f"{path}/{verb}", body), 409, "card_not_usable")


@pytest.mark.proves("S44", "D5")
def test_a_used_card_cannot_be_cancelled(shop):
    card = shop.issue()
    shop.order(card)
    refused = shop.api.post(f"/gift-cards/{card['id']}/cancellation")
    assert "freeze" in says(refused, 409, "card_already_used")["detail"]


@pytest.mark.proves("D19")
def test_a_card_that_an_order_holds_is_neither_cancelled_nor_replaced(shop):
    card = shop.issue()
    path = shop.open(card)
    done(shop.api.post(f"{path}/authorisation"))
    assert shop.card(card["id"])["held"] == 5000
    for verb in ("cancellation", "replacement"):
        says(shop.api.post(f"/gift-cards/{card['id']}/{verb}"), 409, "card_in_use")
    done(shop.api.post(f"{path}/void"))
    done(shop.api.post(f"/gift-cards/{card['id']}/replacement"), 201)


@pytest.mark.proves("B9", "D5")
def test_a_replacement_has_a_new_code_and_the_old_one_is_dead(shop, mailbox):
    old = shop.issue()
    new = done(shop.api.post(f"/gift-cards/{old['id']}/replacement", {"reason": "lost"}), 201)
    assert set(new) == FIELDS | {"code", "replaces"}
    assert (new["replaces"], new["balance"], new["origin"]) == (old["id"], 5000, "replacement")
    assert new["code"] != old["code"]
    assert shop.card(old["id"])["status"] == "replaced"
    says(shop.apply(shop.open(), old), 409, "card_not_usable")
    done(shop.apply(shop.open(), new))
    assert mailbox.kinds() == ["card_issued", "card_replaced"]


def test_a_card_is_sent_again_to_its_holder_or_elsewhere(shop, mailbox):
    path = f"/gift-cards/{shop.issue()['id']}"
    assert set(done(shop.api.post(f"{path}/emails"), 202)) == FIELDS
    done(shop.api.post(f"{path}/emails", {"email": "Cy@example.com"}), 202)
    assert [mail.to for mail in mailbox.all()] == ["ann@example.com"] * 2 + ["cy@example.com"]
    assert faults(shop.api.post(f"{path}/emails", {"email": "cy"})) == {"email"}


def test_a_card_that_staff_issued_is_no_campaigns(shop):
    card = make_card().card
    says(shop.api.get(f"/gift-cards/{card.id}"), 404, "not_found")


@pytest.mark.proves("S29")
def test_a_campaign_manages_the_cards_that_it_sold_and_gave(api):
    campaign = make_campaign(
        issue_after_sales=True, relative_hundredths=1000, bonus_on_gift_cards=True
    )
    shop = Shop(api(campaign.id))
    item = {"sku": "G", "name": "Card", "quantity": 1, "unit_amount": 3000, "kind": "gift_card"}
    order = shop.order(items=[item], shipping_amount=0)
    (bought,), (bonus,) = order["purchased_gift_cards"], order["issued_gift_cards"]
    assert (shop.card(bought["id"])["origin"], bought["balance"]) == ("purchase", 3000)
    assert (shop.card(bonus["id"])["origin"], bonus["balance"]) == ("campaign", 300)


@pytest.mark.proves("B17")
def test_the_holders_locale_is_kept_for_their_mails(shop):
    made = done(shop.api.post("/gift-cards", CARD | {"holder": _holder("pt-BR")}), 201)
    assert cards.find(made["id"]).holder_locale == "pt-BR"
    assert made["holder"] == {"email": "ann@example.com"}


@pytest.mark.proves("B17")
@pytest.mark.parametrize("locale", ["", "d", "de_", "de AT", 7, "x" * 36])
def test_what_is_no_locale_is_refused(shop, locale):
    refused = shop.api.post("/gift-cards", CARD | {"holder": _holder(locale)})
    assert faults(refused) == {"holder.locale"}


def _holder(locale):
    return {"email": "ann@example.com", "locale": locale}
