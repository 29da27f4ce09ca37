"""Many rows at once, inside a transaction: COPY on PostgreSQL, some rows a statement on SQLite."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import chain, islice
from typing import Any

import peewee

from giftweb import database

_ROWS_A_STATEMENT = 50
"""On SQLite. Before a statement changes a page it keeps a copy, in case that a row is refused: one
for all of its rows. More rows save nothing more."""


def insert(table: str, rows: Iterable[Mapping[str, Any]]) -> None:
    """Write rows, as ``database.insert`` does a single one; they all name the same columns.

    They are built while the server writes the ones before: building them may run no query.
    """
    waiting = iter(rows)
    first = next(waiting, None)
    if first is None:
        return
    insert_values(table, tuple(first), (tuple(row.values()) for row in chain((first,), waiting)))


def insert_values(table: str, columns: Sequence[str], values: Iterable[tuple]) -> None:
    """The same of rows that are the values of these columns."""
    database.flush()
    connection = database.db.obj.connection()
    with peewee.__exception_wrapper__:
        if not database.is_postgres():
            waiting = iter(values)
            while some := list(islice(waiting, _ROWS_A_STATEMENT)):
                statement = database.insert_sql(table, tuple(columns), rows=len(some))
                connection.execute(statement, list(chain.from_iterable(some)))
            return
        with connection.cursor().copy(f"COPY {_target(table, columns)} FROM STDIN") as copy:
            for row in values:
                copy.write_row(row)


def unload(table: str, columns: Sequence[str], write: Callable[[bytes], object]) -> int:
    """PostgreSQL: give all of a table to ``write``, in COPY's text form; how many rows."""
    database.flush()
    cursor = database.db.obj.connection().cursor()
    with (
        peewee.__exception_wrapper__,
        cursor.copy(f"COPY {_target(table, columns)} TO STDOUT") as copy,
    ):
        for chunk in copy:
            write(bytes(chunk))
    return cursor.rowcount


def load(table: str, columns: Sequence[str], chunks: Iterable[bytes]) -> int:
    """PostgreSQL: write what ``unload`` gave; how many rows."""
    database.flush()
    cursor = database.db.obj.connection().cursor()
    with (
        peewee.__exception_wrapper__,
        cursor.copy(f"COPY {_target(table, columns)} FROM STDIN") as copy,
    ):
        for chunk in chunks:
            copy.write(chunk)
    return cursor.rowcount


def _target(table: str, columns: Sequence[str]) -> str:
    names = ", ".join(f'"{column}"' for column in columns)
    return f'"{table}" ({names})'
