"""Many rows at once, inside a transaction: COPY on PostgreSQL, one prepared INSERT on SQLite."""

from collections.abc import Callable, Iterable, Sequence

import peewee

from giftweb import database

Row = tuple[tuple, str, tuple]
"""Some values, the same ``spelled``, and the bytes and numbers that come after them."""

Lot = bytes | list[tuple]
"""Rows in the form in which the engine in use loads them: COPY's text, or tuples."""

NOTHING = "\x00"
"""A NULL, spelled."""

_PART, _END = "\x1f", "\x1e"
_ESCAPED = (("\\", "\\\\"), ("\n", "\\n"), ("\r", "\\r"), (NOTHING, "\\N"), (_END, "\n"))


def spelled(values: Iterable[object]) -> str:
    """A row as one text: what its seal covers, and nearly what COPY reads.

    The same for what is written and for what is read again.
    """
    return _PART.join(
        [
            value if type(value) is str else NOTHING if value is None else _spelled(value)
            for value in values
        ]
    )


def _spelled(value: object) -> str:
    # Booleans come back from SQLite as 0 and 1.
    return str(int(value) if value is True or value is False else value)


def lot(rows: Iterable[Row]) -> Lot:
    """Make rows ready for ``load``. The database is not asked, so another process may do it."""
    if not database.is_postgres():
        return [(*values, *more) for values, _, more in rows]
    text = "".join([text + "".join(map(_further, more)) + _END for _, text, more in rows])
    for mark, written in _ESCAPED:
        text = text.replace(mark, written)
    return text.encode()


def _further(value: bytes | int) -> str:
    return f"{_PART}\\x{value.hex()}" if isinstance(value, bytes) else f"{_PART}{value}"


def load(table: str, columns: Sequence[str], rows: Lot) -> None:
    """Write the rows of a lot; the columns stand as its values do."""
    if isinstance(rows, bytes):
        _copy(table, columns, (rows,), f"(DELIMITER '{_PART}')")
        return
    database.flush()
    insert = f'INSERT INTO "{table}" ({_names(columns)}) VALUES ({database.marks(columns)})'
    with peewee.__exception_wrapper__:
        database.db.obj.connection().executemany(insert, rows)


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
    return _copy(table, columns, chunks)


def _copy(table: str, columns: Sequence[str], chunks: Iterable[bytes], form: str = "") -> int:
    database.flush()
    cursor = database.db.obj.connection().cursor()
    with (
        peewee.__exception_wrapper__,
        cursor.copy(f'COPY "{table}" ({_names(columns)}) FROM STDIN {form}') as copy,
    ):
        for chunk in chunks:
            copy.write(chunk)
    return cursor.rowcount


def _names(columns: Sequence[str]) -> str:
    return ", ".join(f'"{column}"' for column in columns)
