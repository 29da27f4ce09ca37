"""The schema that the models and guards declare, made at once in an empty database."""

import re
from collections.abc import Iterator

from giftweb import database, models
from giftweb.database import guards


def create() -> None:
    """Make every table, index and guard."""
    with database.transaction():
        if database.is_postgres():
            statements = map(_for_postgres, _in_their_order(_statements()))
        else:
            statements = map(_numbered, _statements())
        for sql in statements:
            database.db.execute_sql(sql)
        guards.install()


def _statements() -> Iterator[str]:
    for table in models.TABLES:
        schema = table._schema
        for context in (schema._create_table(safe=False), *schema._create_indexes(safe=False)):
            sql, params = context.query()
            assert not params, sql
            yield sql


_LATER = re.compile(r", (CONSTRAINT \w+ FOREIGN KEY [^,]*? DEFERRABLE INITIALLY IMMEDIATE)")
"""A foreign key to a table that PostgreSQL does not know before it is made."""


def _in_their_order(statements: Iterator[str]) -> Iterator[str]:
    later = []
    for sql in statements:
        for key in _LATER.findall(sql):
            later.append(f"ALTER TABLE {sql.split()[2]} ADD {key}")
        yield _LATER.sub("", sql)
    yield from later


def _numbered(sql: str) -> str:
    # A number that was given once is never given again.
    number = '"number" INTEGER NOT NULL PRIMARY KEY'
    return sql.replace(number, f"{number} AUTOINCREMENT")


def _for_postgres(sql: str) -> str:
    # Byte order, as on SQLite: the same sorting on both engines, and prefixes use plain indexes.
    bare = sql.removesuffix(", WITHOUT ROWID").removesuffix(" STRICT")
    return bare.replace('" TEXT', '" TEXT COLLATE "C"')
