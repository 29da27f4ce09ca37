"""The audit of each night: what is new, once a week everything, and what it found is kept."""

from datetime import UTC, datetime, timedelta

import pytest

from giftweb import clock, database
from giftweb.database import guards
from giftweb.domain import audit, cards
from tests.factories import AGENT, amount_of, make_campaign, make_card
from tests.tampering import as_owner

pytestmark = pytest.mark.proves("I4", "I7", "I35", "B15")


def at(text: str):
    """The clock, at this instant in UTC."""
    return clock.moved(datetime.fromisoformat(text).replace(tzinfo=UTC) - clock.now())


@pytest.fixture
def many(monkeypatch):
    """There are too many transfers to look at all of them each night."""
    monkeypatch.setattr(audit.runs, "FEW", 0)


def test_it_runs_once_a_night_after_three_in_the_shop():
    make_campaign(time_zone="Asia/Tokyo")
    make_card()
    with at("2027-01-31T17:59:00"):
        audit.runs.run_if_due()
        assert audit.runs.newest() is None
    with at("2027-01-31T18:01:00"):
        audit.runs.run_if_due()
        audit.runs.run_if_due()
        (run,) = audit.runs.listed()
        assert run.count == 0
        assert [check["name"] for check in run.checks] == audit.checks.names()
    with at("2027-02-01T18:01:00"):
        audit.runs.run_if_due()
        assert len(audit.runs.listed()) == 2


def test_books_without_a_transfer_are_not_audited():
    with at("2027-01-31T12:00:00"):
        audit.runs.run_if_due()
    assert audit.runs.newest() is None


def test_a_full_run_comes_once_a_week_and_others_look_at_what_is_new(many):
    card = make_card("50.00 USD").card
    with at("2027-01-01T12:00:00"):
        audit.runs.run_if_due()
    kinds = ["full"]
    for day in range(2, 10):
        with at(f"2027-01-{day:02}T12:00:00"):
            cards.top_up(card.id, amount=amount_of("1.00 USD"), by=AGENT)
            audit.runs.run_if_due()
            run = audit.runs.newest()
            kinds.append(run.kind)
            assert run.count == 0
            assert run.transfers_to == audit.check_days.last_number()
    assert kinds == ["full", *["new"] * 6, "full", "new"]


@pytest.mark.parametrize(
    ("tampering", "check"),
    [
        ("UPDATE account SET balance_minor = 1, sales_minor = 1", "I4 balances"),
        ("UPDATE transfer SET order_id = NULL, amount_minor = 5100 WHERE version = 1", "I7 seals"),
        ("UPDATE account SET goodwill_minor = 0, sales_minor = 5100", "I35 parts of balances"),
        ("DELETE FROM transfer WHERE version = 1", "I7 seals"),
    ],
)
def test_what_was_changed_on_a_card_that_moved_is_found_that_night(many, tampering, check):
    card = make_card("50.00 USD").card
    audit.runs.run("full")
    cards.top_up(card.id, amount=amount_of("1.00 USD"), by=AGENT)
    with as_owner():
        database.execute(tampering)
        after = audit.runs.newest().transfers_to
        found = {name: row for name, row, _ in audit.check_new.breaches(after)}
        assert check in found


def test_a_card_that_did_not_move_waits_for_the_full_run(many):
    quiet, busy = make_card("50.00 USD").card, make_card("50.00 USD").card
    run = audit.runs.run("full")
    cards.top_up(busy.id, amount=amount_of("1.00 USD"), by=AGENT)
    with as_owner():
        database.execute("UPDATE account SET balance_minor = 1 WHERE id = ?", quiet.id)
        found = list(audit.check_new.breaches(run.transfers_to))
        assert [row for name, row, _ in found if name != "I6 guards"] == []


@pytest.mark.tampers
def test_a_breach_is_kept_with_its_row_and_logged(caplog, many):
    card = make_card("50.00 USD").card
    on = " ON account" if database.is_postgres() else ""
    database.execute(f"DROP TRIGGER account_moves_with_its_version{on}")
    database.execute("UPDATE account SET balance_minor = 9900, goodwill_minor = 9900")
    with clock.moved(timedelta(days=1)):
        there = clock.now().replace(hour=12)
        with clock.moved(there - clock.now()):
            audit.runs.run_if_due()
            run = audit.runs.newest()
    guards.install()
    assert run.count
    assert {"check": "I4 balances", "row": card.id} in [
        {"check": each["check"], "row": each["row"]} for each in run.breaches
    ]
    assert "breaches: see /staff/audit/books" in caplog.text
