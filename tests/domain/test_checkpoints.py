"""What was cut off the end of a card or of the audit log is missed by the next checkpoint."""

from datetime import timedelta

import pytest

from giftweb import clock, database, guards
from giftweb.domain import audit_checks, cards, checkpoints
from tests.factories import AGENT, amount_of, make_card

pytestmark = pytest.mark.proves("I2", "I6", "I30", "B15")


def recharged_card() -> str:
    card_id = make_card("50.00 USD").card.id
    cards.top_up(card_id, amount=amount_of("25.00 USD"), by=AGENT)
    return card_id


def later(hours: int = 1) -> timedelta:
    return timedelta(hours=hours, minutes=11)


def test_a_checkpoint_is_written_once_an_hour_and_holds():
    recharged_card()
    with clock.moved(later()):
        assert checkpoints.write()
        assert not checkpoints.write()
    with clock.moved(later(3)):
        recharged_card()
        assert checkpoints.write()
        assert audit_checks.run() == []


def test_test_money_may_be_purged_all_the_same():
    make_card("50.00 USD", is_test=True)
    with clock.moved(later()):
        checkpoints.write()
        assert list(checkpoints.breaches()) == []


@pytest.mark.tampers
def test_a_last_transfer_that_was_cut_off_cleanly_is_missed():
    card_id = recharged_card()
    with clock.moved(later()):
        checkpoints.write()
    cut_off_the_last(card_id)
    assert "I2 checkpoints" in {breach.check for breach in audit_checks.run()}


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
        "UPDATE account SET balance_minor = 5000, version = 1,"
        " seal = (SELECT seal FROM transfer WHERE card_id = ?) WHERE id = ?",
        card_id,
        card_id,
    )
    guards.install()


@pytest.mark.tampers
def test_an_audit_entry_that_was_taken_out_is_missed():
    card_id = make_card("50.00 USD").card.id
    cards.freeze(card_id, by=AGENT)
    with clock.moved(later()):
        checkpoints.write()
    off = "DROP TRIGGER audit_entry_is_kept" + (" ON audit_entry" if database.is_postgres() else "")
    database.execute(off)
    database.execute("DELETE FROM audit_entry WHERE action = 'gift_card.frozen'")
    guards.install()
    checks = {breach.check for breach in audit_checks.run()}
    assert "I30 checkpoints" in checks
