"""The presets of the law: what they refuse, and what they let through."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from giftweb import clock
from giftweb.domain import campaigns, cards, law
from giftweb.domain.law import PRESETS
from giftweb.errors import Invalid
from tests.factories import ROOT, amount_of, make_campaign, make_card

pytestmark = pytest.mark.proves("B27", "D15")


@pytest.mark.no_database
@pytest.mark.parametrize(
    ("key", "first", "end"),
    [
        ("us", date(2026, 11, 29), date(2031, 11, 29)),
        ("us", date(2028, 2, 29), date(2033, 3, 1)),
        ("ie", date(2026, 1, 1), date(2031, 1, 1)),
        ("au", date(2026, 12, 31), date(2029, 12, 31)),
        ("de", date(2026, 1, 1), date(2029, 12, 31)),
        ("de", date(2026, 12, 31), date(2029, 12, 31)),
        ("us-ca", date(2026, 1, 1), None),
        ("ca", date(2026, 1, 1), None),
    ],
)
def test_how_long_a_sold_card_lasts_at_least(key, first, end):
    assert law.rules.earliest_end(PRESETS[key].validity, first) == end


@pytest.mark.no_database
@pytest.mark.parametrize(("key", "days"), [("us", 1827), ("au", 1096), ("de", 1096)])
def test_a_number_of_days_that_suits_every_day_of_the_calendar(key, days):
    assert law.rules.fewest_days(PRESETS[key].validity) == days


@pytest.mark.no_database
def test_every_preset_says_where_its_rules_are_written():
    for preset in PRESETS.values():
        for rule in preset.rules:
            assert str(rule.text).endswith(".")
            assert all((rule.name, rule.citation, rule.seen_in))
            assert rule.since <= law.presets.LOOKED_UP
        assert preset.rules or preset.key == law.NONE


@pytest.mark.parametrize(
    ("key", "refused", "taken"),
    [
        ("us", 1826, 1827),
        ("de", 1095, 1096),
        ("au", 1095, 1096),
        ("us-ca", 36_500, None),
        ("ca", 36_500, None),
        ("uk", None, 30),
        ("br", None, 30),
        ("none", None, 1),
    ],
)
def test_a_setting_against_the_law_is_refused_with_the_rules_name(key, refused, taken):
    if refused is not None:
        with pytest.raises(Invalid) as raised:
            make_campaign(rules=key, card_valid_days=refused)
        ((field, message),) = raised.value.errors
        rule = PRESETS[key].validity.rule
        assert field == "card_valid_days"
        assert str(rule.name) in message
        assert rule.citation in message
    assert make_campaign(rules=key, card_valid_days=taken).rules == key


def test_choosing_rules_later_looks_at_the_settings_that_there_are():
    campaign = make_campaign(card_valid_days=365)
    with pytest.raises(Invalid, match="five years"):
        campaigns.change(campaign.id, settings=replace(campaign.settings, rules="us"), by=ROOT)
    assert campaigns.find(campaign.id).rules == "none"


def test_a_bonus_may_end_sooner_than_a_sold_card():
    assert make_campaign(rules="us-ca", bonus_valid_days=30).bonus_valid_days == 30


@pytest.mark.parametrize(("source", "is_refused"), [("sales", True), ("goodwill", False)])
def test_the_last_day_of_a_single_sold_card_keeps_the_law(source, is_refused):
    campaign = make_campaign(rules="ie")
    terms = {"campaign_id": campaign.id, "source": source, "expires_on": date(2027, 12, 31)}
    if is_refused:
        with pytest.raises(law.BrokenRule, match="five years") as raised:
            make_card(**terms)
        assert raised.value.field == "expires_on"
    else:
        assert make_card(**terms).card.expires_on == date(2027, 12, 31)
    make_card(campaign_id=campaign.id, source="sales", expires_on=date(2098, 1, 1))
    assert len(list(cards.select())) == 2 - is_refused


@pytest.mark.parametrize(
    ("issued", "days", "end"),
    [
        ((2026, 1, 1), 1096, date(2029, 12, 31)),
        ((2026, 12, 31), 1096, date(2029, 12, 31)),
        ((2027, 3, 1), 1096, date(2030, 12, 31)),
        ((2026, 5, 4), 1500, date(2030, 12, 31)),
    ],
)
def test_a_german_card_ends_with_its_year_three_years_after_that_of_its_issue(issued, days, end):
    campaign = make_campaign(rules="de", card_valid_days=1096)
    terms = {"campaign_id": campaign.id, "source": "sales", "valid_days": days}
    with clock.moved(datetime(*issued, 12, tzinfo=UTC) - clock.now()):
        card = make_card(send_email=False, **terms).card
        assert card.expires_on == end
        assert card.expires_at == datetime(end.year + 1, 1, 1, tzinfo=UTC)
        least = law.rules.earliest_end(PRESETS["de"].validity, date(*issued))
        assert card.expires_on >= least
        given = make_card(campaign_id=campaign.id, valid_days=10).card
        assert given.expires_on == date(*issued) + timedelta(days=10)


def test_a_german_card_that_is_sent_in_the_new_year_ends_a_year_later():
    campaign = make_campaign(rules="de", card_valid_days=1096)
    with clock.moved(datetime(2027, 12, 20, 12, tzinfo=UTC) - clock.now()):
        at = datetime(2027, 12, 30, 12, tzinfo=UTC)
        card = make_card(
            campaign_id=campaign.id, source="sales", valid_days=1096, deliver_at=at
        ).card
        assert (card.expires_on, card.expires_at) == (date(2030, 12, 31), None)
        for days, end in ((1, 2030), (12, 2031)):
            with clock.moved(timedelta(days=days)):
                assert cards.delivery.as_delivered(card).expires_on == date(end, 12, 31)
    with clock.moved(datetime(2028, 1, 2, tzinfo=UTC) - clock.now()):
        (sent,) = cards.delivery.mark_delivered([card.id])
        assert sent.expires_on == date(2031, 12, 31)
        assert sent.expires_at == datetime(2032, 1, 1, tzinfo=UTC)


def test_a_card_whose_campaign_keeps_no_such_law_ends_on_its_day():
    campaign = make_campaign(rules="au", card_valid_days=1096)
    with clock.moved(datetime(2026, 5, 4, 12, tzinfo=UTC) - clock.now()):
        card = make_card(campaign_id=campaign.id, source="sales", valid_days=1096).card
        assert card.expires_on == date(2029, 5, 4)


@pytest.mark.no_database
@pytest.mark.parametrize(
    ("key", "rest", "on", "is_due"),
    [
        ("us-ca", "14.99 USD", date(2026, 4, 1), True),
        ("us-ca", "15.00 USD", date(2026, 4, 1), False),
        ("us-ca", "9.99 USD", date(2026, 3, 31), True),
        ("us-ca", "10.00 USD", date(2026, 3, 31), False),
        ("us-ca", "9.99 CAD", date(2026, 4, 1), False),
        ("us-ca", "0.00 USD", date(2026, 4, 1), False),
        ("ca", "5.00 CAD", date(2026, 4, 1), True),
        ("ca", "5.01 CAD", date(2026, 4, 1), False),
        ("us", "1.00 USD", date(2026, 4, 1), False),
        ("none", "0.01 USD", date(2026, 4, 1), False),
    ],
)
def test_which_rests_are_paid_out(key, rest, on, is_due):
    assert bool(law.rules.cash_out_of(PRESETS[key], amount_of(rest), on=on)) is is_due


@pytest.mark.no_database
def test_the_handbook_has_each_rule_with_its_source():
    handbook = (Path(__file__).parents[3] / "docs" / "law.md").read_text()
    assert "no legal advice" in handbook
    for preset in PRESETS.values():
        for rule in preset.rules:
            row = f"| {rule.name} | {rule.text} | {rule.citation} | {rule.since.isoformat()}"
            assert f"{row} | {rule.seen_in} |" in handbook, preset.place
