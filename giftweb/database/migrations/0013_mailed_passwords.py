"""Passwords are chosen by mailed links: nobody else ever knows one.

One that was made for somebody and not changed yet opens nothing any more: Root has another link
mailed to them.
"""

from peewee import SqliteDatabase

LINKS = (
    'CREATE TABLE "staff_link" ("id" {text} NOT NULL PRIMARY KEY, "staff_id" {text} NOT NULL,'
    ' "purpose" {text} NOT NULL, "created_at" {instant} NOT NULL, "expires_at" {instant} NOT NULL,'
    ' "used_at" {instant},'
    ' FOREIGN KEY ("staff_id") REFERENCES "staff" ("id") ON DELETE RESTRICT,'
    " CONSTRAINT staff_link_purpose_known CHECK (purpose = 'invitation' OR purpose = 'reset'))"
)


def up(migrator, db):
    db.execute_sql("UPDATE staff SET password_hash = '' WHERE password_is_temporary")
    db.execute_sql("ALTER TABLE staff DROP COLUMN password_is_temporary")
    if isinstance(db, SqliteDatabase):
        db.execute_sql(f"{LINKS.format(text='TEXT', instant='INTEGER')} STRICT")
    else:
        db.execute_sql(LINKS.format(text='TEXT COLLATE "C"', instant="BIGINT"))
    db.execute_sql('CREATE INDEX "staff_link_staff_id" ON "staff_link" ("staff_id")')
