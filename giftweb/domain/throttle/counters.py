"""Where failures are counted: apart from the ledger, so that guessing does not queue up with the
writers of money. A SQLite file of their own, an UNLOGGED table on PostgreSQL. All processes share
the counters; they may be lost at any time.
"""

import threading
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

import peewee
from peewee import sqlite3

from giftweb import database
from giftweb.database import timeouts
from giftweb.errors import SchemaChanged, Unavailable


class Count(NamedTuple):
    """How often a source has failed, and when the last time, in microseconds."""

    failures: int
    last_at: int


# Hot: each code that is not right reads its counters: 0.02 ms of processor time on SQLite and
# 0.08 ms on PostgreSQL, where the look-up itself takes 0.04 and 0.10 ms. A query of peewee's
# takes 0.3 ms. On SQLite the counters are a database of their own, which the models do not know.

_COLUMNS = """
    scope TEXT NOT NULL, source TEXT NOT NULL, failures INTEGER NOT NULL, last_at BIGINT NOT NULL,
    PRIMARY KEY (scope, source)
"""
_READ = "SELECT source, failures, last_at FROM throttle WHERE scope = ? AND source IN ({})"
_INSERT = """
    INSERT INTO throttle (scope, source, failures, last_at) VALUES (?, ?, ?, ?)
    ON CONFLICT (scope, source) DO NOTHING RETURNING source
"""
_UPDATE = """
    UPDATE throttle SET failures = ?, last_at = ?
    WHERE scope = ? AND source = ? AND failures = ? AND last_at = ? RETURNING source
"""
_ADD = """
    INSERT INTO throttle (scope, source, failures, last_at) VALUES (?, ?, 1, ?)
    ON CONFLICT (scope, source) DO UPDATE SET last_at = excluded.last_at,
    failures = CASE WHEN throttle.last_at < ? THEN 1
        WHEN throttle.failures < (excluded.last_at - throttle.last_at) / ? THEN 1
        ELSE throttle.failures + 1 - (excluded.last_at - throttle.last_at) / ? END
    RETURNING failures
"""
_SUBTRACT = """
    UPDATE throttle SET failures = failures - 1
    WHERE scope = ? AND source = ? AND failures > 0 RETURNING source
"""
_CLEAN = "DELETE FROM throttle WHERE scope = ? AND last_at < ? RETURNING source"


def read(scope: str, sources: Iterable[str]) -> dict[str, Count]:
    """The counts of those sources that have one.

    Raises: Unavailable, as everything here.
    """
    names = tuple(sources)
    found = _rows(_READ.format(database.placeholders(names)), scope, *names)
    return {source: Count(failures, last_at) for source, failures, last_at in found}


def swap(scope: str, source: str, before: Count | None, after: Count) -> bool:
    """Store ``after`` if the count is still ``before``; whether it was."""
    if before is None:
        return bool(_rows(_INSERT, scope, source, *after))
    return bool(_rows(_UPDATE, *after, scope, source, *before))


def add(scope: str, source: str, now: int, *, forgotten: int, forgives_after: int) -> int:
    """Add one failure, less what is forgiven; the new number."""
    values = (scope, source, now, forgotten, forgives_after, forgives_after)
    return int(_rows(_ADD, *values)[0][0])


def subtract(scope: str, source: str) -> None:
    """Take one failure back."""
    _rows(_SUBTRACT, scope, source)


def clean(scope: str, before: int) -> None:
    """Forget what was last counted before that instant."""
    _rows(_CLEAN, scope, before)


def _rows(sql: str, *params: str | int) -> list[tuple]:
    try:
        if database.is_postgres():
            return _rows_on_postgres(sql, *params)
        return _connection().execute(sql, params).fetchall()
    except (peewee.OperationalError, sqlite3.OperationalError) as problem:
        raise Unavailable from problem


def _rows_on_postgres(sql: str, *params: str | int) -> list[tuple]:
    try:
        return database.rows(sql, *params)
    except SchemaChanged:
        _create_table()
        return database.rows(sql, *params)


def _create_table() -> None:
    try:
        database.execute(f"CREATE UNLOGGED TABLE IF NOT EXISTS throttle ({_COLUMNS})")
    except (peewee.IntegrityError, peewee.ProgrammingError, SchemaChanged):
        # Another process was making it at the same moment; if not, the next query says why.
        return


class _Local(threading.local):
    """The counters as one thread has them open, beside which ledger."""

    ledger: object = None
    connection: sqlite3.Connection


_local = _Local()


def _connection() -> sqlite3.Connection:
    ledger = database.db.obj
    if _local.ledger is not ledger:
        path = Path(ledger.database).with_name("throttle.db")
        connection = sqlite3.connect(path, isolation_level=None, timeout=timeouts.LOCK_SECONDS)
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = OFF")
        connection.execute(f"CREATE TABLE IF NOT EXISTS throttle ({_COLUMNS})")
        _local.connection, _local.ledger = connection, ledger
    return _local.connection
