"""Sums by day of how old money is and how long cards live. The worker counts everything again."""

from peewee import SqliteDatabase

KEYS = {
    "daily_age": ("day", "currency", "campaign_id", "source", "came_on", "next_on"),
    "daily_life": ("day", "currency", "campaign_id", "cohort"),
}
VALUES = {
    "daily_age": {"amount_minor": "big", "cards": "INTEGER"},
    "daily_life": {
        "issued": "INTEGER",
        "ended": "INTEGER",
        "days_to_end": "big",
        "used": "INTEGER",
        "days_to_use": "big",
    },
}


def up(migrator, db):
    is_sqlite = isinstance(db, SqliteDatabase)
    text, big = ("TEXT", "INTEGER") if is_sqlite else ('TEXT COLLATE "C"', "BIGINT")
    for table, names in KEYS.items():
        key = ("time_zone", *names)
        columns = [f'"{name}" {text} NOT NULL' for name in key] + [
            f'"{name}" {big if kind == "big" else kind} NOT NULL'
            for name, kind in VALUES[table].items()
        ]
        of_key = ", ".join(f'"{name}"' for name in key)
        db.execute_sql(
            f'CREATE TABLE "{table}" ({", ".join(columns)}, PRIMARY KEY ({of_key}))'
            + (" STRICT, WITHOUT ROWID" if is_sqlite else "")
        )
    db.execute_sql("DELETE FROM daily_sum")
    db.execute_sql("DROP TABLE daily_sum_end")
    db.execute_sql(
        f'CREATE TABLE "daily_sum_end" ("time_zone" {text} NOT NULL PRIMARY KEY,'
        f' "transfers_to" {big} NOT NULL, "ages_from" {text} NOT NULL)'
        + (" STRICT" if is_sqlite else "")
    )
    db.execute_sql("CREATE INDEX transfer_time ON transfer (created_at) WHERE NOT is_test")
    db.execute_sql(
        "CREATE INDEX transfer_bonus ON transfer (created_at)"
        " WHERE kind = 'capture' AND promotions_minor > 0"
    )
