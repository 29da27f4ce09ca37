"""When a customer has asked to be forgotten."""

from peewee import SqliteDatabase


def up(migrator, db):
    kind = "INTEGER" if isinstance(db, SqliteDatabase) else "BIGINT"
    db.execute_sql(f'ALTER TABLE customer ADD COLUMN "erasure_asked_at" {kind}')
