"""Accounts, passkeys, keys, settings, campaigns, endpoints and mails have seals.

``domain.operations.upgrades`` seals the rows that there are.
"""

from peewee import SqliteDatabase

TABLES = ("staff", "passkey", "api_key", "setting", "campaign", "webhook_endpoint", "mail")


def up(migrator, db):
    kind = "BLOB" if isinstance(db, SqliteDatabase) else "BYTEA"
    for table in TABLES:
        db.execute_sql(f'ALTER TABLE "{table}" ADD COLUMN "seal" {kind}')
