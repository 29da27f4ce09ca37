"""The same SQL through the bare driver: what a verb sends is written down and sent again.

A verb is run on one copy of a database while its statements are recorded; the bare driver then
sends exactly these, with the same values, to another copy.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from itertools import pairwise
from typing import Any

import psycopg
from peewee import sqlite3

from giftweb import database
from giftweb.database.postgres import for_postgres

Statement = tuple[str, Any, dict[str, Any]]


class _Cursor:
    """A cursor that writes down what it is asked."""

    def __init__(self, cursor: Any, statements: list[Statement]):
        self._cursor = cursor
        self._statements = statements

    def execute(self, sql: str, params: Any = (), **options: Any) -> Any:
        self._statements.append((sql, params or (), options))
        return self._cursor.execute(sql, params or (), **options)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._cursor, name)


@contextmanager
def recording() -> Iterator[list[Statement]]:
    """Collect every statement of this thread, BEGIN and COMMIT included."""
    statements: list[Statement] = []
    handle = database.db.obj
    cursor = handle.cursor
    noted = {"cursor": lambda *args: _Cursor(cursor(*args), statements)}
    if database.is_postgres():
        noted["send"] = _noting_trips(handle.send, statements)
    else:
        noted |= {
            name: _noting(getattr(handle, name), statements)
            for name in ("fetch", "update_without_fsync")
        }
    database.close()
    for name, way in noted.items():
        setattr(handle, name, way)
    try:
        yield statements
    finally:
        for name in noted:
            delattr(handle, name)
        database.close()


def _noting(way: Callable[..., Any], statements: list[Statement]) -> Callable[..., Any]:
    def noted(sql: str, values: Sequence[Any]) -> Any:
        statements.append((sql, values, {}))
        return way(sql, values)

    return noted


def _noting_trips(send: Callable[..., Any], statements: list[Statement]) -> Callable[..., Any]:
    def noted(sent: Sequence[tuple[str, Any]], **options: Any) -> Any:
        statements.extend(_as_sent_alone(sent))
        return send(sent, **options)

    return noted


def _as_sent_alone(sent: Sequence[tuple[str, Any]]) -> list[Statement]:
    """As the bare driver is asked: one by one, but the clock in one trip with BEGIN."""
    found: list[Statement] = [(for_postgres(sql), values, {}) for sql, values in sent]
    if found[0][0].startswith("BEGIN"):
        found[:2] = [(f"{found[0][0]}; {found[1][0]}", (), {"prepare": False})]
    return found


def record(verb: Callable[[int], Any], times: int) -> list[list[Statement]]:
    """What ``verb(0)``, ``verb(1)`` ... sent, one list of statements each."""
    ends = [0]
    with recording() as statements:
        for number in range(times):
            verb(number)
            ends.append(len(statements))
    return [statements[start:end] for start, end in pairwise(ends)]


def connect(url: str) -> Any:
    """The driver alone, with the settings that the program runs with."""
    if url.startswith("sqlite:///"):
        connection = sqlite3.connect(
            url.removeprefix("sqlite:///"),
            timeout=60,
            isolation_level=None,
            check_same_thread=False,
        )
        for pragma in ("journal_mode = wal", "synchronous = full", "foreign_keys = on"):
            connection.execute(f"PRAGMA {pragma}").fetchall()
        connection.execute("PRAGMA cache_size = -8000")
        return connection
    return psycopg.connect(url, autocommit=True)


def replay(connection: Any, statements: list[Statement]) -> None:
    """Send what was recorded and read what comes back."""
    cursor = connection.cursor()
    for sql, params, options in statements:
        cursor.execute(sql, params, **options)
        if cursor.description:
            cursor.fetchall()
