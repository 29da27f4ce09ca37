"""Many rows at once, inside a transaction: COPY on PostgreSQL, one prepared INSERT on SQLite."""

from collections.abc import Iterable, Sequence

import peewee

from giftweb import database


def load(table: str, columns: Sequence[str], rows: Iterable[tuple]) -> None:
    """Write rows whose values stand in the order of ``columns``, in the column's own type."""
    names = ", ".join(f'"{column}"' for column in columns)
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
