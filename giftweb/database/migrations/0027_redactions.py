"""Which entries of the log were rewritten without a person, who wanted to be forgotten."""

from peewee import SqliteDatabase

TABLE = (
    'CREATE TABLE "redaction" ("id" {text} NOT NULL PRIMARY KEY, "at" {instant} NOT NULL,'
    ' "digest" {text} NOT NULL, "seal" {bytes} NOT NULL)'
)


def up(migrator, db):
    if isinstance(db, SqliteDatabase):
        db.execute_sql(f"{TABLE.format(text='TEXT', instant='INTEGER', bytes='BLOB')} STRICT")
    else:
        db.execute_sql(TABLE.format(text='TEXT COLLATE "C"', instant="BIGINT", bytes="BYTEA"))
