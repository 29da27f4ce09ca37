"""Campaigns have a language, until now English; what is mailed keeps the locale of its reader."""

from peewee import SqliteDatabase

LOCALES = (
    ("gift_card", "holder_locale"),
    ("checkout", "customer_locale"),
    ("orders", "customer_locale"),
    ("order_item", "recipient_locale"),
)


def up(migrator, db):
    text = "TEXT" if isinstance(db, SqliteDatabase) else 'TEXT COLLATE "C"'
    for table, column in LOCALES:
        db.execute_sql(f'ALTER TABLE {table} ADD COLUMN "{column}" {text}')
    db.execute_sql(f"ALTER TABLE campaign ADD COLUMN \"language\" {text} NOT NULL DEFAULT 'en'")
