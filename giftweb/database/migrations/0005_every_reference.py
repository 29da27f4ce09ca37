"""Every column that names a row of another table is a foreign key.

SQLite cannot add one to a table: eight tables are made again, with their rows, indexes and
triggers. Foreign keys are off meanwhile (``database.schema``) and checked before the commit.
"""

from peewee import SqliteDatabase

DEFERRABLE = " DEFERRABLE INITIALLY IMMEDIATE"
REFERENCES = {
    "transfer": (("CONSTRAINT transfer_has_its_order", "order_id", "orders", DEFERRABLE),),
    "idempotency_key": (
        ("CONSTRAINT idempotency_key_has_its_card", "card_id", "gift_card", DEFERRABLE),
    ),
    "gift_card": (
        ("CONSTRAINT gift_card_has_its_order", "order_id", "orders", DEFERRABLE),
        ("CONSTRAINT gift_card_has_its_order_item", "order_item_id", "order_item", DEFERRABLE),
    ),
    "hold": (("", "transfer_id", "transfer", ""),),
    "order_item": (("", "transfer_id", "transfer", ""),),
    "payment": (("", "hold_id", "hold", ""), ("", "transfer_id", "transfer", "")),
    "refund": (("", "transfer_id", "transfer", ""),),
    "mail": (("", "card_id", "gift_card", ""), ("", "order_id", "orders", "")),
}
"""Table -> its new foreign keys: name, column, the table whose ``id`` it is, and when checked."""


def up(migrator, db):
    for table, references in REFERENCES.items():
        if isinstance(db, SqliteDatabase):
            _rebuild(db, table, references)
            continue
        for name, column, parent, when in references:
            key = f"FOREIGN KEY ({column}) REFERENCES {parent} (id) ON DELETE RESTRICT{when}"
            db.execute_sql(f"ALTER TABLE {table} ADD {name} {key}")
    if isinstance(db, SqliteDatabase):
        broken = list(db.execute_sql("PRAGMA foreign_key_check"))
        if broken:
            raise ValueError(f"Rows name what does not exist: {broken[:5]}")


def _rebuild(db, table, references):
    query = "SELECT type, sql FROM sqlite_master WHERE tbl_name = ? AND sql IS NOT NULL"
    parts = list(db.execute_sql(query, (table,)))
    (sql,) = [sql for kind, sql in parts if kind == "table"]
    head, end = f'CREATE TABLE "{table}"', ") STRICT"
    if not (sql.startswith(head) and sql.endswith(end)):
        raise ValueError(f"{table} is not as it was: {sql}")
    added = "".join(
        f", {_written(name, column, parent)} ON DELETE RESTRICT{when}"
        for name, column, parent, when in references
    )
    made = sql.removesuffix(end) + added + end
    db.execute_sql(made.replace(head, f'CREATE TABLE "{table}_new"', 1))
    columns = ", ".join(f'"{row[1]}"' for row in db.execute_sql(f"PRAGMA table_info({table})"))
    db.execute_sql(f"INSERT INTO {table}_new ({columns}) SELECT {columns} FROM {table}")
    last = list(db.execute_sql("SELECT seq FROM sqlite_sequence WHERE name = ?", (table,)))
    db.execute_sql(f"DROP TABLE {table}")
    db.execute_sql(f"ALTER TABLE {table}_new RENAME TO {table}")
    for (number,) in last:  # A number that was used once is never used again.
        db.execute_sql("DELETE FROM sqlite_sequence WHERE name = ?", (table,))
        db.execute_sql("INSERT INTO sqlite_sequence (name, seq) VALUES (?, ?)", (table, number))
    for kind, sql in parts:
        if kind != "table":
            db.execute_sql(sql)


def _written(name, column, parent):
    if name:
        return f"{name} FOREIGN KEY ({column}) REFERENCES {parent} (id)"
    return f'FOREIGN KEY ("{column}") REFERENCES "{parent}" ("id")'
