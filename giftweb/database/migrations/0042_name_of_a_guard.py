"""The guard of a new campaign's rate of tax has a name that says so; created with the others."""

from peewee import SqliteDatabase


def up(migrator, db):
    on = "" if isinstance(db, SqliteDatabase) else " ON campaign"
    db.execute_sql(f"DROP TRIGGER IF EXISTS campaign_begins_with_its_tax{on}")
