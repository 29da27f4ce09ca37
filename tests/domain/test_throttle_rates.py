"""How many requests a key may make, and how often one thing is noted."""

from datetime import timedelta

import pytest

from giftweb import clock
from giftweb.domain import throttle
from giftweb.domain.throttle import counters, rates
from giftweb.errors import TooManyTries

pytestmark = pytest.mark.proves("X19")


@pytest.fixture(autouse=True)
def a_still_clock(monkeypatch):
    """Time passes when the test says so."""
    rates.forget()
    now = 1_800_000_000 * throttle.SECOND
    monkeypatch.setattr(clock, "micros", lambda: now + clock._offset_micros)
    yield
    rates.forget()


def accepted(key: str, tries: int, *, rate: int) -> int:
    """How many of so many requests are accepted."""
    for number in range(tries):
        try:
            rates.spend(key, rate=rate)
        except TooManyTries:
            return number
    return tries


@pytest.mark.parametrize("rate", [1, 5, 200])
def test_a_key_may_send_ten_seconds_worth_at_once_and_then_its_rate(rate):
    assert accepted("a", 20 * rate, rate=rate) == 10 * rate
    with clock.moved(timedelta(seconds=2)):
        assert accepted("a", 20 * rate, rate=rate) == 2 * rate


def test_a_key_that_sends_too_much_reads_when_to_go_on():
    accepted("a", 100, rate=5)
    with pytest.raises(TooManyTries, match="Wait 1 s") as refusal:
        rates.spend("a", rate=5)
    assert refusal.value.retry_after == 1


def test_another_key_is_not_slowed():
    accepted("a", 100, rate=5)
    assert accepted("b", 1, rate=5) == 1


def test_processes_share_a_keys_rate():
    assert accepted("a", 30, rate=5) == 30
    rates.forget()
    assert accepted("a", 100, rate=5) == 20


def test_zero_is_no_limit():
    assert accepted("a", 5000, rate=0) == 5000
    assert counters.read("api_rate", ["a"]) == {}


def test_one_thing_is_noted_once_a_minute():
    assert throttle.once_a_minute("refusal a")
    assert not throttle.once_a_minute("refusal a")
    assert throttle.once_a_minute("refusal b")
    with clock.moved(timedelta(seconds=61)):
        assert throttle.once_a_minute("refusal a")
