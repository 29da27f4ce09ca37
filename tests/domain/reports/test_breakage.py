"""What will stay unspent, by the experience of cohorts that are two years old (B11)."""

from contextlib import contextmanager
from datetime import UTC, datetime

import pytest

from giftweb import clock
from giftweb.domain import reports
from tests.factories import goods, make_campaign, make_card
from tests.orders import place

pytestmark = pytest.mark.proves("B11")


@contextmanager
def at(text: str):
    """The clock, at noon of this day."""
    there = datetime.fromisoformat(f"{text}T12:00:00").replace(tzinfo=UTC)
    with clock.moved(there - clock.now()):
        yield


def spend(card, amount: str) -> None:
    place(goods(amount), cards=[card], campaign_id=make_campaign().id, shipping="0.00 USD")


@pytest.fixture
def years():
    """Of 100.00 of January 2024 80.00 are spent; of 50.00 of May 2026 10.00, now in June 2026."""
    with at("2024-01-10"):
        old = make_card("100.00 USD")
        spend(old, "30.00 USD")
    with at("2024-03-10"):
        spend(old, "50.00 USD")
    with at("2026-05-10"):
        young = make_card("50.00 USD")
    with at("2026-06-10"):
        spend(young, "10.00 USD")
        yield


def breakage():
    found = reports.find("breakage", reports.wanted()).rows
    return {row.pop("cohort"): row for row in found}


def test_a_fifth_of_old_money_stayed_so_a_fifth_of_new_money_is_expected_to(years):
    found = breakage()
    assert found["2024-01"] == {
        **{"currency": "USD", "issued": 100_00, "redeemed": 80_00},
        **{"expired": 0, "left": 20_00, "expected": 20_00},
    }
    assert found["2026-05"] == {
        **{"currency": "USD", "issued": 50_00, "redeemed": 10_00},
        **{"expired": 0, "left": 40_00, "expected": 10_00},
    }


def test_without_a_cohort_of_two_years_nothing_is_expected():
    with at("2024-07-10"):
        make_card("100.00 USD")
    with at("2026-06-10"):
        assert breakage()["2024-07"]["expected"] == 0
    with at("2026-07-10"):
        assert breakage()["2024-07"]["expected"] == 100_00


def test_the_curve_says_what_is_redeemed_by_months_of_age(years):
    points = reports.breakage.curve(reports.wanted(), "USD")
    assert points[:4] == [(0, 20), (1, 26), (2, 80), (3, 80)]
    assert points[-1] == (29, 80)


@pytest.mark.parametrize(
    ("cohort", "month", "months"),
    [("2027-01", "2027-01", 0), ("2026-12", "2027-01", 1), ("2024-11", "2027-01", 26)],
)
@pytest.mark.no_database
def test_the_age_of_a_cohort(cohort, month, months):
    assert reports.breakage.months_between(cohort, month) == months
