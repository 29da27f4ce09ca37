"""A campaign says whom the holders of its cards ask."""

from peewee import SqliteDatabase


def up(migrator, db):
    text = "TEXT" if isinstance(db, SqliteDatabase) else 'TEXT COLLATE "C"'
    db.execute_sql(f'ALTER TABLE campaign ADD COLUMN "contact" {text}')
