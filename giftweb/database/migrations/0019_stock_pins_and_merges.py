"""A card may wait in stock, have a PIN, tags and a bond to its holder, and be merged into another.

What is new is NULL on the cards that there are: their seals, which do not cover it, still fit.
"""

from peewee import SqliteDatabase

COLUMNS = {
    "bound_to_holder": ("INTEGER", "BOOLEAN"),
    "needs_pin": ("INTEGER", "BOOLEAN"),
    "tags": ("TEXT", 'TEXT COLLATE "C"'),
    "merged_into_id": ("TEXT", 'TEXT COLLATE "C"'),
    "pin_sealed": ("BLOB", "BYTEA"),
}
"""Column -> its type on SQLite and on PostgreSQL."""

ORIGINS = ("staff", "order", "campaign", "purchase", "import", "api", "replacement", "refund")
STATES = ("open", "frozen", "expired", "cancelled", "replaced")
KNOWN = {
    "gift_card_origin_known": ("origin", (*ORIGINS, "stock", "merge")),
    "gift_card_state_known": ("state", (*STATES, "inactive")),
}
"""Constraint -> its column, and the words that are known there now."""
MORE_WORDS = (
    ("origin = 'refund'", "origin = 'refund' OR origin = 'stock' OR origin = 'merge'"),
    ("state = 'replaced'", "state = 'replaced' OR state = 'inactive'"),
)
"""The same as SQLite has them: the last word as it was, and what is there now."""

REFERENCE = "gift_card_has_its_merged_into"
RULES = {
    REFERENCE: (
        "FOREIGN KEY (merged_into_id) REFERENCES gift_card (id)"
        " ON DELETE RESTRICT DEFERRABLE INITIALLY IMMEDIATE"
    ),
    "gift_card_stock_is_worth_nothing": (
        "CHECK (state <> 'inactive' OR (initial_minor = 0 AND holder_email IS NULL))"
    ),
    "gift_card_pin_is_kept": "CHECK ((needs_pin IS NULL) = (pin_sealed IS NULL))",
    "gift_card_merged_is_replaced": "CHECK (merged_into_id IS NULL OR state = 'replaced')",
}
INDEXES = (
    "CREATE INDEX gift_card_tagged ON gift_card (campaign_id, is_test, id) WHERE tags IS NOT NULL",
    "CREATE INDEX gift_card_merged ON gift_card (merged_into_id) WHERE merged_into_id IS NOT NULL",
)


def up(migrator, db):
    if isinstance(db, SqliteDatabase):
        _rebuild(db)
    else:
        _change_postgres(db)
    for statement in INDEXES:
        db.execute_sql(statement)


def _change_postgres(db):
    for name, (_, kind) in COLUMNS.items():
        db.execute_sql(f"ALTER TABLE gift_card ADD {name} {kind}")
    for name, (column, words) in KNOWN.items():
        rule = " OR ".join(f"{column} = '{word}'" for word in words)
        db.execute_sql(f"ALTER TABLE gift_card DROP CONSTRAINT {name}")
        db.execute_sql(f"ALTER TABLE gift_card ADD CONSTRAINT {name} CHECK ({rule})")
    for name, rule in RULES.items():
        db.execute_sql(f"ALTER TABLE gift_card ADD CONSTRAINT {name} {rule}")


def _rebuild(db):
    """A constraint cannot be added there: the table is made again, with its indexes and guards."""
    query = "SELECT type, sql FROM sqlite_master WHERE tbl_name = 'gift_card' AND sql IS NOT NULL"
    parts = list(db.execute_sql(query))
    (sql,) = [sql for kind, sql in parts if kind == "table"]
    head, end = 'CREATE TABLE "gift_card"', ") STRICT"
    if not (sql.startswith(head) and sql.endswith(end)):
        raise ValueError(f"gift_card is not as it was: {sql}")
    # Columns come before the table's constraints.
    first = min(at for mark in ("FOREIGN KEY", "CONSTRAINT") if (at := sql.find(mark)) > 0)
    added = "".join(f'"{name}" {kind}, ' for name, (kind, _) in COLUMNS.items())
    sql = sql[:first] + added + sql[first:]
    for was, now in MORE_WORDS:
        if was not in sql:
            raise ValueError(f"gift_card is not as it was: {sql}")
        sql = sql.replace(was, now, 1)
    rules = "".join(f", CONSTRAINT {name} {rule}" for name, rule in RULES.items())
    sql = sql.removesuffix(end) + rules + end
    kept = ", ".join(f'"{row[1]}"' for row in db.execute_sql("PRAGMA table_info(gift_card)"))
    db.execute_sql(sql.replace(head, 'CREATE TABLE "gift_card_new"', 1))
    db.execute_sql(f"INSERT INTO gift_card_new ({kept}) SELECT {kept} FROM gift_card")
    db.execute_sql("DROP TABLE gift_card")
    db.execute_sql("ALTER TABLE gift_card_new RENAME TO gift_card")
    for kind, sql in parts:
        if kind != "table":
            db.execute_sql(sql)
