"""Months that are closed, and what of the journal was exported when."""

from peewee import SqliteDatabase

TABLES = (
    'CREATE TABLE "closed_month" ("month" {text} NOT NULL PRIMARY KEY,'
    ' "time_zone" {text} NOT NULL, "starts_at" {big} NOT NULL, "ends_at" {big} NOT NULL,'
    ' "transfers_to" {big} NOT NULL, "sums" {text} NOT NULL, "ages" {text} NOT NULL,'
    ' "closed_at" {big} NOT NULL, "closed_by" {text} NOT NULL, "seal" {blob} NOT NULL,'
    " CONSTRAINT closed_month_has_days CHECK (ends_at > starts_at))",
    'CREATE TABLE "book_export" ("id" {text} NOT NULL PRIMARY KEY, "at" {big} NOT NULL,'
    ' "by" {text} NOT NULL, "form" {text} NOT NULL, "first_on" {text} NOT NULL,'
    ' "last_on" {text} NOT NULL, "entries" INTEGER NOT NULL, "digest" {text} NOT NULL,'
    ' "seal" {blob} NOT NULL)',
)


def up(migrator, db):
    if isinstance(db, SqliteDatabase):
        kinds, end = {"text": "TEXT", "big": "INTEGER", "blob": "BLOB"}, " STRICT"
    else:
        kinds, end = {"text": 'TEXT COLLATE "C"', "big": "BIGINT", "blob": "BYTEA"}, ""
    for table in TABLES:
        db.execute_sql(table.format(**kinds) + end)
