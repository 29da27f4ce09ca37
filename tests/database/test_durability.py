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


def settled_under(checkout_id: str) -> str:
    """The setting that a settled statement was written under."""
    sql = f"UPDATE checkout SET reference = {_setting()} WHERE id = ?"
    assert database.settle(sql, checkout_id)
    return carts.find(checkout_id).reference


@pytest.fixture(autouse=True)
def _synchronous(engine) -> Iterator[None]:
    """The test server does not wait for its disk; a connection may say what it would do."""
    if database.is_postgres():
        database.execute("SET synchronous_commit = on")
    yield
    database.close()


@pytest.mark.proves("I31")
def test_a_settled_statement_does_not_wait_and_the_next_one_on_the_same_connection_does():
    opened = make_checkout()
    for _ in range(3):
        assert settled_under(opened.id) in ("off", "1")
        with database.transaction():
            assert is_durable()
        assert settled_under(opened.id) in ("off", "1")
        assert settled_under(opened.id) in ("off", "1")
        assert written_durably(opened.id)


@pytest.mark.proves("I31")
def test_after_a_settled_statement_that_failed_the_next_one_is_durable():
    opened = make_checkout()
    with pytest.raises(IntegrityError):
        database.settle("UPDATE checkout SET status = 'odd' WHERE id = ?", opened.id)
    assert carts.find(opened.id) == opened
    with database.transaction():
        assert is_durable()


@pytest.mark.proves("I31")
@pytest.mark.engines("sqlite")
def test_each_database_of_a_thread_is_durable_again_after_its_own_settled_statement(tmp_path):
    opened, here = make_checkout(), database.db.obj
    there = engines.sqlite(tmp_path / "another.db")
    assert settled_under(opened.id) == "1"
    database.db.initialize(there)
    try:
        database.execute("CREATE TABLE note (text TEXT)")
        database.execute("INSERT INTO note (text) VALUES ('-')")
        assert database.settle(f"UPDATE note SET text = {_setting()} WHERE 1 = 1")
        assert database.scalar("SELECT text FROM note") == "1"
        database.execute(f"UPDATE note SET text = {_setting()}")
        assert database.scalar("SELECT text FROM note") == "2"
    finally:
        database.close()
        database.db.initialize(here)
    assert written_durably(opened.id)


@pytest.mark.proves("I31")
def test_a_settled_statement_inside_a_transaction_is_as_durable_as_that():
    opened = make_checkout()
    with database.transaction():
        assert settled_under(opened.id) in ("on", "2")
        assert is_durable()


def test_a_settled_statement_tells_whether_it_touched_a_row():
    opened = make_checkout()
    sql = "UPDATE checkout SET version = 1 WHERE id = ? AND version = 0"
    assert database.settle(sql, opened.id)
    assert not database.settle(sql, opened.id)
    with database.transaction():
        assert not database.settle(sql, opened.id)


@pytest.mark.proves("I31")
def test_only_the_cards_of_a_cart_are_written_without_waiting(monkeypatch):
    issued, opened = make_card("100.00 USD"), make_checkout()
    card_id, ten = issued.card.id, amount_of("10.00 USD")
    handle, found = database.db.obj, list[str]()
    commit, settle = handle.commit, handle.settle

    def committed() -> None:
        found.append("durable" if is_durable() else "lost")
        commit()

    def settled(sql, params):
        found.append("relaxed")
        return settle(sql, params)

    monkeypatch.setattr(handle, "commit", committed)
    monkeypatch.setattr(handle, "settle", settled)
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
