"""A checkout keeps the provider's id of the card that its shopper names."""

from peewee import SqliteDatabase


def up(migrator, db):
    kind = "TEXT" if isinstance(db, SqliteDatabase) else 'TEXT COLLATE "C"'
    db.execute_sql(f'ALTER TABLE checkout ADD COLUMN "setup" {kind}')
