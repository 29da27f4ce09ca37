"""The language of whoever had a file of gift cards looked through: what is wrong is said in it."""

from peewee import SqliteDatabase


def up(migrator, db):
    text = "TEXT" if isinstance(db, SqliteDatabase) else 'TEXT COLLATE "C"'
    db.execute_sql(f'ALTER TABLE card_import ADD COLUMN "language" {text}')
