"""`flask campaign`: what it prints is JSON, and every setting has its option."""

import json
from dataclasses import fields
from datetime import UTC, datetime

import pytest

from giftweb.domain import campaigns, outbox
from giftweb.domain.campaigns.settings import Settings


@pytest.fixture
def flask(app):
    """Run a command; its standard output, and its exit code when it fails."""

    def run(*arguments: str):
        return app.test_cli_runner().invoke(args=["campaign", *arguments])

    return run


CREATE = ("create", "--name", "Sea", "--currency", "USD", "--origin", "https://shop.example")
EVERY_SETTING = (
    *("--covers", "goods-and-shipping", "--hold-minutes", "30", "--shipping", "9.00"),
    *("--issue-after-sales", "--relative-percentage", "12.5", "--absolute-amount", "25.00"),
    *("--bonus-base", "without-shipping", "--bonus-minimum", "50", "--bonus-cap", "100.00"),
    *("--bonus-waiting-days", "14", "--bonus-valid-days", "90", "--no-bonus-claw-back"),
    *(
        "--card-valid-days",
        "2000",
        "--rules",
        "us",
        "--brand-name",
        "Sea & Sun",
        "--brand-colour",
        "forest",
    ),
    *("--bank-details", "First Coast Bank\nAccount 12"),
    *("--origin", "http://localhost:8001", "--payment-days", "7"),
    *("--ship-before-payment", "--bonus-on-gift-cards", "--time-zone", "berlin"),
    *("--shop-url", "https://shop.example/#card={code}", "--remind-unused-months", "6"),
    *("--remind-days-before-expiry", "30", "--language", "de"),
    *("--accepts", "own", "--minimum-order", "20", "--exclude-category", "wine"),
    *("--exclude-category", "Tobacco", "--review-amount-above", "200"),
    *("--review-cards-per-day", "5", "--voucher-tax", "5.5%"),
    *("--contact", "help@shop.example"),
    *("--tax-rate", "DE=19", "--tax-rate", "US=+8.25"),
    *("--review-amount-per-day", "500", "--review-first-order-above", "100"),
)
ALL_SET = Settings(
    name="Sea",
    currency="USD",
    origins=("http://localhost:8001", "https://shop.example"),
    covers="goods_and_shipping",
    hold_minutes=30,
    shipping_minor=900,
    card_valid_days=2000,
    rules="us",
    brand_name="Sea & Sun",
    brand_colour="forest",
    bank_details="First Coast Bank\nAccount 12",
    issue_after_sales=True,
    relative_hundredths=1250,
    absolute_on=True,
    absolute_minor=2500,
    bonus_base="without_shipping",
    bonus_minimum_minor=5000,
    bonus_cap_minor=10000,
    bonus_waiting_days=14,
    bonus_valid_days=90,
    bonus_claw_back=False,
    bonus_on_gift_cards=True,
    payment_days=7,
    ship_before_payment=True,
    time_zone="Europe/Berlin",
    language="de",
    shop_url="https://shop.example/#card={code}",
    remind_days_before_expiry=30,
    remind_unused_months=6,
    accepts="own",
    minimum_order_minor=2000,
    excluded_categories="wine\nTobacco",
    review_amount_above_minor=20_000,
    review_cards_per_day=5,
    review_amount_per_day_minor=50_000,
    review_first_order_above_minor=10_000,
    voucher_tax_hundredths=550,
    contact="help@shop.example",
    tax_rates="DE 19\nUS +8.25",
)


@pytest.mark.proves("B5")
def test_create_prints_the_id_and_two_keys_that_open_it(flask):
    printed = json.loads(flask(*CREATE).stdout)
    assert set(printed) == {"id", "live_key", "test_key"}
    assert not campaigns.api_keys.authenticate(printed["live_key"]).is_test
    assert campaigns.api_keys.authenticate(printed["test_key"]).campaign_id == printed["id"]
    assert campaigns.find(printed["id"]).origins == ("https://shop.example",)


@pytest.mark.proves("B5")
def test_a_webhook_is_registered_with_a_secret_that_is_shown_once(flask):
    printed = json.loads(flask(*CREATE, "--webhook-url", "https://shop.example/hooks").stdout)
    assert printed["webhook_secret"].startswith("whsec_")
    (endpoint,) = outbox.endpoints.endpoints(printed["id"])
    assert endpoint.url == "https://shop.example/hooks"


@pytest.mark.proves("E44")
def test_a_webhook_on_this_machine_is_refused_with_the_command_that_serves_it(flask):
    refused = flask(*CREATE, "--webhook-url", "http://localhost:3000/hook")
    assert (refused.exit_code, refused.stdout) == (1, "")
    assert "flask webhook listen --forward-to" in refused.stderr
    assert campaigns.find_all() == []


def test_every_setting_has_its_option(flask):
    campaign_id = json.loads(flask(*CREATE, *EVERY_SETTING).stdout)["id"]
    assert campaigns.find(campaign_id).settings == ALL_SET
    default = Settings(name="", currency="")
    same = [
        field.name
        for field in fields(Settings)
        if getattr(ALL_SET, field.name) == getattr(default, field.name)
    ]
    assert same == ["is_active"]


def test_edit_changes_what_is_named_and_leaves_the_rest(flask):
    campaign_id = json.loads(flask(*CREATE, *EVERY_SETTING).stdout)["id"]
    edit = ("edit", campaign_id, "--name", "Sun", "--no-active", "--absolute-amount", "none")
    printed = json.loads(flask(*edit, "--bonus-valid-days", "none").stdout)
    after = campaigns.find(campaign_id)
    assert (after.name, after.is_active, after.absolute_on) == ("Sun", False, False)
    assert after.bonus_valid_days is None
    assert after.relative_hundredths == 1250
    assert printed["relative_percentage"] == "12.5"
    assert printed["shipping"] == "9.00"


def test_list_prints_every_campaign_newest_first(flask):
    first, second = (json.loads(flask(*CREATE).stdout)["id"] for _ in range(2))
    assert [shown["id"] for shown in json.loads(flask("list").stdout)] == [second, first]


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("--relative-percentage", "10%%"), "relative_percentage: Enter a percentage"),
        (("--relative-percentage", "101"), "relative_percentage: Enter a percentage above 0"),
        (("--absolute-amount", "1e3"), "absolute_amount: Enter an amount"),
        (("--shipping", "none"), "shipping: Enter an amount"),
        (("--bonus-valid-days", "ten"), "bonus_valid_days: Enter a whole number."),
        (("--accepts", "cmp_x"), "accepts: Enter own, or the ids"),
        (("--accepts", f"cmp_{'0' * 26}"), "accepts: There is no campaign"),
        (("--minimum-order", "-1"), "minimum_order: Enter an amount"),
        (("--review-cards-per-day", "10001"), "review_cards_per_day: Enter a number"),
        (("--origin", "http://evil.example"), "origin: Use https"),
        (("--webhook-url", "http://shop.example/hooks"), "url: Enter an address that starts"),
    ],
)
def test_a_bad_option_is_named_and_nothing_is_made(flask, arguments, says):
    failed = flask(*CREATE, *arguments)
    assert failed.exit_code == 1
    assert says in failed.stderr
    assert failed.stdout == ""
    assert campaigns.find_all() == []


def test_keys_roll_over(flask):
    printed = json.loads(flask(*CREATE).stdout)
    second = json.loads(flask("key", "create", printed["id"], "--test").stdout)
    assert flask("key", "create", printed["id"], "--test").exit_code == 1
    first = campaigns.api_keys.authenticate(printed["test_key"]).key_id
    assert flask("key", "revoke", first).exit_code == 0
    assert campaigns.api_keys.authenticate(printed["test_key"]) is None
    assert campaigns.api_keys.authenticate(second["key"]).is_test
    shown = json.loads(flask("key", "list", printed["id"]).stdout)
    assert [key["revoked_at"] is None for key in shown] == [True, False, True]
    assert {tuple(key["scopes"]) for key in shown} == {campaigns.key_terms.SCOPES}


@pytest.mark.proves("X5")
def test_a_key_of_the_command_line_has_the_scopes_and_caps_that_are_named(flask):
    printed = json.loads(flask(*CREATE).stdout)
    options = ("--scopes", "checkout,read", "--cap-card", "50.00", "--cap-day", "100")
    flask("key", "revoke", campaigns.api_keys.authenticate(printed["live_key"]).key_id)
    made = json.loads(flask("key", "create", printed["id"], *options).stdout)
    caller = campaigns.api_keys.authenticate(made["key"])
    assert (caller.scopes, caller.card_cap_minor, caller.day_cap_minor) == (
        "checkout read",
        5000,
        10_000,
    )
    for wrong in (("--scopes", "everything"), ("--cap-card", "ten")):
        assert flask("key", "create", printed["id"], *wrong).exit_code == 1


def _terms(secret: str) -> tuple:
    caller = campaigns.api_keys.authenticate(secret)
    (found,) = [
        each for each in campaigns.api_keys.all_of(caller.campaign_id) if each.id == caller.key_id
    ]
    return (
        found.scopes,
        found.card_cap_minor,
        found.day_cap_minor,
        found.expires_at,
        found.addresses,
    )


TERMS = (
    *("--scopes", "checkout,read", "--cap-card", "50.00", "--cap-day", "100"),
    *("--expires-on", "2035-06-30", "--address", "203.0.113.7", "--address", "198.51.100.0/24"),
)


@pytest.mark.proves("X5")
def test_both_keys_of_a_new_campaign_have_the_terms_that_are_named(flask):
    printed = json.loads(flask(*CREATE, "--time-zone", "Europe/Berlin", *TERMS).stdout)
    end = datetime(2035, 6, 30, 22, 0, tzinfo=UTC)
    addresses = "203.0.113.7/32 198.51.100.0/24"
    expected = ("checkout read", 5000, 10_000, end, addresses)
    assert _terms(printed["live_key"]) == _terms(printed["test_key"]) == expected
    made = json.loads(flask("key", "create", printed["id"], *TERMS).stdout)
    assert _terms(made["key"]) == expected
    shown = json.loads(flask("key", "list", printed["id"]).stdout)
    assert {tuple(key["addresses"]) for key in shown} == {tuple(addresses.split())}


@pytest.mark.proves("X5")
@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        (("--expires-on", "30.6.2035"), "Enter a day such as 2027-12-31."),
        (("--expires-on", "2020-01-01"), "not in the past"),
        (("--address", "shop.example"), "Enter IP addresses or networks"),
        (("--scopes", ""), "Choose what the key may do."),
    ],
)
def test_terms_that_no_key_can_have_create_no_campaign(flask, wrong, says):
    failed = flask(*CREATE, *wrong)
    assert failed.exit_code == 1
    assert says in failed.stderr
    assert campaigns.find_all() == []
