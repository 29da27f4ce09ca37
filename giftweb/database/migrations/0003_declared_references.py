"""On PostgreSQL seven references were triggers; now they are foreign keys, as on SQLite."""

from peewee import SqliteDatabase

BOOK = "id, currency, is_test"
REFERENCES = (
    ("transfer", "transfer_in_its_book", "card_id, currency, is_test", "account", BOOK),
    ("transfer", "transfer_has_its_entry", "audit_id", "audit_entry", "id"),
    ("transfer", "transfer_has_its_parent", "parent_id", "transfer", "id"),
    ("gift_card", "gift_card_in_its_book", BOOK, "account", BOOK),
    ("gift_card", "gift_card_has_its_campaign", "campaign_id", "campaign", "id"),
    ("gift_card", "gift_card_has_what_it_replaces", "replaces_id", "gift_card", "id"),
    ("hold", "hold_in_its_book", "card_id, currency, is_test", "account", BOOK),
)


def up(migrator, db):
    if isinstance(db, SqliteDatabase):
        return
    db.execute_sql(f"ALTER TABLE account ADD CONSTRAINT account_book UNIQUE ({BOOK})")
    for table, name, columns, parent, keys in REFERENCES:
        db.execute_sql(
            f"ALTER TABLE {table} ADD CONSTRAINT {name} FOREIGN KEY ({columns})"
            f" REFERENCES {parent} ({keys}) ON DELETE RESTRICT"
        )
    named = {f"giftweb_{table}_names_what_exists" for table, *_ in REFERENCES}
    needed = {f"giftweb_{name}_is_needed" for _, name, *_ in REFERENCES}
    for function in sorted(named | needed):
        db.execute_sql(f"DROP FUNCTION IF EXISTS {function}() CASCADE")
