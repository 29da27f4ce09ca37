"""Sums of the transfers by day. The worker counts those that are there."""

from peewee import SqliteDatabase

KEY = (
    *("time_zone", "day", "currency", "campaign_id"),
    *("acceptor_id", "source", "kind", "cohort"),
)


def up(migrator, db):
    is_sqlite = isinstance(db, SqliteDatabase)
    text, big = ("TEXT", "INTEGER") if is_sqlite else ('TEXT COLLATE "C"', "BIGINT")
    columns = ", ".join(f'"{name}" {text} NOT NULL' for name in KEY)
    key = ", ".join(f'"{name}"' for name in KEY)
    db.execute_sql(
        f'CREATE TABLE "daily_sum" ({columns}, "amount_minor" {big} NOT NULL,'
        f' "cards" INTEGER NOT NULL, PRIMARY KEY ({key}))'
        + (" STRICT, WITHOUT ROWID" if is_sqlite else "")
    )
    db.execute_sql(
        f'CREATE TABLE "daily_sum_end" ("time_zone" {text} NOT NULL PRIMARY KEY,'
        f' "transfers_to" {big} NOT NULL)' + (" STRICT" if is_sqlite else "")
    )
