"""Days in a time zone: which one an instant belongs to, where one begins and ends."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from giftweb import clock, days
from giftweb.errors import Invalid

pytestmark = pytest.mark.no_database

ZONES = st.sampled_from(days.zones())
DAYS = st.dates(date(1970, 1, 2), date(2200, 1, 1))
INSTANTS = st.datetimes(datetime(1970, 1, 3), datetime(2200, 1, 1), timezones=st.just(UTC))
HOUR = timedelta(hours=1)


@pytest.mark.proves("D25")
@given(INSTANTS, ZONES)
def test_an_instant_lies_within_its_day_in_every_zone(instant, zone):
    day = days.day_of(instant, zone)
    assert days.start_of(day, zone) <= instant < days.end_of(day, zone)
    assert days.last_day_before(days.end_of(day, zone), zone) == day


@pytest.mark.proves("D25")
@given(DAYS, ZONES)
def test_a_day_ends_where_the_next_begins_and_lasts_about_24_hours(day, zone):
    start, end = days.start_of(day, zone), days.end_of(day, zone)
    assert end == days.start_of(days.later(day, 1), zone)
    # A place that crosses the date line leaves a day out, or has one twice.
    assert timedelta(0) <= end - start <= 48 * HOUR
    assert start.tzinfo is end.tzinfo is UTC


@pytest.mark.proves("D25")
@pytest.mark.parametrize(
    ("zone", "day", "start", "hours"),
    [
        ("UTC", "2026-12-24", "2026-12-24T00:00", 24),
        ("Europe/Berlin", "2026-12-24", "2026-12-23T23:00", 24),
        ("Europe/Berlin", "2026-03-29", "2026-03-28T23:00", 23),
        ("Europe/Berlin", "2026-10-25", "2026-10-24T22:00", 25),
        ("America/New_York", "2026-03-08", "2026-03-08T05:00", 23),
        ("America/New_York", "2026-11-01", "2026-11-01T04:00", 25),
        ("Asia/Kolkata", "2026-06-01", "2026-05-31T18:30", 24),
        ("Pacific/Kiritimati", "2026-06-01", "2026-05-31T10:00", 24),
        ("Pacific/Pago_Pago", "2026-06-01", "2026-06-01T11:00", 24),
        ("Australia/Lord_Howe", "2026-04-05", "2026-04-04T13:00", 24.5),
        # Midnight itself is left out there: the day begins at one o'clock.
        ("America/Havana", "2026-03-08", "2026-03-08T05:00", 23),
    ],
)
def test_a_day_is_as_long_as_clocks_there_say(zone, day, start, hours):
    on = date.fromisoformat(day)
    assert days.start_of(on, zone) == datetime.fromisoformat(start).replace(tzinfo=UTC)
    assert days.end_of(on, zone) - days.start_of(on, zone) == timedelta(hours=hours)


@pytest.mark.proves("D25")
def test_the_same_hour_some_days_later_is_that_hour_on_clocks_there():
    before = datetime(2026, 3, 28, 17, tzinfo=UTC)  # 18:00 in Berlin, the day before summer time
    assert days.days_later(before, 1, "Europe/Berlin") == before + 23 * HOUR
    assert days.days_later(before, 1, "UTC") == before + 24 * HOUR


@given(INSTANTS, st.integers(0, 400), ZONES)
def test_so_many_days_later_is_so_many_days_later_there(instant, count, zone):
    found = days.days_later(instant, count, zone)
    wanted = days.later(days.day_of(instant, zone), count)
    # Of a day that was left out at the date line there is no hour: it is the next day's.
    assert days.day_of(found, zone) - wanted in (timedelta(0), timedelta(days=1))


def test_an_hour_of_a_day_is_on_that_day():
    assert days.at(date(2026, 7, 1), time(8), "America/New_York") == datetime(
        2026, 7, 1, 12, tzinfo=UTC
    )
    with clock.moved(datetime(2026, 7, 1, 2, tzinfo=UTC) - clock.now()):
        assert days.today("America/New_York") == date(2026, 6, 30)
        assert days.today("Europe/Berlin") == days.today("UTC") == date(2026, 7, 1)


@pytest.mark.proves("D25")
@pytest.mark.parametrize(
    ("typed", "zone"),
    [
        *(("Europe/Berlin", "Europe/Berlin"), ("europe/berlin", "Europe/Berlin")),
        *((" berlin ", "Europe/Berlin"), ("New York", "America/New_York")),
        *(("america/new york", "America/New_York"), ("UTC", "UTC"), ("utc", "UTC")),
    ],
)
def test_a_zone_is_read_as_people_type_it(typed, zone):
    assert days.read_zone(typed) == zone


@pytest.mark.parametrize("typed", ["", "Berlin/Europe", "CEST+2", "../etc/passwd", "Factory", "ü"])
def test_what_is_no_zone_is_refused_on_its_field(typed):
    with pytest.raises(Invalid, match=r"such as Europe/Berlin") as refused:
        days.read_zone(typed, field="zone")
    assert refused.value.field == "zone"


def test_every_zone_can_be_used():
    assert "Europe/Berlin" in days.zones()
    for zone in days.zones():
        assert ZoneInfo(zone).utcoffset(datetime(2026, 1, 1)) is not None
        assert days.read_zone(zone) == zone
