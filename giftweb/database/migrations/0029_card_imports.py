"""Files of gift cards that are uploaded at the desk, and their content in parts."""

from peewee import SqliteDatabase

STATES = (
    *("uploading", "uploaded", "checking", "checked", "refused"),
    *("waiting", "writing", "done", "failed", "discarded"),
)
KNOWN = " OR ".join(f"state = '{word}'" for word in STATES)
TABLES = (
    'CREATE TABLE "card_import" ("id" {text} NOT NULL PRIMARY KEY, "name" {text} NOT NULL,'
    ' "state" {text} NOT NULL, "digest" {text}, "size" INTEGER NOT NULL, "format" {text} NOT NULL,'
    ' "mapping" {text}, "source" {text}, "campaign_id" {text},'
    ' "accepts_guessable" {flag} NOT NULL, "staff_id" {text} NOT NULL,'
    ' "created_at" {instant} NOT NULL, "finished_at" {instant}, "leased_until" {instant},'
    ' "done" INTEGER NOT NULL, "total" INTEGER NOT NULL, "result" {text}, "faults" {text},'
    ' "fault_count" INTEGER NOT NULL,'
    ' FOREIGN KEY ("campaign_id") REFERENCES "campaign" ("id") ON DELETE RESTRICT,'
    ' FOREIGN KEY ("staff_id") REFERENCES "staff" ("id") ON DELETE RESTRICT,'
    " CONSTRAINT card_import_state_known CHECK ({known}))",
    'CREATE TABLE "card_import_part" ("file_id" {text} NOT NULL, "number" INTEGER NOT NULL,'
    ' "content" {bytes} NOT NULL, PRIMARY KEY ("file_id", "number"),'
    ' FOREIGN KEY ("file_id") REFERENCES "card_import" ("id") ON DELETE RESTRICT)',
)


def up(migrator, db):
    is_sqlite = isinstance(db, SqliteDatabase)
    words = {
        "text": "TEXT" if is_sqlite else 'TEXT COLLATE "C"',
        "flag": "INTEGER" if is_sqlite else "BOOLEAN",
        "instant": "INTEGER" if is_sqlite else "BIGINT",
        "bytes": "BLOB" if is_sqlite else "BYTEA",
        "known": KNOWN,
    }
    for table in TABLES:
        db.execute_sql(table.format(**words) + (" STRICT" if is_sqlite else ""))
    db.execute_sql(
        "CREATE INDEX card_import_due ON card_import (created_at)"
        " WHERE state IN ('checking', 'waiting', 'writing')"
    )
