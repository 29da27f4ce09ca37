"""Entries of the audit log are sealed over the one before in their chain; older ones are alone."""

from peewee import SqliteDatabase


def up(migrator, db):
    text = "TEXT" if isinstance(db, SqliteDatabase) else 'TEXT COLLATE "C"'
    for column, kind in (("chain", text), ("link", "INTEGER")):
        db.execute_sql(f'ALTER TABLE audit_entry ADD COLUMN "{column}" {kind}')
