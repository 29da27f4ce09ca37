"""Sums by month of ages and lives, and what orders count for that bonuses have paid.

Ages are kept for every day now. The worker counts everything again.
"""

from peewee import SqliteDatabase

KEYS = {
    "monthly_age": (
        *("time_zone", "month", "currency", "campaign_id", "source", "came_on", "next_on"),
    ),
    "monthly_life": ("time_zone", "month", "currency", "campaign_id", "cohort"),
    "bonus_sum": ("starts_at", "currency", "campaign_id"),
    "bonus_order": ("order_id",),
    "bonus_due": ("order_id",),
}
VALUES = {
    "monthly_age": ("amount_minor", "cards"),
    "monthly_life": ("issued", "ended", "days_to_end", "used", "days_to_use"),
    "bonus_sum": ("orders", "sales_minor", "brought_minor"),
    "bonus_order": ("at", "currency", "campaign_id", "sales_minor", "brought_minor"),
    "bonus_due": (),
}
BIG = ("starts_at", "at", "amount_minor", "days_to_end", "days_to_use")
WORDS = ("currency", "campaign_id")
COUNTED = ("daily_sum", "monthly_sum", "daily_age", "daily_life", "daily_sum_end")
ORDER = 'FOREIGN KEY ("order_id") REFERENCES "orders" ("id") ON DELETE RESTRICT'


def up(migrator, db):
    is_sqlite = isinstance(db, SqliteDatabase)
    end = " STRICT, WITHOUT ROWID" if is_sqlite else ""
    for table, names in KEYS.items():
        columns = ", ".join(
            f'"{name}" {_kind(name, names, is_sqlite=is_sqlite)} NOT NULL'
            + (" PRIMARY KEY" if names == (name,) else "")
            for name in (*names, *VALUES[table])
        )
        rule = f"PRIMARY KEY ({', '.join(names)})" if len(names) > 1 else ORDER
        db.execute_sql(f'CREATE TABLE "{table}" ({columns}, {rule}){end}')
    for table in COUNTED:
        db.execute_sql(f"DELETE FROM {table}")
    db.execute_sql("ALTER TABLE daily_sum_end DROP COLUMN ages_from")
    db.execute_sql("DROP INDEX transfer_bonus")
    db.execute_sql(
        "INSERT INTO bonus_due (order_id) SELECT DISTINCT order_id FROM payment"
        " WHERE method = 'gift_card' AND NOT is_test"
    )


def _kind(name, key, *, is_sqlite):
    if name in BIG or name.endswith("_minor"):
        return "INTEGER" if is_sqlite else "BIGINT"
    if name in key or name in WORDS:
        return "TEXT" if is_sqlite else 'TEXT COLLATE "C"'
    return "INTEGER"
