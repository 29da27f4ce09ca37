"""How a transaction ends that the database could not bring to its end."""

from collections.abc import Callable, Iterator

import peewee
import psycopg
import pytest

from giftweb import database, models
from giftweb.domain import audit
from giftweb.errors import Unavailable
from tests.factories import ROOT, make_card

pytestmark = pytest.mark.proves("I31")


def in_a_transaction(sql: str) -> None:
    with database.transaction():
        database.execute(sql)


def in_a_verb(sql: str) -> None:
    database.transactional(database.execute)(sql)


def in_a_snapshot(sql: str) -> None:
    with database.snapshot():
        database.rows(sql)


WAYS = [in_a_transaction, in_a_verb, in_a_snapshot]


@pytest.mark.parametrize("way", [*WAYS, database.rows, database.execute])
@pytest.mark.parametrize("sql", ["SELECT nothing FROM account", "SELECT id FROM FROM account"])
@pytest.mark.engines("sqlite")
def test_what_is_wrong_with_a_statement_is_no_lack_of_a_database(way: Callable, sql):
    with pytest.raises(peewee.OperationalError):
        way(sql)
    assert database.scalar("SELECT 1") == 1


@pytest.mark.engines("sqlite")
def test_what_is_wrong_with_an_update_without_fsync_is_no_lack_of_a_database():
    with pytest.raises(peewee.OperationalError):
        database.update_without_fsync("UPDATE checkout SET nothing = 1 WHERE id = ''")


@pytest.fixture
def locked(engine) -> Iterator[str]:
    """The table of a card that another connection has locked; we do not wait for it long."""
    card = make_card().card
    if engine.name == "sqlite":
        database.execute("PRAGMA busy_timeout = 10")
        other = peewee.sqlite3.connect(database.db.obj.database, isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
    else:
        database.execute("SET lock_timeout = '10ms'")
        other = psycopg.connect(engine.url)
        other.execute("SELECT 1 FROM gift_card FOR UPDATE")
    yield f"UPDATE gift_card SET tags = tags WHERE id = '{card.id}'"
    other.rollback()
    other.close()
    database.close()


@pytest.mark.parametrize("way", [in_a_transaction, in_a_verb])
def test_waiting_too_long_for_a_lock_is_one_everywhere(way: Callable, locked):
    with pytest.raises(Unavailable) as refused:
        way(locked)
    assert isinstance(refused.value.__cause__, peewee.OperationalError | Unavailable)


LOST_RACE = "DO $$ BEGIN RAISE EXCEPTION 'lost' USING ERRCODE = '40001'; END $$"


@pytest.mark.engines("postgresql")
def test_a_lost_race_is_tried_again_by_a_verb_and_says_so_to_anybody_else():
    tries = []

    @database.transactional
    def verb() -> None:
        tries.append(len(tries))
        audit.record(by=ROOT, action="test", subject="test")
        if len(tries) < 3:
            database.execute(LOST_RACE)

    verb()
    assert tries == [0, 1, 2]
    assert models.AuditEntry.select().count() == 1
    with pytest.raises(Unavailable):
        in_a_transaction(LOST_RACE)
    with pytest.raises(Unavailable):
        in_a_verb(LOST_RACE)


@pytest.mark.engines("sqlite")
@pytest.mark.parametrize("way", [in_a_transaction, in_a_verb])
def test_a_full_disk_that_ends_the_transaction_is_not_a_fault_of_the_program(way: Callable):
    database.rows(f"PRAGMA max_page_count = {database.scalar('PRAGMA page_count')}")
    try:
        with pytest.raises(Unavailable):
            way(
                "INSERT INTO setting (name, value)"
                " VALUES ('long', json_quote(hex(zeroblob(4000000))))"
            )
    finally:
        database.close()
