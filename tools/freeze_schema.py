"""Write the statements that create the models' schema, one file an engine: ``make schema``.

A released step is never written again; a change of the models after it is a step of its own.
"""

from pathlib import Path

from giftweb import database, engines, models
from giftweb.domain.search_terms import last_name
from giftweb.references import BOOK_KEY, REFERENCES

FIRST_ORDER_NUMBER = 10001
STEP = Path(__file__).parent.parent / "giftweb" / "migrations" / "0001_initial"


def statements() -> list[str]:
    """The CREATE statements of every table and index for the engine in use."""
    found = []
    for table in models.TABLES:
        schema = table._schema
        for context in (schema._create_table(safe=False), *schema._create_indexes(safe=False)):
            sql, params = context.query()
            if params:
                raise ValueError(f"{sql} needs parameters")
            found.append(sql)
    found += [
        f"CREATE INDEX {name} ON {table} ({column})" for name, (table, column) in PREFIXES.items()
    ]
    if database.is_postgres():
        return [_for_postgres(sql) for sql in found] + [
            f"ALTER SEQUENCE orders_number_seq RESTART WITH {FIRST_ORDER_NUMBER}"
        ]
    return [_for_sqlite(sql) for sql in found] + [
        f"INSERT INTO sqlite_sequence (name, seq) VALUES ('orders', {FIRST_ORDER_NUMBER - 1})"
    ]


def _for_sqlite(sql: str) -> str:
    # A number that was given once is never given again.
    number = '"number" INTEGER NOT NULL PRIMARY KEY'
    return sql.replace(number, f"{number} AUTOINCREMENT")


def _for_postgres(sql: str) -> str:
    # Byte order, as on SQLite: the same sorting on both engines, and prefixes use plain indexes.
    bare = sql.removesuffix(", WITHOUT ROWID").removesuffix(" STRICT")
    for key in (BOOK_KEY, *(each.key for each in REFERENCES)):
        bare = bare.replace(f", {key}", "")
    return bare.replace('" TEXT', '" TEXT COLLATE "C"')


PREFIXES = {
    "gift_card_holder_name": ("gift_card", "lower(holder_name)"),
    "gift_card_holder_last_name": ("gift_card", last_name("holder_name")),
    "customer_name": ("customer", "lower(name)"),
    "customer_last_name": ("customer", last_name("name")),
    "orders_customer_name": ("orders", "lower(customer_name)"),
    "orders_customer_last_name": ("orders", last_name("customer_name")),
}


def main() -> None:
    """Write both files."""
    for engine, handle in (
        ("sqlite", engines.Sqlite(":memory:")),
        ("postgresql", engines.Postgres("postgresql:///", prefer_psycopg3=True)),
    ):
        database.db.initialize(handle)
        STEP.with_suffix(f".{engine}.sql").write_text(";\n".join(statements()) + ";\n")


if __name__ == "__main__":
    main()
