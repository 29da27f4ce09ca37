"""What the company owes (I33, B11)."""

from datetime import UTC, date, datetime, timedelta

import pytest

from giftweb import clock
from giftweb.domain import cards, reports, time_zones
from tests.factories import ADMIN, amount_of, make_campaign, make_card

pytestmark = pytest.mark.proves("I33", "B11")


def test_the_report_is_the_sum_of_live_balances_by_source():
    make_card("50.00 USD")
    make_card("20.00 USD", source="sales", origin="purchase")
    make_card("99.00 USD", is_test=True)
    make_card("5.00 EUR")
    found = {each.currency: each for each in reports.liability.liability()}
    assert str(found["USD"].total) == "70.00 USD"
    assert [(owed.source, str(owed.amount)) for owed in found["USD"].by_source] == [
        ("sales", "20.00 USD"),
        ("goodwill", "50.00 USD"),
    ]
    assert str(found["EUR"].total) == "5.00 EUR"


def test_any_past_day_is_as_it_was():
    with clock.moved(-timedelta(days=10)):
        card = make_card("50.00 USD").card
    cards.adjust(card.id, change=-amount_of("30.00 USD"), reason="x", by=ADMIN)
    past = clock.today() - timedelta(days=5)
    assert str(reports.liability.liability(on=past)[0].total) == "50.00 USD"
    assert str(reports.liability.liability()[0].total) == "20.00 USD"
    assert reports.liability.liability(on=clock.today() - timedelta(days=30)) == []


def test_finance_reads_it_and_takes_it_away(staff_client):
    make_card("50.00 USD")
    finance = staff_client("finance")
    assert "$50.00" in finance.get("/staff/reports/").text
    answer = finance.get("/staff/reports/liability.csv")
    assert '"goodwill","50.00","1"' in answer.text
    assert finance.get("/staff/reports/?on=nonsense").status_code == 200
    assert staff_client("marketing").get("/staff/reports/").status_code == 403


@pytest.mark.proves("D25")
@pytest.mark.parametrize(
    ("zone", "issued", "day"),
    [
        ("Pacific/Kiritimati", "2026-03-28T10:00", "2026-03-29"),
        ("Pacific/Kiritimati", "2026-03-28T09:59", "2026-03-28"),
        ("Europe/Berlin", "2026-03-29T21:59", "2026-03-29"),
        ("Europe/Berlin", "2026-03-29T22:00", "2026-03-30"),
        ("UTC", "2026-03-29T23:59", "2026-03-29"),
        ("America/New_York", "2026-03-30T03:59", "2026-03-29"),
        ("America/New_York", "2026-03-30T04:00", "2026-03-30"),
    ],
)
def test_its_day_is_a_day_of_the_shop(staff_client, zone, issued, day):
    """The 29th of March 2026 has 23 hours in Berlin."""
    make_campaign(time_zone=zone)
    with clock.moved(datetime.fromisoformat(issued).replace(tzinfo=UTC) - clock.now()):
        make_card("50.00 USD")
    on = date.fromisoformat(day)
    before = on - timedelta(days=1)
    assert reports.liability.liability(on=before, zone=zone) == []
    assert str(reports.liability.liability(on=on, zone=zone)[0].total) == "50.00 USD"
    finance = staff_client("finance")
    page = finance.get(f"/staff/reports/?on={on}").text
    assert f"Day ({zone})" in page
    assert "$50.00" in page
    assert "$50.00" not in finance.get(f"/staff/reports/?on={before}").text
    assert "50.00" in finance.get(f"/staff/reports/liability.csv?on={on}").text
    assert "50.00" not in finance.get(f"/staff/reports/liability.csv?on={before}").text


@pytest.mark.proves("D25")
def test_the_day_of_shops_in_several_zones_is_utc():
    assert time_zones.of_house() == "UTC"
    make_campaign(time_zone="Asia/Tokyo")
    make_campaign(time_zone="Asia/Tokyo")
    assert time_zones.of_house() == "Asia/Tokyo"
    make_campaign()
    assert time_zones.of_house() == "UTC"


@pytest.mark.proves("D25")
def test_a_day_that_has_not_begun_in_the_shop_is_today(staff_client):
    make_campaign(time_zone="America/New_York")
    with clock.moved(datetime(2027, 1, 10, 3, tzinfo=UTC) - clock.now()):
        page = staff_client("finance").get("/staff/reports/?on=2027-01-10").text
    assert 'value="2027-01-09" max="2027-01-09"' in page
