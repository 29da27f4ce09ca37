"""Chains of the audit log: an entry that was taken out is missed at once, wherever it stood."""

import threading
from functools import partial

import pytest

from giftweb import database, keys
from giftweb.domain import audit, cards
from giftweb.domain.audit import chains
from tests.domain.audit.test_anchors import named
from tests.factories import AGENT, ROOT, amount_of, make_card, make_staff
from tests.races import at_once
from tests.tampering import as_owner

pytestmark = pytest.mark.proves("E37", "X18")


@pytest.fixture(autouse=True)
def beside_the_keys(monkeypatch, tmp_path):
    """A folder for the keys that is this test's alone."""
    monkeypatch.setattr(keys, "_followed", tmp_path / "keys.json")
    monkeypatch.setattr(keys, "_next_check", float("inf"))
    chains.forget()
    yield tmp_path
    chains.forget()


def log_of(action: str, card_id: str) -> str:
    """The id of the newest entry with this action about a card."""
    return database.scalar(
        "SELECT id FROM audit_entry WHERE action = ? AND subject = ? ORDER BY number DESC LIMIT 1",
        action,
        card_id,
    )


def reveal() -> str:
    """A code is shown, of which no other row knows; the id of its entry."""
    card_id = make_card("50.00 USD").card.id
    cards.holder.reveal(card_id, reason="lost mail", by=ROOT)
    return log_of("gift_card.code_shown", card_id)


def work() -> None:
    card_id = make_card("20.00 USD").card.id
    cards.top_up(card_id, amount=amount_of("5.00 USD"), by=AGENT)


def test_an_entry_that_nothing_names_is_missed_within_the_hour():
    entry = reveal()
    work()
    with as_owner():
        database.execute("DELETE FROM audit_entry WHERE id = ?", entry)
        assert [check for check, _ in named()] == ["I30 chains"]


def test_the_last_entry_of_all_is_missed_too():
    work()
    entry = reveal()
    with as_owner():
        assert named() == set()
        database.execute("DELETE FROM audit_entry WHERE id = ?", entry)
        (chain,) = chains.kept()
        assert named() == {("I30 chains", chain)}


def test_a_whole_chain_is_missed():
    made = at_once(reveal)
    work()
    with as_owner():
        chain = database.scalar("SELECT chain FROM audit_entry WHERE id = ?", *made)
        assert database.execute("DELETE FROM audit_entry WHERE chain = ?", chain) > 1
        assert ("I30 chains", chain) in named()


def test_an_entry_that_was_moved_to_the_end_of_another_chain_does_not_fit():
    (entry,) = at_once(reveal)
    work()
    with as_owner():
        chain = database.scalar("SELECT chain FROM audit_entry WHERE id = ?", entry)
        own = database.scalar("SELECT chain FROM audit_entry WHERE chain <> ? LIMIT 1", chain)
        links = database.scalar("SELECT MAX(link) FROM audit_entry WHERE chain = ?", own)
        moved = "UPDATE audit_entry SET chain = ?, link = ? WHERE id = ?"
        database.execute(moved, own, links + 1, entry)
        assert {("I30 audit", entry), ("I30 chains", chain)} <= named()
        database.execute("UPDATE audit_entry SET chain = NULL, link = NULL WHERE id = ?", entry)
        assert {("I30 audit", entry), ("I30 chains", chain)} <= named()


def test_what_was_rolled_back_leaves_no_gap():
    work()
    with pytest.raises(ZeroDivisionError):
        reveal_and_fail()
    work()
    assert named() == set()


@database.transactional
def reveal_and_fail() -> None:
    reveal()
    raise ZeroDivisionError


def test_writers_at_once_do_not_wait_and_each_has_a_chain():
    at_once(*[work] * 4)
    work()
    assert len(chains.kept()) == 5
    assert named() == set()


@pytest.mark.engines("postgresql")
def test_a_writer_whose_transaction_is_open_keeps_no_other_waiting():
    done = threading.Event()
    with database.transaction():
        audit.record(by=ROOT, action="settings.changed", subject="limits")
        database.flush()
        other = threading.Thread(target=lambda: (work(), database.close(), done.set()))
        other.start()
        assert done.wait(5)
    other.join()
    assert named() == set()


def test_a_connection_of_its_own_begins_a_chain_of_its_own():
    work()
    database.close()
    work()
    assert len(chains.kept()) == 2
    assert named() == set()


def test_test_money_is_in_no_chain_and_may_go():
    work()
    make_card("20.00 USD", is_test=True)
    work()
    assert database.scalar("SELECT COUNT(*) FROM audit_entry WHERE is_test AND chain IS NULL")
    with as_owner():
        for table in ("transfer", "gift_card", "account", "audit_entry"):
            database.execute(f"DELETE FROM {table} WHERE is_test")
        assert named() == set()


def test_a_link_that_was_not_written_here_is_not_believed(beside_the_keys):
    work()
    (file,) = (beside_the_keys).glob("links-*/*")
    assert file.stat().st_mode & 0o777 == 0o600
    text = file.read_text()
    file.write_text(text.replace(text.split()[0], "900", 1))
    assert named() == set()
    file.write_text("nonsense")
    assert named() == set()


def test_a_folder_that_cannot_be_written_stops_nobody(beside_the_keys, caplog):
    (folder,) = [chains._folder()]
    folder.write_text("a file stands there")
    work()
    assert "cannot be kept" in caplog.text
    folder.unlink()
    assert named() == set()


def test_links_go_when_they_are_counted_and_their_chain_is_idle(beside_the_keys, monkeypatch):
    at_once(work, partial(make_staff, "finance"))
    work()
    assert audit.checkpoints.write()
    chains.forget_counted()
    assert len(chains.kept()) == 3
    monkeypatch.setattr(chains, "IDLE", -chains.IDLE)
    work()
    chains.forget_counted()
    assert len(chains.kept()) == 1, "the chain that has grown since"
    assert named() == set()
