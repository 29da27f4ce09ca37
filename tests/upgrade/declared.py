"""The schema that the models and guards declare, made at once in an empty database."""

from collections.abc import Iterator

from giftweb import database, models
from giftweb.database import guards


def create() -> None:
    """Make every table, index and guard."""
    with database.transaction():
        for sql in _statements():
            database.db.execute_sql(
                _for_postgres(sql) if database.is_postgres() else _numbered(sql)
            )
        guards.install()


def _statements() -> Iterator[str]:
    for table in models.TABLES:
        schema = table._schema
        for context in (schema._create_table(safe=False), *schema._create_indexes(safe=False)):
            sql, params = context.query()
            assert not params, sql
            yield sql


def _numbered(sql: str) -> str:
    # A number that was given once is never given again.
    number = '"number" INTEGER NOT NULL PRIMARY KEY'
    return sql.replace(number, f"{number} AUTOINCREMENT")


def _for_postgres(sql: str) -> str:
    # Byte order, as on SQLite: the same sorting on both engines, and prefixes use plain indexes.
    bare = sql.removesuffix(", WITHOUT ROWID").removesuffix(" STRICT")
    return bare.replace('" TEXT', '" TEXT COLLATE "C"')
