"""When the audit ran, what it checked and what it found."""

from peewee import SqliteDatabase


def up(migrator, db):
    is_sqlite = isinstance(db, SqliteDatabase)
    text, big = ("TEXT", "INTEGER") if is_sqlite else ('TEXT COLLATE "C"', "BIGINT")
    db.execute_sql(
        f'CREATE TABLE "audit_run" ("id" {text} NOT NULL PRIMARY KEY, "at" {big} NOT NULL,'
        f' "kind" {text} NOT NULL, "milliseconds" INTEGER NOT NULL,'
        f' "transfers_to" {big} NOT NULL, "checks" {text} NOT NULL, "breaches" {text} NOT NULL,'
        f" \"head\" {text}, CONSTRAINT audit_run_kind_known CHECK (kind = 'full' OR kind = 'new'))"
        + (" STRICT" if is_sqlite else "")
    )
