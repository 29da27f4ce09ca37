"""A copy of the database while it runs, and the way back."""

import threading
import zipfile

import psycopg
import pytest

from giftweb import database, keys, models, money
from giftweb.database import guards
from giftweb.domain import cards, operations
from giftweb.errors import Invalid
from tests.factories import AGENT, goods, make_card, make_checkout
from tests.orders import gift_card_item, place


@pytest.fixture
def alone(engine):
    """The database without the connection that empties it between tests."""
    if engine.name == "sqlite":
        yield
        return
    engine._owner.close()
    yield
    database.close()
    engine._owner = psycopg.connect(engine.url, autocommit=True)


def contents() -> dict[str, list[tuple]]:
    return {
        table._meta.table_name: sorted(map(repr, table.select().tuples()))
        for table in models.TABLES
    }


@pytest.mark.proves("I31")
def test_a_restore_brings_back_every_row_as_it_was(alone, tmp_path):
    issued = make_card(holder_name="Zoë \t\n\\ 'quoted'", note=None, message="")
    make_checkout()
    place(goods("20.00 USD"), gift_card_item("30.00 USD"), cards=[make_card("10.00 USD")])
    before = contents()
    operations.backups.backup(tmp_path / "one.backup")
    make_card()
    cards.freeze(issued.card.id, by=AGENT)
    restored = operations.backups.restore(tmp_path / "one.backup")
    assert contents() == before
    assert restored.breaches == ()
    assert cards.find_by_code(issued.code).status == "active"
    assert guards.missing() == []
    make_checkout()
    make_card()


@pytest.mark.proves("I31")
def test_what_a_restore_replaces_is_kept_beside_it(alone, tmp_path):
    operations.backups.backup(tmp_path / "one.backup")
    issued = make_card()
    replaced = operations.backups.restore(tmp_path / "one.backup").replaced
    assert list(cards.select()) == []
    operations.backups.restore(replaced)
    assert cards.find_by_code(issued.code).id == issued.card.id


@pytest.mark.engines("postgresql")
def test_who_is_just_leaving_does_not_keep_a_restore_from_beginning(engine, alone, tmp_path):
    operations.backups.backup(tmp_path / "x.backup")
    leaving = threading.Timer(0.3, psycopg.connect(engine.url).close)
    leaving.start()
    assert operations.backups.restore(tmp_path / "x.backup").breaches == ()
    leaving.join()


@pytest.mark.proves("I31")
def test_a_backup_under_load_holds_one_moment(alone, tmp_path):
    card_id, stop = make_card().card.id, threading.Event()

    def recharge() -> None:
        while not stop.is_set():
            cards.top_up(card_id, amount=money.parse("1.00", "USD"), by=AGENT)
        database.close()

    other = threading.Thread(target=recharge)
    other.start()
    try:
        for number in range(3):
            operations.backups.backup(tmp_path / f"{number}.backup")
    finally:
        stop.set()
        other.join()
    for number in range(3):
        assert operations.backups.restore(tmp_path / f"{number}.backup").breaches == ()


def test_a_database_in_use_is_left_alone(engine, tmp_path):
    operations.backups.backup(tmp_path / "one.backup")
    entered, leave = threading.Event(), threading.Event()

    def read() -> None:
        database.scalar("SELECT COUNT(*) FROM account")
        entered.set()
        leave.wait(10)
        database.close()

    other = threading.Thread(target=read)
    other.start()
    entered.wait(10)
    make_card()
    with pytest.raises(operations.backups.DatabaseInUse):
        operations.backups.restore(tmp_path / "one.backup")
    leave.set()
    other.join()
    assert len(cards.select()) == 1


@pytest.mark.proves("I28")
def test_a_backup_under_other_keys_is_refused(alone, tmp_path, monkeypatch):
    operations.backups.backup(tmp_path / "one.backup")
    other = keys.create(tmp_path / "other.json")
    with monkeypatch.context() as patched:
        patched.setattr(keys, "ring", lambda: other)
        with pytest.raises(operations.backups.KeysMissing):
            operations.backups.restore(tmp_path / "one.backup")


@pytest.mark.parametrize(
    "content", [b"", b"PK\x03\x04 no archive", b"SQLite format 3\x00 no database", b"text" * 99]
)
def test_what_is_no_backup_is_refused(alone, tmp_path, content):
    path = tmp_path / "strange"
    path.write_bytes(content)
    with pytest.raises(Invalid):
        operations.backups.restore(path)


@pytest.mark.engines("postgresql")
def test_a_damaged_archive_is_refused_and_changes_nothing(alone, tmp_path):
    issued = make_card()
    operations.backups.backup(tmp_path / "whole")
    with (
        zipfile.ZipFile(tmp_path / "whole") as whole,
        zipfile.ZipFile(tmp_path / "cut", "w") as cut,
    ):
        for name in whole.namelist():
            cut.writestr(name, b"" if name == "gift_card.copy" else whole.read(name))
    with pytest.raises(Invalid, match="gift_card has 0 rows"):
        operations.backups.restore(tmp_path / "cut")
    assert cards.find_by_code(issued.code)


def test_a_backup_is_the_owners_alone_and_overwrites_nothing(tmp_path):
    path = tmp_path / "one.backup"
    operations.backups.backup(path)
    assert path.stat().st_mode & 0o777 == 0o600
    with pytest.raises(Invalid, match="there already"):
        operations.backups.backup(path)
    assert [found.name for found in tmp_path.iterdir() if "part" in found.name] == []


@pytest.mark.tampers
@pytest.mark.proves("I7", "I31")
def test_a_restore_tells_what_the_audit_finds(alone, app, engine, tmp_path):
    card_id = make_card().card.id
    database.execute(
        "DROP TRIGGER gift_card_identity_is_fixed"
        + (" ON gift_card" if database.is_postgres() else "")
    )
    database.execute("UPDATE gift_card SET last4 = 'XXXX' WHERE id = ?", card_id)
    operations.backups.backup(tmp_path / "one.backup")
    ran = app.test_cli_runner().invoke(args=["restore", str(tmp_path / "one.backup")])
    assert ran.exit_code == 1
    assert f"I28 codes: {card_id}" in ran.stdout


def test_the_commands_write_and_restore(alone, app, tmp_path):
    issued = make_card()
    path = str(tmp_path / "one.backup")
    run = app.test_cli_runner().invoke
    assert run(args=["backup", path]).exit_code == 0
    ran = run(args=["restore", path])
    assert (ran.exit_code, ran.stdout.splitlines()[-1]) == (
        0,
        f"Restored {path}. The audit is clean.",
    )
    assert cards.find_by_code(issued.code)
