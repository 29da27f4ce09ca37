"""Limits by role, counted by the day. The one limit a currency that Root had set stays what one
action may come to; a receiver's and a person's day come to two and five times as much.
"""

import json

from peewee import SqliteDatabase

ROLES = ("customer_service", "customer_service_admin", "marketing", "finance", "root")


def up(migrator, db):
    is_sqlite = isinstance(db, SqliteDatabase)
    text, number = ("TEXT", "INTEGER") if is_sqlite else ('TEXT COLLATE "C"', "BIGINT")
    db.execute_sql(
        f'CREATE TABLE "daily_use" ("day" {text} NOT NULL, "counter" {text} NOT NULL,'
        f' "amount" {number} NOT NULL, PRIMARY KEY ("day", "counter"))'
        + (" STRICT" if is_sqlite else "")
    )
    query = "SELECT value FROM setting WHERE name = 'approval_limits'"
    for (value,) in list(db.execute_sql(query)):
        money = {
            currency: {"single": minor, "receiver": 2 * minor, "day": 5 * minor}
            for currency, minor in (json.loads(value) or {}).items()
        }
        limits = {"money": dict.fromkeys(ROLES, money), "codes": {}}
        mark = "?" if is_sqlite else "%s"
        text = json.dumps(limits if money else {}, separators=(",", ":"), sort_keys=True)
        insert = f"INSERT INTO setting (name, value) VALUES ('limits', {mark})"
        db.execute_sql(insert, (text,))
    db.execute_sql("DELETE FROM setting WHERE name = 'approval_limits'")
