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


def test_a_card_is_mailed_to_its_holder(make_card, mailbox):
    issued = make_card("50.00 USD", holder="ann@example.com")
    assert [mail.card_id for mail in mailbox.to("ann@example.com")] == [issued.card.id]


def test_staff_are_signed_in(staff_client):
    assert staff_client("root").person.role == "root"


def test_a_checkout_is_open(make_checkout):
    assert make_checkout().amounts.total_minor == 79_00


def test_a_shop_has_a_key(api):
    assert api().secret.startswith("gwk_live_")
    assert api(is_test=True).secret.startswith("gwk_test_")
