"""What was cut off the end of a card or of the audit log is missed by the next checkpoint."""

import threading
from datetime import timedelta

import pytest

from giftweb import clock, database
from giftweb.database import guards
from giftweb.domain import audit, cards
from tests.factories import AGENT, amount_of, make_card
from tests.races import at_once

pytestmark = pytest.mark.proves("I2", "I6", "I30", "B15")


def recharged_card() -> str:
    card_id = make_card("50.00 USD").card.id
    cards.top_up(card_id, amount=amount_of("25.00 USD"), by=AGENT)
    return card_id


AN_HOUR = timedelta(hours=1, minutes=1)


def test_a_checkpoint_is_written_once_an_hour_and_holds():
    recharged_card()
    assert audit.checkpoints.write()
    recharged_card()
    assert not audit.checkpoints.write()
    with clock.moved(AN_HOUR):
        assert audit.checkpoints.write()
        recharged_card()
        assert audit.checks.run() == []
    assert database.scalar("SELECT COUNT(*) FROM ledger_checkpoint") == 2


def test_an_hour_without_anything_new_needs_no_checkpoint():
    recharged_card()
    assert audit.checkpoints.write()
    with clock.moved(AN_HOUR):
        assert not audit.checkpoints.write()


def test_a_clock_that_is_set_back_breaks_nothing():
    recharged_card()
    with clock.moved(timedelta(days=3)):
        recharged_card()
        assert audit.checkpoints.write()
    card_id = recharged_card()
    assert audit.checks.run() == []
    assert audit.checkpoints.write()
    cards.freeze(card_id, by=AGENT)
    assert audit.checks.run() == []


def test_of_two_workers_at_once_one_writes_the_checkpoint():
    for _ in range(5):
        recharged_card()
    written = at_once(*[audit.checkpoints.write] * 4)
    assert sorted(written) == [False, False, False, True]
    assert audit.checks.run() == []


def test_a_movement_under_way_is_left_to_the_next_checkpoint():
    """PostgreSQL waits a moment for whoever writes; on SQLite the one writer is waited for."""
    card_id = recharged_card()
    began, done = threading.Event(), threading.Event()

    def slow_verb() -> None:
        with database.transaction():
            cards.top_up(card_id, amount=amount_of("1.00 USD"), by=AGENT)
            assert database.scalar("SELECT MAX(version) FROM transfer") == 3
            began.set()
            done.wait(0.5)
        database.close()

    thread = threading.Thread(target=slow_verb)
    thread.start()
    began.wait()
    was_written = audit.checkpoints.write()
    done.set()
    thread.join()
    assert was_written is not database.is_postgres()
    with clock.moved(AN_HOUR):
        audit.checkpoints.write()
    assert audit.checks.run() == []


@pytest.mark.engines("postgresql")
def test_a_vacuum_is_not_waited_for_and_nobody_waits_for_a_checkpoint():
    """An autovacuum holds this lock for as long as it takes."""
    recharged_card()
    began, done = threading.Event(), threading.Event()

    def vacuum() -> None:
        with database.transaction():
            tables = "transfer, audit_entry"
            database.execute(f"LOCK TABLE {tables} IN SHARE UPDATE EXCLUSIVE MODE")
            began.set()
            done.wait(5)
        database.close()

    thread = threading.Thread(target=vacuum)
    thread.start()
    began.wait()
    assert audit.checkpoints.write()
    recharged_card()
    done.set()
    thread.join()


@pytest.mark.tampers
def test_test_money_may_be_purged_all_the_same():
    make_card("50.00 USD", is_test=True)
    recharged_card()
    audit.checkpoints.write()
    database.execute("DELETE FROM transfer WHERE is_test")
    recharged_card()
    assert list(audit.checkpoints.breaches()) == []


@pytest.mark.tampers
def test_a_last_transfer_that_was_cut_off_cleanly_is_missed():
    card_id = recharged_card()
    audit.checkpoints.write()
    cut_off_the_last(card_id)
    assert "I2 checkpoints" in {breach.check for breach in audit.checks.run()}


def cut_off_the_last(card_id: str) -> None:
    """As the owner of the database would: the guard off, the account set back with its seal."""
    off = (
        "DROP TRIGGER transfer_is_kept ON transfer"
        if database.is_postgres()
        else "DROP TRIGGER transfer_is_kept"
    )
    database.execute(off)
    database.execute("DELETE FROM transfer WHERE card_id = ? AND version = 2", card_id)
    lowered = (
        "DROP TRIGGER account_moves_with_its_version ON account"
        if database.is_postgres()
        else "DROP TRIGGER account_moves_with_its_version"
    )
    database.execute(lowered)
    database.execute(
        "UPDATE account SET balance_minor = 5000, goodwill_minor = 5000, version = 1,"
        " seal = (SELECT seal FROM transfer WHERE card_id = ?) WHERE id = ?",
        card_id,
        card_id,
    )
    guards.install()


@pytest.mark.tampers
def test_an_audit_entry_that_was_taken_out_is_missed():
    card_id = make_card("50.00 USD").card.id
    cards.freeze(card_id, by=AGENT)
    audit.checkpoints.write()
    off = "DROP TRIGGER audit_entry_is_kept" + (" ON audit_entry" if database.is_postgres() else "")
    database.execute(off)
    database.execute("DELETE FROM audit_entry WHERE action = 'gift_card.frozen'")
    guards.install()
    checks = {breach.check for breach in audit.checks.run()}
    assert "I30 checkpoints" in checks


@pytest.mark.tampers
def test_a_checkpoint_that_was_taken_out_is_missed():
    for hour in range(3):
        recharged_card()
        with clock.moved(hour * AN_HOUR):
            assert audit.checkpoints.write()
    off = "DROP TRIGGER ledger_checkpoint_is_kept"
    database.execute(off + (" ON ledger_checkpoint" if database.is_postgres() else ""))
    database.execute("DELETE FROM ledger_checkpoint WHERE number = 2")
    guards.install()
    found = [breach.text for breach in audit.checks.run() if breach.row == "checkpoint 3"]
    assert "the checkpoint was changed, or one before it is gone" in found
