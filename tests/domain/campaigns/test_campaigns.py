"""Campaigns: their terms, and the arithmetic of a bonus."""

from dataclasses import replace

import pytest

from giftweb import database
from giftweb.domain import campaigns
from giftweb.domain.campaigns.settings import Settings
from giftweb.errors import Invalid, NotFound
from giftweb.web.text import templating
from tests.factories import ROOT

SHOP = Settings(name="Sea", currency="USD", origins=("https://shop.example",))


def test_a_campaign_is_found_as_it_was_made():
    made = campaigns.create(SHOP, by=ROOT)
    assert campaigns.find(made.id) == made
    assert made.settings == SHOP
    assert campaigns.find_all() == [made]


def test_an_unknown_campaign_is_not_found():
    with pytest.raises(NotFound):
        campaigns.find("cmp_none")


@pytest.mark.proves("S30", "S34")
def test_settings_change_as_a_whole_and_the_log_names_which():
    made = campaigns.create(SHOP, by=ROOT)
    wanted = replace(SHOP, covers="goods_and_shipping", origins=("http://localhost:8001",))
    changed = campaigns.change(made.id, settings=wanted, by=ROOT)
    assert campaigns.find(made.id) == changed
    assert changed.origins == ("http://localhost:8001",)
    noted = database.scalar("SELECT data FROM audit_entry WHERE action = 'campaign.changed'")
    assert noted == '{"changed":["origins","covers"]}'


def test_the_currency_of_a_campaign_stays():
    made = campaigns.create(SHOP, by=ROOT)
    with pytest.raises(Invalid) as refused:
        campaigns.change(made.id, settings=replace(SHOP, currency="EUR"), by=ROOT)
    assert refused.value.field == "currency"


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"name": "  "}, "name"),
        ({"currency": "XXQ"}, "currency"),
        ({"covers": "everything"}, "covers"),
        ({"hold_minutes": 0}, "hold_minutes"),
        ({"hold_minutes": 10081}, "hold_minutes"),
        ({"shipping_minor": -1}, "shipping"),
        ({"time_zone": "Europe/Bonn"}, "time_zone"),
        ({"time_zone": ""}, "time_zone"),
        ({"card_valid_days": 0}, "card_valid_days"),
        ({"brand_colour": "red"}, "brand_colour"),
        ({"origins": ("http://shop.example",)}, "origin"),
        ({"issue_after_sales": True}, "relative_percentage"),
        ({"relative_hundredths": 0}, "relative_percentage"),
        ({"relative_hundredths": 10_001}, "relative_percentage"),
        ({"absolute_on": True}, "absolute_amount"),
        ({"absolute_minor": 0}, "absolute_amount"),
        ({"bonus_base": "net"}, "bonus_base"),
        ({"bonus_minimum_minor": -1}, "bonus_minimum"),
        ({"bonus_cap_minor": 0}, "bonus_cap"),
        ({"bonus_waiting_days": -1}, "bonus_waiting_days"),
        ({"bonus_valid_days": 0}, "bonus_valid_days"),
    ],
)
def test_a_setting_that_makes_no_sense_is_named(change, field):
    with pytest.raises(Invalid) as refused:
        campaigns.create(replace(SHOP, **change), by=ROOT)
    assert [name for name, _ in refused.value.errors] == [field]
    assert campaigns.find_all() == []


def test_every_fault_is_reported_at_once():
    with pytest.raises(Invalid) as refused:
        campaigns.create(Settings(name="", currency="??", hold_minutes=0), by=ROOT)
    assert [name for name, _ in refused.value.errors] == ["name", "currency", "hold_minutes"]


def bonus(total: int, *, shipping: int = 0, **terms) -> int:
    settings = replace(SHOP, issue_after_sales=True, **terms)
    return settings.bonus_minor(grand_total_minor=total, shipping_minor=shipping)


@pytest.mark.no_database
@pytest.mark.proves("S32", "D4")
def test_the_percentage_is_of_the_grand_total_rounded_down():
    assert bonus(18000, relative_hundredths=1000) == 1800
    assert bonus(1999, relative_hundredths=1000) == 199
    assert bonus(5, relative_hundredths=1000) == 0
    without = {"relative_hundredths": 1000, "bonus_base": "without_shipping"}
    assert bonus(18000, shipping=1000, **without) == 1700


@pytest.mark.no_database
@pytest.mark.proves("S33")
def test_the_absolute_amount_wins_over_the_percentage():
    terms = {"relative_hundredths": 1000, "absolute_on": True, "absolute_minor": 2500}
    assert bonus(18000, **terms) == 2500
    assert bonus(1, **terms) == 2500
    assert bonus(18000, **terms | {"absolute_on": False}) == 1800


@pytest.mark.no_database
@pytest.mark.proves("S31")
def test_no_bonus_when_it_is_off_or_the_order_too_small():
    terms = {"relative_hundredths": 1000, "bonus_minimum_minor": 5000}
    assert bonus(4999, **terms) == 0
    assert bonus(5000, **terms) == 500
    off = replace(SHOP, relative_hundredths=1000)
    assert off.bonus_minor(grand_total_minor=18000, shipping_minor=0) == 0


@pytest.mark.no_database
def test_the_cap_is_the_percentages():
    assert bonus(18000, relative_hundredths=1000, bonus_cap_minor=1500) == 1500
    fixed = {"absolute_on": True, "absolute_minor": 2500, "bonus_cap_minor": 1500}
    assert bonus(18000, **fixed) == 2500


@pytest.mark.no_database
def test_a_brand_has_a_colour_that_the_pages_are_drawn_in():
    assert campaigns.settings.BRAND_COLOURS == templating.BRANDS
