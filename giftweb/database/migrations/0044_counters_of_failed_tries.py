"""PostgreSQL has the table of failed tries from the start; the first one need not create it."""

from peewee import SqliteDatabase


def up(migrator, db):
    if isinstance(db, SqliteDatabase):
        return
    db.execute_sql(
        """
        CREATE UNLOGGED TABLE IF NOT EXISTS throttle (
            scope TEXT NOT NULL, source TEXT NOT NULL, failures INTEGER NOT NULL,
            last_at BIGINT NOT NULL, PRIMARY KEY (scope, source)
        )
        """
    )
