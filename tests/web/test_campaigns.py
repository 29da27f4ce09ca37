"""Campaign Management > Settings."""

import re

import pytest

from giftweb.domain import campaigns, desk
from tests.factories import PASSWORD, ROOT, forget_passwords_entered, make_campaign

PLACE = "/staff/campaigns/"
TYPED = {
    "name": "Winter",
    "currency": "USD",
    "is_active": "y",
    "bonus_base": "grand_total",
    "covers": "goods",
    "brand_colour": "",
    "hold_minutes": "15",
}
BONUS = {"issue_after_sales": "y", "relative_percentage": "10"}
HX = {"HX-Request": "true"}


def text_of(answer) -> str:
    return answer.get_data(as_text=True)


def example(client, **typed) -> str:
    return text_of(client.get(PLACE + "example", query_string={"currency": "USD"} | typed))


@pytest.mark.proves("S30", "S34")
def test_campaigns_are_listed_created_and_edited(staff_client):
    client = staff_client("marketing")
    page = text_of(client.get(PLACE))
    for words in ("Campaign Management", "Settings", "+ Create a new", "No campaigns yet"):
        assert words in page, words
    assert "Create" in text_of(client.get(PLACE + "new"))
    created = client.post(PLACE + "new", data=TYPED | BONUS)
    (made,) = campaigns.find_all()
    assert created.location == PLACE + made.id
    assert (made.name, made.issue_after_sales, made.relative_hundredths) == ("Winter", True, 1000)
    page = text_of(client.get(PLACE))
    assert "Edit" in page
    assert "10%" in page
    assert "Save" in text_of(client.get(PLACE + made.id))
    client.post(PLACE + made.id, data=TYPED | {"name": "Spring"})
    changed = campaigns.find(made.id)
    assert (changed.name, changed.issue_after_sales) == ("Spring", False)


@pytest.mark.proves("S30", "S31", "S32", "S33")
def test_the_section_gift_card_has_its_labels(staff_client):
    page = text_of(staff_client("marketing").get(PLACE + "new"))
    for words in ("Gift Card", "Issue After Sales", "Relative Percentage"):
        assert words in page, words
    assert page.count("Absolute Amount<") == 2


@pytest.mark.proves("S30", "E35")
def test_a_new_campaign_asks_for_five_things_and_folds_the_rest(staff_client):
    page = text_of(staff_client("marketing").get(PLACE + "new"))
    open_part, *folds = page.split('<details class="box fold"')
    for name in ("name", "currency", "time_zone", "bank_details", "issue_after_sales"):
        assert f'name="{name}"' in open_part, name
    assert len(folds) == 6
    for name in ("bonus_cap", "hold_minutes", "brand_colour", "origin"):
        assert f'name="{name}"' not in open_part, name
        assert sum(f'name="{name}"' in fold for fold in folds) == 1, name
    assert not any(fold.split(">")[0].endswith("open") for fold in folds)


@pytest.mark.proves("S30", "E35")
def test_a_fold_with_something_wrong_in_it_is_open(staff_client):
    typed = TYPED | {"hold_minutes": "many"}
    page = text_of(staff_client("marketing").post(PLACE + "new", data=typed))
    opened = [fold for fold in page.split("<details") if fold.split(">")[0].endswith(" open")]
    assert len(opened) == 1
    assert "hold_minutes-error" in opened[0]


@pytest.mark.proves("S30", "E35")
def test_a_campaign_is_previewed_with_what_is_typed(staff_client):
    client = staff_client("marketing")
    typed = {"name": "Winter", "brand_colour": "teal", "currency": "EUR"}
    page = text_of(client.get(PLACE + "preview", query_string=typed))
    assert 'data-brand="teal"' in page
    assert page.count("Winter") == 3
    assert "€50.00" in page
    named = text_of(client.get(PLACE + "preview", query_string=typed | {"brand_name": "Sea"}))
    assert "Winter" not in named
    odd = {"brand_colour": '"><script>', "currency": "nothing"}
    assert 'data-brand="cobalt"' in text_of(client.get(PLACE + "preview", query_string=odd))
    shown = text_of(client.post(PLACE + "new", data=TYPED | typed | {"show_example": "y"}))
    assert 'data-brand="teal"' in shown


@pytest.mark.proves("S30", "E35")
def test_a_campaign_names_its_addresses_and_what_comes_next(staff_client):
    client = staff_client("root")
    created = client.post(PLACE + "new", data=TYPED, follow_redirects=True)
    (made,) = campaigns.find_all()
    page = text_of(created)
    assert "Next: add products or make a key" in page
    assert f"/staff/products/{made.id}/new" in page
    for address in (f"/shop/{made.id}/", f"/balance?shop={made.id}", "/widget.js"):
        assert address in page, address
    campaigns.api_keys.create(made.id, is_test=True, by=ROOT)
    assert "Next: add products" not in text_of(client.get(PLACE + made.id))


@pytest.mark.proves("S32", "S33", "D4")
def test_the_example_follows_what_is_typed(staff_client):
    client = staff_client("marketing")
    assert "= <strong>" in example(client, **BONUS)
    assert "$18.00" in example(client, **BONUS)
    assert "$17.10" in example(client, bonus_base="without_shipping", **BONUS)
    assert "$12.50" in example(client, bonus_cap="12.50", **BONUS)
    assert "$500.00" in example(client, bonus_minimum="500", **BONUS)
    assert "is off" in example(client, relative_percentage="10")
    both = example(client, absolute_on="y", absolute_amount="25", **BONUS)
    assert "$25.00" in both
    assert "the absolute amount wins" in both
    for typed in ("ten", "1e3", "-1", "", "１０", "101", "0"):
        assert "Enter a percentage" in example(client, **BONUS | {"relative_percentage": typed})
    assert "¥18" in example(client, **BONUS | {"currency": "JPY"})
    new = text_of(client.get(PLACE + "new"))
    assert "input from:#currency" in new
    assert 'aria-hidden="true">USD<' not in new


@pytest.mark.proves("S32", "B17")
def test_a_percentage_is_typed_and_shown_as_the_language_writes_it(staff_client):
    client = staff_client("marketing")
    typed = BONUS | {"relative_percentage": "12,5"}
    assert "12,5\xa0% von " in example(client, lang="de", **typed)
    client.post(PLACE + "new", data=TYPED | typed)
    (made,) = campaigns.find_all()
    assert made.relative_hundredths == 1250
    assert 'value="12,5"' in text_of(client.get(PLACE + made.id, query_string={"lang": "de"}))
    assert "12,5\xa0%" in text_of(client.get(PLACE, query_string={"lang": "de"}))


@pytest.mark.proves("S33")
def test_the_example_is_shown_without_script_and_saves_nothing(staff_client):
    client, made = staff_client("marketing"), make_campaign()
    both = TYPED | BONUS | {"absolute_on": "y", "absolute_amount": "25", "show_example": "y"}
    page = text_of(client.post(PLACE + made.id, data=both))
    assert "the absolute amount wins" in page
    assert campaigns.find(made.id) == made
    assert "$18.00" in text_of(
        client.post(PLACE + "new", data=TYPED | BONUS | {"show_example": "y"})
    )
    assert campaigns.find_all() == [made]


@pytest.mark.proves("D1", "D4", "D15", "B14")
def test_every_setting_is_kept_and_shown_again(staff_client):
    client = staff_client("marketing")
    typed = TYPED | BONUS
    typed |= {"absolute_on": "y", "absolute_amount": "25.00", "bonus_base": "without_shipping"}
    typed |= {"bonus_minimum": "20", "bonus_cap": "50", "bonus_waiting_days": "14"}
    typed |= {"bonus_valid_days": "90", "covers": "goods_and_shipping", "hold_minutes": "30"}
    typed |= {
        "shipping": "9",
        "card_valid_days": "365",
        "brand_name": "Sea",
        "brand_colour": "teal",
        "bank_details": "First Coast Bank\r\nAccount 12\r\n",
        "payment_days": "7",
        "ship_before_payment": "y",
        "bonus_on_gift_cards": "y",
        "time_zone": "america/new york",
    }
    typed |= {
        "origin": "https://shop.example\nhttps://other.example",
        "relative_percentage": "12.5",
    }
    assert client.post(PLACE + "new", data=typed).status_code == 303
    (made,) = campaigns.find_all()
    assert client.post(PLACE + made.id, data=typed).status_code == 303
    assert desk.approvals.waiting() == []
    found = campaigns.find(made.id)
    assert (found.relative_hundredths, found.absolute_minor, found.bonus_cap_minor) == (
        1250,
        2500,
        5000,
    )
    assert found.origins == ("https://other.example", "https://shop.example")
    assert (found.bonus_claw_back, found.bonus_waiting_days, found.bonus_valid_days) == (
        False,
        14,
        90,
    )
    assert (found.payment_days, found.ship_before_payment) == (7, True)
    assert found.bonus_on_gift_cards
    assert found.time_zone == "America/New_York"
    assert found.bank_details == "First Coast Bank\nAccount 12"
    page = text_of(client.get(PLACE + made.id))
    for words in (
        'value="America/New_York"',
        'value="12.5"',
        'value="25.00"',
        'value="90"',
        "https://shop.example",
        "Sea",
    ):
        assert words in page, words
    client.post(PLACE + made.id, data=typed)
    assert campaigns.find(made.id) == found


@pytest.mark.proves("S30")
@pytest.mark.parametrize(
    ("field", "typed"),
    [
        ("name", " "),
        ("relative_percentage", "101"),
        ("relative_percentage", "ten"),
        ("absolute_amount", "-1"),
        ("bonus_minimum", "1e3"),
        ("hold_minutes", "0"),
        ("hold_minutes", "1_0"),
        ("bonus_valid_days", "0"),
        ("origin", "http://shop.example"),
        ("brand_colour", "mud"),
        ("covers", "everything"),
    ],
)
def test_what_cannot_be_is_reported_on_its_field(staff_client, field, typed):
    client, made = staff_client("marketing"), make_campaign()
    answer = client.post(PLACE + made.id, data=TYPED | BONUS | {field: typed})
    assert answer.status_code == 422
    assert f'href="#{field}"' in text_of(answer)
    assert campaigns.find(made.id) == made


def test_a_currency_that_does_not_exist_is_reported_and_the_currency_of_a_campaign_stays(
    staff_client,
):
    client, made = staff_client("marketing"), make_campaign()
    answer = client.post(PLACE + "new", data=TYPED | {"currency": "XXQ"})
    assert answer.status_code == 422
    assert 'href="#currency"' in text_of(answer)
    assert [campaign.id for campaign in campaigns.find_all()] == [made.id]
    client.post(PLACE + made.id, data=TYPED | {"currency": "EUR"})
    assert campaigns.find(made.id).currency == "USD"


@pytest.mark.proves("B5")
def test_a_key_is_shown_once_two_at_a_time_and_can_be_revoked(staff_client):
    client, made = staff_client("marketing"), make_campaign()
    root = staff_client("root")
    address = f"{PLACE}{made.id}/keys/new"
    live = {"book": "live", "checkout": "y", "card_cap": "500.00", "day_cap": "900.00"}
    live["reason"] = "The new shop"
    answer = client.post(address, data=live)
    secret = text_of(answer).partition("gwk_live_")[2][:32]
    assert answer.headers["Cache-Control"] == "no-store"
    assert "It opens nothing until another person has approved it." in text_of(answer)
    assert campaigns.api_keys.authenticate("gwk_live_" + secret) is None
    assert "Waits for approval" in text_of(client.get(PLACE + made.id))
    (waiting,) = desk.approvals.waiting()
    shown = text_of(root.get(f"/staff/approvals/{waiting.id}"))
    for words in ("Live API key", made.name, "Checkout: carts", "$900.00", "The new shop"):
        assert words in shown, words
    root.post(f"/staff/approvals/{waiting.id}/approval")
    assert campaigns.api_keys.authenticate("gwk_live_" + secret).campaign_id == made.id
    assert secret not in text_of(client.get(PLACE + made.id))
    assert client.post(address, data=live).status_code == 200
    third = client.post(address, data=live)
    assert third.status_code == 409
    assert "Revoke one first" in text_of(third)
    assert client.post(address, data={"book": "test", "read": "y"}).status_code == 200
    none = client.post(address, data={"book": "test"})
    assert none.status_code == 422
    assert "Choose what the key may do." in text_of(none)
    key = campaigns.api_keys.all_of(made.id)[-1]
    revoked = client.post(f"{PLACE}{made.id}/keys/{key.id}/revocation", headers=HX)
    assert revoked.headers["HX-Retarget"] == "#keys"
    assert "Revoked" in text_of(revoked)
    assert campaigns.api_keys.authenticate("gwk_live_" + secret) is None
    assert client.get(f"{PLACE}{make_campaign().id}/keys/{key.id}/revocation").status_code == 404


@pytest.mark.proves("D14")
def test_agents_and_finance_do_not_see_campaigns(staff_client):
    made = campaigns.create(make_campaign().settings, by=ROOT)
    for role in ("customer_service", "customer_service_admin", "finance"):
        client = staff_client(role)
        for place in (PLACE, PLACE + "new", PLACE + made.id):
            assert client.get(place).status_code == 403
    assert staff_client("root").get(PLACE).status_code == 200


IBAN = "IBAN DE02 1203 0000 0000 2020 51"


@pytest.mark.proves("X5")
def test_another_bank_account_asks_for_the_reason_and_the_password_and_waits(staff_client):
    client, made = staff_client("marketing"), make_campaign("Winter", bank_details="Old")
    typed = TYPED | {"bank_details": IBAN, "brand_name": "Sea", "reason": "A new bank"}
    assert "Your password" not in text_of(client.get(PLACE + made.id))
    forget_passwords_entered()
    assert "Your password" in text_of(client.get(PLACE + made.id))
    for password, says in (("", "Enter your password"), ("wrong", "This is not your password")):
        refused = client.post(PLACE + made.id, data=typed | {"password": password})
        assert refused.status_code == 422
        assert says in text_of(refused)
        assert IBAN in text_of(refused)
    assert campaigns.find(made.id) == made
    page = text_of(
        client.post(PLACE + made.id, data=typed | {"password": PASSWORD}, follow_redirects=True)
    )
    assert "that waits for another person" in page
    assert f"{IBAN} (now: Old)" in page
    found = campaigns.find(made.id)
    assert (found.bank_details, found.brand_name) == ("Old", "Sea")
    (waiting,) = desk.approvals.waiting()
    root = staff_client("root")
    shown = text_of(root.get(f"/staff/approvals/{waiting.id}"))
    for words in (IBAN, "A new bank", client.person.name):
        assert words in shown, words
    assert root.post(f"/staff/approvals/{waiting.id}/approval").status_code == 303
    assert campaigns.find(made.id).bank_details == IBAN


@pytest.mark.proves("X5")
def test_what_moves_no_money_needs_neither(staff_client):
    client, made = staff_client("marketing"), make_campaign("Winter", bank_details=IBAN)
    forget_passwords_entered()
    done = client.post(PLACE + made.id, data=TYPED | {"brand_name": "Sea", "bank_details": ""})
    assert done.status_code == 303
    found = campaigns.find(made.id)
    assert (found.bank_details, found.brand_name) == ("", "Sea")


@pytest.mark.proves("X5")
def test_who_asked_from_marketing_may_look_and_take_it_back(staff_client):
    client, made = staff_client("marketing"), make_campaign("Winter")
    client.post(PLACE + made.id, data=TYPED | {"bank_details": IBAN, "reason": "A new bank"})
    (waiting,) = desk.approvals.waiting()
    assert "Take it back" in text_of(client.get(f"/staff/approvals/{waiting.id}"))
    assert client.post(f"/staff/approvals/{waiting.id}/approval").status_code == 403
    assert client.post(f"/staff/approvals/{waiting.id}/refusal").status_code == 303
    assert desk.approvals.waiting() == []


@pytest.mark.proves("B31", "X5")
def test_another_address_of_the_shop_waits_for_a_second_person(staff_client):
    client, made = staff_client("marketing"), make_campaign("Winter")
    address = "https://sea.example/#card={code}"
    client.post(PLACE + made.id, data=TYPED | {"shop_url": address, "reason": "We moved"})
    assert campaigns.find(made.id).shop_url == ""
    (waiting,) = desk.approvals.waiting()
    staff_client("root").post(f"/staff/approvals/{waiting.id}/approval")
    assert campaigns.find(made.id).shop_url == address
    client.post(PLACE + made.id, data=TYPED | {"shop_url": ""})
    assert campaigns.find(made.id).shop_url == ""


@pytest.mark.proves("S30")
def test_what_cannot_be_read_and_what_makes_no_sense_are_reported_at_once(staff_client):
    wrong = {"name": "", "hold_minutes": "many", "bonus_cap": "ten", "card_valid_days": "99999"}
    page = text_of(staff_client("marketing").post(PLACE + "new", data=TYPED | BONUS | wrong))
    summary = page.partition('class="error-summary"')[2].partition("</div>")[0]
    order = ["name", "bonus_cap", "card_valid_days", "hold_minutes"]
    assert re.findall(r'href="#(\w+)"', summary) == order


@pytest.mark.proves("B24")
def test_whose_cards_pay_is_chosen_from_the_campaigns(staff_client):
    client, one, two = staff_client("root"), make_campaign(name="Ann's"), make_campaign(name="Bo's")
    place = PLACE + make_campaign(name="Ours").id
    ours = place.removeprefix(PLACE)
    page = text_of(client.get(place))
    offered = re.findall(r'name="accepts" type="checkbox" value="([^"]+)"', page)
    assert sorted(offered) == sorted([one.id, two.id])
    for typed, stored in (
        ({"whose": "named", "accepts": [one.id, two.id]}, f"{one.id} {two.id}"),
        ({"whose": "named", "accepts": [two.id]}, two.id),
        ({"whose": "named"}, "own"),
        ({"whose": "own", "accepts": [one.id]}, "own"),
        ({"whose": "all", "accepts": [one.id]}, None),
    ):
        assert client.post(place, data=TYPED | typed).status_code == 303
        assert campaigns.find(ours).accepts == stored
        again = text_of(client.get(place))
        assert re.findall(r'checked[^>]*name="whose"[^>]*value="([^"]+)"', again) == [
            chosen(stored)
        ]
        for each in (one.id, two.id):
            is_checked = re.search(f'checked[^>]*name="accepts"[^>]*value="{each}"', again)
            assert bool(is_checked) == (each in (stored or "")), stored


def chosen(stored: str | None) -> str:
    return {None: "all", "own": "own"}.get(stored, "named")


@pytest.mark.proves("B24")
def test_a_campaign_that_is_gone_is_refused_on_the_list(staff_client):
    client, place = staff_client("root"), PLACE + make_campaign().id
    typed = {"whose": "named", "accepts": ["cmp_01m8ma2gf9zcp7g0g0vhvbgb0a"]}
    make_campaign(name="Another")
    answer = client.post(place, data=TYPED | typed)
    assert answer.status_code == 422
    assert 'id="accepts-error"' in answer.text
