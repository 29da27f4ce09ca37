"""Sums by month, of those by day; files of the journal say how they are grouped."""

from peewee import SqliteDatabase

SHARED = ("currency", "campaign_id", "acceptor_id", "source", "kind", "cohort")


def up(migrator, db):
    is_sqlite = isinstance(db, SqliteDatabase)
    text, big = ("TEXT", "INTEGER") if is_sqlite else ('TEXT COLLATE "C"', "BIGINT")
    key = ("time_zone", "month", *SHARED)
    columns = ", ".join(f'"{name}" {text} NOT NULL' for name in key)
    names = ", ".join(key)
    db.execute_sql(
        f'CREATE TABLE "monthly_sum" ({columns}, "amount_minor" {big} NOT NULL,'
        f' "cards" INTEGER NOT NULL, PRIMARY KEY ({names}))'
        + (" STRICT, WITHOUT ROWID" if is_sqlite else "")
    )
    db.execute_sql(f"ALTER TABLE book_export ADD COLUMN grouped_by {text}")
    days = f"time_zone, substr(day, 1, 7), {', '.join(SHARED)}"
    db.execute_sql(
        f"INSERT INTO monthly_sum ({names}, amount_minor, cards) SELECT {days},"
        f" CAST(SUM(amount_minor) AS BIGINT), SUM(cards) FROM daily_sum GROUP BY {days}"
    )
