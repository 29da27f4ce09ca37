"""Failed tries: who is counted, who waits, and for how long."""

import logging
import subprocess
import sys
from dataclasses import replace
from datetime import timedelta

import pytest

from giftweb import clock, database
from giftweb.domain import throttle
from giftweb.errors import CodeMalformed, TooManyTries, UnknownCode

pytestmark = pytest.mark.proves("B6")

SCOPE = throttle.Scope("tests", free=3, first_wait=4, longest_wait=30, memory=600, cap=50)
HERE, ELSEWHERE = "192.0.2.7", "198.51.100.1"


def fail(times: int = 1, *, source: str = HERE, scope: throttle.Scope = SCOPE) -> None:
    for _ in range(times):
        throttle.count(scope, source=source)


def wait_of(source: str = HERE, scope: throttle.Scope = SCOPE) -> int:
    """Seconds that the source has to wait now; 0 when it may try."""
    try:
        throttle.check(scope, source=source)
    except TooManyTries as refusal:
        return refusal.retry_after
    return 0


@pytest.fixture(autouse=True)
def a_still_clock(monkeypatch):
    """The minute does not end in the middle of a test."""
    now = 1_800_000_000 * throttle.SECOND
    monkeypatch.setattr(clock, "micros", lambda: now + clock._offset_micros)


def test_a_few_failures_are_free():
    fail(SCOPE.free)
    assert wait_of() == 0


def test_each_further_failure_doubles_the_wait_up_to_the_longest():
    fail(SCOPE.free)
    waits = []
    for _ in range(5):
        fail()
        waits.append(wait_of())
    assert waits == [4, 8, 16, 30, 30]


def test_failures_are_forgiven_one_by_one():
    mild = replace(SCOPE, forgives_after=10)
    fail(mild.free + 2, scope=mild)
    with clock.moved(timedelta(seconds=25)):
        fail(scope=mild)
        assert wait_of(scope=mild) == 4
    with clock.moved(timedelta(seconds=599)):
        fail(mild.free, scope=mild)
        assert wait_of(scope=mild) == 0
        fail(scope=mild)
        assert wait_of(scope=mild) == 4


def test_the_cap_of_a_minute_forgives_nothing():
    mild = replace(SCOPE, forgives_after=1, cap=5)
    for number in range(mild.cap):
        with clock.moved(timedelta(seconds=2 * number)):
            fail(source=f"192.0.2.{number}", scope=mild)
    with clock.moved(timedelta(seconds=2 * mild.cap)):
        assert wait_of(ELSEWHERE, scope=mild)


def test_after_the_wait_there_is_another_try():
    fail(SCOPE.free + 1)
    with clock.moved(timedelta(seconds=3)):
        assert wait_of() == 1
    with clock.moved(timedelta(seconds=4)):
        assert wait_of() == 0


def test_failures_are_forgotten_in_time():
    fail(SCOPE.free + 3)
    with clock.moved(timedelta(seconds=SCOPE.memory + 1)):
        fail(SCOPE.free)
        assert wait_of() == 0


def test_nobody_else_waits():
    fail(20)
    assert wait_of() > 0
    assert wait_of(ELSEWHERE) == 0


def test_one_scope_knows_nothing_of_another():
    fail(20)
    other = throttle.Scope("others", free=3, first_wait=4, longest_wait=30, memory=600, cap=50)
    assert wait_of(scope=other) == 0


def test_a_success_is_never_counted():
    for _ in range(100):
        with throttle.guard(SCOPE, source=HERE):
            pass
    assert wait_of() == 0


def test_only_the_named_failures_are_counted():
    for _ in range(20):
        with pytest.raises(CodeMalformed), throttle.guard(SCOPE, source=HERE):
            raise CodeMalformed
    assert wait_of() == 0
    for _ in range(SCOPE.free + 1):
        with pytest.raises(UnknownCode), throttle.guard(SCOPE, source=HERE):
            raise UnknownCode
    assert wait_of() == SCOPE.first_wait


def test_nothing_is_tried_during_the_wait():
    fail(SCOPE.free + 1)
    with pytest.raises(TooManyTries), throttle.guard(SCOPE, source=HERE):
        pytest.fail("it was tried")


@pytest.mark.parametrize(
    ("one", "other", "is_same"),
    [
        ("2001:db8:1:2::1", "2001:db8:1:2:ffff::9", True),
        ("2001:db8:1:2::1", "2001:db8:1:3::1", False),
        ("::ffff:192.0.2.7", "192.0.2.7", True),
        ("192.0.2.7", "192.0.2.8", False),
    ],
)
def test_an_address_of_version_6_counts_with_its_network(one, other, is_same):
    fail(SCOPE.free + 1, source=one)
    assert (wait_of(other) > 0) == is_same


def test_when_too_many_fail_everywhere_all_wait_for_the_minute_to_end(caplog):
    with caplog.at_level(logging.WARNING):
        for number in range(SCOPE.cap):
            assert wait_of() == 0
            fail(source=f"203.0.113.{number}")
    assert 0 < wait_of(ELSEWHERE) <= 60
    with clock.moved(timedelta(minutes=1)):
        assert wait_of(ELSEWHERE) == 0


def test_the_cap_is_told_in_the_log_once(caplog):
    with caplog.at_level(logging.WARNING):
        for number in range(SCOPE.cap + 5):
            fail(source=f"203.0.113.{number}")
    told = [record.getMessage() for record in caplog.records]
    assert told == ["throttle: 50 failed tries (tests) within a minute; all wait until it is over"]


def test_old_counters_are_cleaned_away():
    for number in range(10):
        fail(source=f"203.0.113.{number}")
    with clock.moved(timedelta(seconds=SCOPE.memory + 1)):
        fail()
    kept = throttle._rows("SELECT source FROM throttle WHERE source NOT LIKE 'minute%'")
    assert kept == [(HERE,)]


COUNT_IN_ANOTHER_PROCESS = """
import sys
from giftweb import database
from giftweb.domain import throttle
database.connect(sys.argv[1])
scope = throttle.Scope("tests", free=3, cap=50, first_wait=4, longest_wait=30, memory=600)
throttle.count(scope, source=sys.argv[2])
"""


def test_processes_share_the_counters(engine, monkeypatch):
    monkeypatch.undo()
    fail(SCOPE.free)
    command = [sys.executable, "-c", COUNT_IN_ANOTHER_PROCESS, engine.url, HERE]
    subprocess.run(command, check=True)
    assert wait_of() > 0


@pytest.mark.engines("sqlite")
def test_the_counters_do_not_touch_the_ledger(engine):
    fail()
    assert not database.rows("SELECT name FROM sqlite_master WHERE name = 'throttle'")


@pytest.mark.engines("sqlite")
def test_failures_are_counted_while_the_ledger_is_being_written():
    with database.transaction():
        fail(SCOPE.free + 1)
        assert wait_of() > 0


@pytest.mark.engines("postgresql")
def test_the_counters_write_no_journal():
    fail()
    persistence = database.scalar("SELECT relpersistence FROM pg_class WHERE relname = 'throttle'")
    assert persistence == "u"


@pytest.mark.engines("postgresql")
def test_several_may_make_the_table_at_once(engine, monkeypatch):
    monkeypatch.undo()
    command = [sys.executable, "-c", COUNT_IN_ANOTHER_PROCESS, engine.url, HERE]
    for _ in range(3):
        database.execute("DROP TABLE IF EXISTS throttle")
        made = [subprocess.Popen(command) for _ in range(4)]
        assert [process.wait() for process in made] == [0] * 4
        assert database.scalar("SELECT failures FROM throttle WHERE source = ?", HERE) == 4


@pytest.mark.engines("postgresql")
def test_the_table_is_made_when_it_is_missing():
    database.execute("DROP TABLE IF EXISTS throttle")
    assert wait_of() == 0
    fail(SCOPE.free + 1)
    assert wait_of() == SCOPE.first_wait
