"""Which commits wait for the disk: all that tell of money, and not a cart's.

Source: docs/decisions/0012-a-cart-does-not-wait-for-the-disk.md, I31.
"""

from collections.abc import Iterator

import pytest
from peewee import IntegrityError

from giftweb import database
from giftweb.database import engines
from giftweb.domain import cards, carts, checkout
from giftweb.domain.audit.log import SYSTEM
from tests.factories import AGENT, amount_of, make_card, make_checkout


def is_durable() -> bool:
    """Whether the transaction that is open would wait for the disk at its end."""
    return database.scalar(f"SELECT {_setting()}") in ("on", "2")


def written_durably(checkout_id: str) -> bool:
    """Whether a statement that is a transaction by itself waits for the disk."""
    sql = f"UPDATE checkout SET reference = {_setting()} WHERE id = ?"
    database.execute(sql, checkout_id)
    return carts.find(checkout_id).reference in ("on", "2")


def _setting() -> str:
    """What the statement that asks for it runs under."""
    if database.is_postgres():
        return "current_setting('synchronous_commit')"
    return "(SELECT CAST(synchronous AS TEXT) FROM pragma_synchronous)"


def setting_of_an_update(checkout_id: str) -> str:
    """The setting that an update without fsync ran under."""
    sql = f"UPDATE checkout SET reference = {_setting()} WHERE id = ?"
    assert database.update_without_fsync(sql, checkout_id)
    return carts.find(checkout_id).reference


@pytest.fixture(autouse=True)
def _synchronous(engine) -> Iterator[None]:
    """The test server does not wait for its disk; a connection may say what it would do."""
    if database.is_postgres():
        database.execute("SET synchronous_commit = on")
    yield
    database.close()


@pytest.mark.proves("I31")
def test_an_update_without_fsync_does_not_wait_and_the_next_one_on_the_same_connection_does():
    opened = make_checkout()
    for _ in range(3):
        assert setting_of_an_update(opened.id) in ("off", "1")
        with database.transaction():
            assert is_durable()
        assert setting_of_an_update(opened.id) in ("off", "1")
        assert setting_of_an_update(opened.id) in ("off", "1")
        assert written_durably(opened.id)


@pytest.mark.proves("I31")
def test_after_an_update_without_fsync_that_failed_the_next_one_is_durable():
    opened = make_checkout()
    with pytest.raises(IntegrityError):
        database.update_without_fsync("UPDATE checkout SET status = 'odd' WHERE id = ?", opened.id)
    assert carts.find(opened.id) == opened
    with database.transaction():
        assert is_durable()


@pytest.mark.proves("I31")
@pytest.mark.engines("sqlite")
def test_each_database_of_a_thread_is_durable_again_after_its_own_update(tmp_path):
    opened, here = make_checkout(), database.db.obj
    there = engines.sqlite(tmp_path / "another.db")
    assert setting_of_an_update(opened.id) == "1"
    database.db.initialize(there)
    try:
        database.execute("CREATE TABLE note (text TEXT)")
        database.execute("INSERT INTO note (text) VALUES ('-')")
        assert database.update_without_fsync(f"UPDATE note SET text = {_setting()} WHERE 1 = 1")
        assert database.scalar("SELECT text FROM note") == "1"
        database.execute(f"UPDATE note SET text = {_setting()}")
        assert database.scalar("SELECT text FROM note") == "2"
    finally:
        database.close()
        database.db.initialize(here)
    assert written_durably(opened.id)


@pytest.mark.proves("I31")
def test_an_update_inside_a_transaction_is_as_durable_as_that():
    opened = make_checkout()
    with database.transaction():
        assert setting_of_an_update(opened.id) in ("on", "2")
        assert is_durable()


def test_an_update_without_fsync_tells_whether_it_touched_a_row():
    opened = make_checkout()
    sql = "UPDATE checkout SET version = 1 WHERE id = ? AND version = 0"
    assert database.update_without_fsync(sql, opened.id)
    assert not database.update_without_fsync(sql, opened.id)
    with database.transaction():
        assert not database.update_without_fsync(sql, opened.id)


@pytest.mark.proves("I31")
def test_only_the_cards_of_a_cart_are_written_without_waiting(monkeypatch):
    issued, opened = make_card("100.00 USD"), make_checkout()
    card_id, ten = issued.card.id, amount_of("10.00 USD")
    handle, found = database.db.obj, list[str]()
    commit, update = handle.commit, handle.update_without_fsync

    def committed() -> None:
        found.append("durable" if is_durable() else "lost")
        commit()

    def noted(sql, params):
        found.append("relaxed")
        return update(sql, params)

    monkeypatch.setattr(handle, "commit", committed)
    monkeypatch.setattr(handle, "update_without_fsync", noted)
    carts.apply(opened.id, code=issued.code)
    carts.limit(opened.id, card_id=card_id, most=ten)
    carts.reallocate(opened.id)
    carts.remove(opened.id, card_id=card_id)
    carts.apply(opened.id, code=issued.code)
    assert found == ["relaxed"] * 5
    found.clear()
    carts.change(opened.id, changes={"shipping_minor": 800})
    checkout.authorise(opened.id, by=SYSTEM)
    checkout.void(opened.id, by=SYSTEM)
    cards.top_up(card_id, amount=ten, by=AGENT)
    assert len(found) >= 4
    assert set(found) == {"durable"}


@pytest.mark.proves("I31")
@pytest.mark.engines("sqlite")
@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE checkout SET reference = '-' RETURNING id",
        "WITH gone AS (SELECT 1) DELETE FROM checkout RETURNING id",
        "  INSERT INTO setting (name, value) VALUES ('a', 'b') RETURNING name",
        "REPLACE INTO setting (name, value) VALUES ('a', 'b') RETURNING name",
    ],
)
def test_a_question_that_writes_is_refused_outside_a_transaction(sql):
    before = make_checkout()
    with pytest.raises(ValueError, match="a write needs a transaction"):
        database.rows(sql)
    assert carts.find(before.id) == before
    assert database.scalar("SELECT COUNT(*) FROM setting WHERE name = 'a'") == 0
    assert database.scalar("SELECT 'UPDATE, DELETE'") == "UPDATE, DELETE"


def test_inside_a_transaction_a_question_may_write():
    opened = make_checkout()
    with database.transaction():
        sql = "UPDATE checkout SET reference = 'R-9' WHERE id = ? RETURNING reference"
        assert database.rows(sql, opened.id) == [("R-9",)]
    assert carts.find(opened.id).reference == "R-9"
