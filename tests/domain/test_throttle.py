"""Failed tries: who is counted, who waits, and for how long."""

import logging
import subprocess
import sys
import threading
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta

import pytest

from giftweb import clock, database, language
from giftweb.domain import throttle
from giftweb.domain.throttle import counters, proofs, sources, tries
from giftweb.errors import CodeMalformed, TooManyTries, UnknownCode
from tests.proofs import solve

pytestmark = pytest.mark.proves("B6")

SCOPE = throttle.Scope("tests", free=3, first_wait=4, longest_wait=30, memory=600, cap=50)
HERE, ELSEWHERE = "192.0.2.7", "198.51.100.1"


def fail(times: int = 1, *, source: str = HERE, scope: throttle.Scope = SCOPE) -> None:
    """So many tries fail, one after the other, each as soon as it may."""
    for _ in range(times):
        throttle.count(scope, source=source)


def has_failed(times: int, *, source: str = HERE, scope: throttle.Scope = SCOPE) -> None:
    """The source has failed so often by now, whatever it waited in between."""
    name = sources.source_of(source)
    before = counters.read(scope.name, [name]).get(name)
    assert counters.swap(scope.name, name, before, counters.Count(times, clock.micros()))


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


def test_a_failure_that_another_process_counted_a_moment_later_is_not_counted_twice():
    with clock.moved(timedelta(seconds=1)):
        fail(SCOPE.free)
    assert wait_of() == 0


def test_each_further_failure_doubles_the_wait_up_to_the_longest():
    waits = []
    for times in range(5):
        has_failed(SCOPE.free + 1 + times)
        waits.append(wait_of())
    assert waits == [4, 8, 16, 30, 30]


def test_failures_are_forgiven_one_by_one():
    mild = replace(SCOPE, forgives_after=10)
    has_failed(mild.free + 2, scope=mild)
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
    with clock.moved(timedelta(seconds=2 * mild.cap - 2)):
        assert wait_of(f"192.0.2.{mild.cap - 1}", scope=mild)


def test_after_the_wait_there_is_another_try():
    fail(SCOPE.free + 1)
    with clock.moved(timedelta(seconds=3)):
        assert wait_of() == 1
    with clock.moved(timedelta(seconds=4)):
        assert wait_of() == 0


def test_failures_are_forgotten_in_time():
    has_failed(SCOPE.free + 3)
    with clock.moved(timedelta(seconds=SCOPE.memory + 1)):
        fail(SCOPE.free)
        assert wait_of() == 0


def test_nobody_else_waits():
    has_failed(20)
    assert wait_of() > 0
    assert wait_of(ELSEWHERE) == 0


def test_one_scope_knows_nothing_of_another():
    has_failed(20)
    other = throttle.Scope("others", free=3, first_wait=4, longest_wait=30, memory=600, cap=50)
    assert wait_of(scope=other) == 0


def test_a_success_is_never_counted():
    for _ in range(100):
        with throttle.every_try(SCOPE, source=HERE):
            pass
    assert wait_of() == 0


def test_only_the_named_failures_are_counted():
    for _ in range(20):
        with pytest.raises(CodeMalformed), throttle.every_try(SCOPE, source=HERE):
            raise CodeMalformed
    assert wait_of() == 0
    for _ in range(SCOPE.free + 1):
        with pytest.raises(UnknownCode), throttle.every_try(SCOPE, source=HERE):
            raise UnknownCode
    assert wait_of() == SCOPE.first_wait


def test_nothing_is_tried_during_the_wait():
    fail(SCOPE.free + 1)
    with pytest.raises(TooManyTries), throttle.every_try(SCOPE, source=HERE):
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


@pytest.fixture
def over_the_cap():
    """As many have failed within this minute as are accepted; each of them once."""
    for number in range(SCOPE.cap):
        fail(source=f"203.0.113.{number}")


@pytest.mark.proves("X10")
def test_over_the_cap_only_who_has_failed_before_waits_for_the_minute_to_end(over_the_cap):
    assert 0 < wait_of("203.0.113.5") <= 60
    assert wait_of(ELSEWHERE) == 0
    fail(source=ELSEWHERE)
    assert 0 < wait_of(ELSEWHERE) <= 60
    with clock.moved(timedelta(minutes=1)):
        assert wait_of("203.0.113.5") == wait_of(ELSEWHERE) == 0


@pytest.mark.proves("X10")
def test_over_the_cap_a_48_and_a_cart_have_failures_of_their_own(over_the_cap):
    fail(source="2001:db8:1:1::1")
    assert wait_of("2001:db8:1:2::1") > 0
    assert wait_of("2001:db8:2:1::1") == 0
    throttle.count(SCOPE, source="198.51.100.2", name="a cart")
    with pytest.raises(TooManyTries):
        throttle.check(SCOPE, source="198.51.100.3", name="a cart")
    throttle.check(SCOPE, source="198.51.100.3", name="another cart")


@pytest.mark.proves("X17")
def test_where_codes_are_short_all_wait_above_the_cap():
    hard = replace(SCOPE, cap=5, cap_is_hard=True)
    for number in range(hard.cap):
        assert wait_of(ELSEWHERE, scope=hard) == 0
        fail(source=f"203.0.113.{number}", scope=hard)
    assert 0 < wait_of(ELSEWHERE, scope=hard) <= 60


@pytest.mark.proves("X10")
def test_a_whole_48_waits_when_it_has_failed_often():
    uncapped = replace(SCOPE, cap=None)
    for number in range(tries.WIDE * (SCOPE.free + 1)):
        assert wait_of("2001:db8:1:ffff::1", scope=uncapped) == 0
        fail(source=f"2001:db8:1:{number:x}::1", scope=uncapped)
    assert wait_of("2001:db8:1:ffff::1", scope=uncapped) == SCOPE.first_wait
    assert wait_of("2001:db8:2:ffff::1", scope=uncapped) == 0


def test_the_cap_is_reported_in_the_log_once(caplog):
    with caplog.at_level(logging.WARNING):
        for number in range(SCOPE.cap + 5):
            fail(source=f"203.0.113.{number}")
    found = [record.getMessage() for record in caplog.records]
    assert found == [
        "throttle: 50 failed tries (tests) within a minute;"
        " until it is over only who has failed before waits"
    ]


PROVING = replace(SCOPE, takes_proof=True)


def challenge_of(source: str = HERE, scope: throttle.Scope = PROVING) -> str:
    with pytest.raises(TooManyTries) as refusal:
        throttle.check(scope, source=source)
    return refusal.value.challenge


@pytest.fixture
def easy(monkeypatch):
    """Proofs that take a moment."""
    monkeypatch.setattr(proofs, "FEWEST_BITS", 4)


@pytest.mark.proves("X10")
def test_a_proof_of_work_lifts_the_wait_once(easy):
    has_failed(SCOPE.free + 1)
    proof = solve(challenge_of())
    throttle.count(PROVING, source=HERE, proof=proof)
    with pytest.raises(TooManyTries):
        throttle.count(PROVING, source=HERE, proof=proof)


@pytest.mark.proves("X10")
def test_a_proof_is_good_for_its_source_and_scope_and_two_minutes_alone(easy):
    has_failed(SCOPE.free + 1)
    proof = solve(challenge_of())
    assert not proofs.is_good(proof, scope="tests", source=ELSEWHERE)
    assert not proofs.is_good(proof, scope="another", source=HERE)
    with clock.moved(timedelta(seconds=121)):
        assert not proofs.is_good(proof, scope="tests", source=HERE)
    assert proofs.is_good(proof, scope="tests", source=HERE)


@pytest.mark.proves("X10")
@pytest.mark.parametrize(
    "change",
    [
        lambda proof: "",
        lambda proof: "x",
        lambda proof: proof.partition(":")[0],
        lambda proof: proof.replace("5.", "0.", 1),
        lambda proof: proof[:-1] + "x",
        lambda proof: proof + "0" * 300,
        lambda proof: proof + "\u0661",
    ],
)
def test_a_forged_proof_lifts_nothing(easy, change):
    has_failed(SCOPE.free + 1)
    proof = solve(challenge_of())
    assert not proofs.is_good(change(proof), scope="tests", source=HERE)


@pytest.mark.proves("X10")
def test_a_number_that_is_no_work_lifts_nothing():
    challenged = proofs.challenge("tests", source=HERE, failures=6)
    assert not proofs.is_good(f"{challenged}:1", scope="tests", source=HERE)


@pytest.mark.proves("X10")
def test_proofs_grow_harder_with_each_failure():
    bits = []
    for times in (1, 2, 3, 30):
        has_failed(SCOPE.free + times)
        bits.append(int(challenge_of().partition(".")[0]))
    assert bits == [17, 18, 19, 22]


@pytest.mark.proves("X17")
def test_a_proof_lifts_the_cap_of_short_codes_and_not_the_wait_of_who_fails(easy):
    hard = replace(PROVING, cap=3, cap_is_hard=True)
    for number in range(hard.cap):
        fail(source=f"203.0.113.{number}", scope=hard)
    proof = solve(challenge_of(scope=hard))
    throttle.count(hard, source=HERE, proof=proof)
    has_failed(SCOPE.free + 1)
    assert challenge_of(scope=hard) == ""


@pytest.mark.proves("X19")
def test_tries_at_the_same_moment_are_no_more_than_are_free():
    heard, barrier = [], threading.Barrier(12)

    def guess() -> None:
        barrier.wait()
        with suppress(UnknownCode, TooManyTries), throttle.every_try(SCOPE, source=HERE):
            heard.append(1)
            raise UnknownCode
        database.close()

    guessing = [threading.Thread(target=guess) for _ in range(12)]
    for thread in guessing:
        thread.start()
    for thread in guessing:
        thread.join()
    assert len(heard) == SCOPE.free + 1


@pytest.mark.proves("X10")
def test_a_right_code_is_heard_during_the_wait_and_a_miss_is_not():
    has_failed(SCOPE.free + 1)
    with throttle.misses(SCOPE, source=HERE):
        pass
    with pytest.raises(TooManyTries), throttle.misses(SCOPE, source=HERE):
        raise UnknownCode


@pytest.mark.proves("X19")
def test_a_success_leaves_the_wait_as_it_was():
    fail(SCOPE.free)
    with throttle.every_try(SCOPE, source=HERE):
        assert wait_of() == SCOPE.first_wait
    assert wait_of() == 0
    fail()
    assert wait_of() == SCOPE.first_wait


@pytest.mark.proves("X20")
@pytest.mark.parametrize(
    ("text", "source"),
    [
        ("192.0.2.7:443", "192.0.2.7"),
        ("[2001:db8:1:2::1]:443", "2001:db8:1:2::/64"),
        ("[2001:db8:1:2::1]", "2001:db8:1:2::/64"),
        ("2001:db8:1:2::1", "2001:db8:1:2::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        ("[::ffff:192.0.2.7]:1", "192.0.2.7"),
    ],
)
def test_a_port_belongs_to_no_source(text, source):
    assert throttle.source_of(text) == source


@pytest.mark.proves("X20")
@pytest.mark.parametrize(
    "text", ["", "unknown", "_hidden", "1.2.3.4:x", "[::1", "1.2.3", "x" * 5000, "1.2.3.4:"]
)
def test_whatever_is_no_address_is_one_source(text):
    assert throttle.source_of(text) == sources.NO_ADDRESS


def test_old_counters_are_cleaned_away():
    for number in range(10):
        fail(source=f"203.0.113.{number}")
    with clock.moved(timedelta(seconds=SCOPE.memory + 1)):
        fail()
    kept = counters._rows("SELECT source FROM throttle WHERE source NOT LIKE 'minute%'")
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


@pytest.mark.proves("B17")
@pytest.mark.parametrize(
    ("spoken", "seconds", "message"),
    [
        ("en", 1, "Wait 1 second and try again."),
        ("en", 89, "Wait 89 seconds and try again."),
        ("en", 90, "Wait 2 minutes and try again."),
        ("de", 1, "Warten Sie 1 Sekunde"),
        ("fr", 2, "Attendez 2 secondes"),
    ],
)
def test_how_long_to_wait_is_stated_in_the_readers_language(spoken, seconds, message):
    with language.use(spoken):
        assert message in tries._wait(seconds)
