"""The tests' own ground: an empty database each, both engines, and an audit that means it."""

import urllib.request

import pytest

from giftweb import database
from giftweb.database import is_postgres


@pytest.mark.parametrize("turn", [1, 2])
def test_a_test_finds_nothing_of_another(make_card, turn):
    assert database.scalar("SELECT COUNT(*) FROM gift_card") == 0
    make_card("50.00 USD")
    assert database.scalar("SELECT COUNT(*) FROM gift_card") == 1


def test_a_test_runs_on_the_engine_it_says(engine):
    assert is_postgres() is (engine.name == "postgresql")


@pytest.mark.engines("sqlite")
def test_a_test_may_choose_its_engine(engine):
    assert engine.name == "sqlite"


def test_the_application_runs_on_the_tests_database(client, make_card, engine):
    make_card()
    client.get("/healthz")
    assert database.scalar("SELECT COUNT(*) FROM gift_card") == 1


def test_two_processes_serve_the_tests_database(served, make_card):
    make_card()
    with urllib.request.urlopen(f"{served}/static/site.css") as answer:
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
