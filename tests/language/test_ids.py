"""Ids: of one shape, never twice, and in the order of time."""

import threading
from datetime import timedelta

import pytest

from giftweb import clock, ids

pytestmark = pytest.mark.no_database


def test_an_id_has_its_prefix_and_26_characters():
    made = ids.new("gc")
    assert ids.SHAPE.fullmatch(made)
    assert len(made) == 29
    assert ids.looks_like(made, "gc")
    assert not ids.looks_like(made, "ord")


@pytest.mark.parametrize("text", ["", "gc_", "gc", "gc_" + "u" * 26, "gc_" + "0" * 25, "GC_"])
def test_what_is_no_id_is_reported_without_a_look_up(text):
    assert not ids.looks_like(text, "gc")


@pytest.mark.proves("I4")
def test_later_ids_sort_later_also_within_a_millisecond():
    made = [ids.new("gc") for _ in range(5_000)]
    assert made == sorted(made)
    assert len(set(made)) == len(made)
    assert all(ids.SHAPE.fullmatch(each) for each in made)


def test_ids_made_by_many_threads_at_once_are_never_the_same():
    made: list[str] = []

    def make() -> None:
        made.extend([ids.new("gc") for _ in range(600)])

    threads = [threading.Thread(target=make) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(made)) == 8 * 600


def test_the_earliest_id_of_an_instant_stands_before_all_that_are_made_in_it():
    with clock.moved(timedelta(days=400)):
        bound = ids.earliest("gc", clock.micros())
        assert bound <= ids.new("gc")
        assert ids.earliest("gc", clock.micros() - 2_000) < bound
    assert ids.earliest("gc", -5) == "gc_" + "0" * 26


def test_an_id_tells_when_it_was_drawn():
    now = clock.micros()
    assert ids.micros_of(ids.earliest("gc", now)) == now // 1000 * 1000
    assert ids.micros_of("a key of somebody:1") == 0
