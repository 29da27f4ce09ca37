"""The same SQL through the bare driver: what a verb sends is written down and sent again.

A verb is run on one copy of a database while its statements are recorded; the bare driver then
sends exactly these, with the same values, to another copy.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import pairwise
from typing import Any

import psycopg
from peewee import sqlite3

from giftweb import database

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
    plain = handle.cursor
    # A cursor that is kept from before, or for later, must not be one of the other kind.
    database.close()
    handle.cursor = lambda *args: _Cursor(plain(*args), statements)
    try:
        yield statements
    finally:
        del handle.cursor
        database.close()


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
