"""Ids: prefixed, unique, and in the order in which they were made."""

from datetime import timedelta

import pytest

from giftweb import clock, ids

pytestmark = pytest.mark.no_database


def test_later_ids_sort_later_one_by_one_and_many_at_once():
    made = [ids.new("gc"), *ids.new_many("gc", 5000), ids.new("gc"), *ids.new_many("gc", 3)]
    assert made == sorted(made)
    assert len(set(made)) == len(made)
    assert all(ids.looks_like(one, "gc") for one in made)


def test_a_clock_that_goes_back_does_not_turn_the_order():
    first = ids.new("txn")
    with clock.moved(timedelta(days=-1)):
        assert ids.new("txn") > first
        assert ids.new_many("txn", 2)[0] > first


def test_an_id_of_another_kind_or_shape_is_told():
    assert not ids.looks_like(ids.new("gc"), "txn")
    assert not ids.looks_like("gc_" + "u" * 26, "gc")
    assert not ids.looks_like("gc_123", "gc")
