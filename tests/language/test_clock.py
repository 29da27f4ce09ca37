"""The clock: aware UTC, to the microsecond, the database's inside a transaction."""

import time
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from giftweb import clock, database


@pytest.mark.no_database
@given(st.datetimes(timezones=st.just(UTC)))
def test_an_instant_is_kept_to_the_microsecond(instant):
    assert clock.from_micros(clock.to_micros(instant)) == instant


@pytest.mark.no_database
def test_the_same_instant_in_another_zone_is_the_same():
    here = datetime(2026, 3, 29, 2, 30, tzinfo=timezone(timedelta(hours=5, minutes=30)))
    assert clock.to_micros(here) == clock.to_micros(here.astimezone(UTC))


@pytest.mark.no_database
def test_a_naive_time_is_refused():
    with pytest.raises(ValueError, match="naive"):
        clock.to_micros(datetime(2026, 1, 1))


@pytest.mark.no_database
def test_moves_add_up_and_are_undone():
    start = clock.now()
    with clock.moved(timedelta(days=1)), clock.moved(timedelta(days=-3)):
        assert abs(clock.now() - start + timedelta(days=2)) < timedelta(minutes=1)
    assert abs(clock.now() - start) < timedelta(minutes=1)


@pytest.mark.proves("I22")
def test_time_stands_still_inside_a_transaction_and_is_the_databases():
    before = clock.micros()
    with database.transaction():
        first = clock.micros()
        time.sleep(0.01)
        assert clock.micros() == first
        with database.transaction():
            assert clock.micros() == first
    assert clock.micros() > first
    assert abs(first - before) < 60_000_000
