"""Many rows at once, inside a transaction: COPY on PostgreSQL, one prepared INSERT on SQLite."""

from collections.abc import Callable, Iterable, Sequence

import peewee

from giftweb import database


def load(table: str, columns: Sequence[str], rows: Iterable[tuple]) -> None:
    """Write rows whose values stand in the order of ``columns``, in the column's own type."""
    names = _names(columns)
    database.flush()
    connection = database.db.obj.connection()
    with peewee.__exception_wrapper__:
        if database.is_postgres():
            with connection.cursor().copy(f'COPY "{table}" ({names}) FROM STDIN') as copy:
                for row in rows:
                    copy.write_row(row)
        else:
            marks = database.marks(columns)
            connection.executemany(f'INSERT INTO "{table}" ({names}) VALUES ({marks})', rows)


def unload(table: str, columns: Sequence[str], write: Callable[[bytes], object]) -> int:
    """PostgreSQL: give all of a table to ``write``, in COPY's text form; how many rows."""
    database.flush()
    cursor = database.db.obj.connection().cursor()
    with (
        peewee.__exception_wrapper__,
        cursor.copy(f'COPY "{table}" ({_names(columns)}) TO STDOUT') as copy,
    ):
        for chunk in copy:
            write(bytes(chunk))
    return cursor.rowcount


def load_text(table: str, columns: Sequence[str], chunks: Iterable[bytes]) -> int:
    """PostgreSQL: write rows that are in COPY's text form; how many."""
    database.flush()
    cursor = database.db.obj.connection().cursor()
    with (
        peewee.__exception_wrapper__,
        cursor.copy(f'COPY "{table}" ({_names(columns)}) FROM STDIN') as copy,
    ):
        for chunk in chunks:
            copy.write(chunk)
    return cursor.rowcount


def _names(columns: Sequence[str]) -> str:
    return ", ".join(f'"{column}"' for column in columns)
