"""A card knows when it is sent, and the instant at which it is over.

A card ended at the end of its last day in UTC, and does so still. What its mails say of its
delivery is written to it. One that waits for a mail, and would be over before that goes out, is
over so many days after it as were meant to be: its end is empty until then.
"""

import json

from peewee import SqliteDatabase

COLUMNS = ("deliver_at", "delivered_at", "expires_at")
END_OF_DAY = {
    True: "(CAST(strftime('%s', expires_on) AS INTEGER) + 86400) * 1000000",
    False: "(EXTRACT(EPOCH FROM CAST(expires_on AS DATE))::BIGINT + 86400) * 1000000",
}
"""The end of the last day in UTC, on SQLite and on PostgreSQL."""

CHECKS = {
    "gift_card_end_is_known": (
        "(expires_on IS NOT NULL OR expires_at IS NULL)"
        " AND (expires_on IS NULL OR expires_at IS NOT NULL"
        " OR (deliver_at IS NOT NULL AND delivered_at IS NULL))"
    ),
    "gift_card_ends_after_its_delivery": "expires_at > COALESCE(delivered_at, deliver_at)",
}
KINDS = ("card_issued", "card_resent", "card_replaced", "cards_purchased", "bonus_issued")
EXPIRY = (
    "CREATE INDEX gift_card_expiry ON gift_card (expires_at)"
    " WHERE expires_at IS NOT NULL AND state IN ('open', 'frozen')"
)


def up(migrator, db):
    is_sqlite = isinstance(db, SqliteDatabase)
    if is_sqlite:
        _rebuild(db)
    else:
        for column in COLUMNS:
            db.execute_sql(f"ALTER TABLE gift_card ADD {column} BIGINT")
        db.execute_sql(f"UPDATE gift_card SET expires_at = {END_OF_DAY[False]}")
    _write_deliveries(db, "?" if is_sqlite else "%s")
    db.execute_sql("DROP INDEX gift_card_expiry")
    db.execute_sql(EXPIRY)
    if not is_sqlite:
        for name, condition in CHECKS.items():
            db.execute_sql(f"ALTER TABLE gift_card ADD CONSTRAINT {name} CHECK ({condition})")


def _write_deliveries(db, mark):
    sent, waiting = _deliveries(db)
    for card_id, at in sent.items():
        db.execute_sql(
            f"UPDATE gift_card SET deliver_at = {mark}, delivered_at = {mark} WHERE id = {mark}"
            f" AND (expires_at IS NULL OR expires_at > {mark})",
            (at, at, card_id, at),
        )
    for card_id in waiting.keys() - sent.keys():
        at = waiting[card_id]
        db.execute_sql(
            f"UPDATE gift_card SET deliver_at = {mark},"
            f" expires_at = CASE WHEN expires_at > {mark} THEN expires_at END"
            f" WHERE id = {mark} AND state IN ('open', 'frozen')",
            (at, at, card_id),
        )


def _deliveries(db):
    """When each card was first sent, or is to be; of those that a mail carries."""
    kinds = ", ".join(f"'{kind}'" for kind in KINDS)
    sent: dict[str, int] = {}
    waiting: dict[str, int] = {}
    for card_id, data, state, sent_at, due_at, attempts, created_at in db.execute_sql(
        "SELECT card_id, data, state, sent_at, due_at, attempts, created_at FROM mail"
        f" WHERE kind IN ({kinds}) AND state <> 'withdrawn' ORDER BY id"
    ).fetchall():
        for each in (json.loads(data).get("cards") if data else None) or [card_id]:
            if state == "sent":
                sent.setdefault(each, sent_at)
            else:
                is_scheduled = state == "waiting" and not attempts
                waiting.setdefault(each, due_at if is_scheduled else created_at)
    return sent, waiting


def _rebuild(db):
    """A constraint cannot be added there: the table is made again, with its indexes and guards."""
    query = "SELECT type, sql FROM sqlite_master WHERE tbl_name = 'gift_card' AND sql IS NOT NULL"
    parts = list(db.execute_sql(query))
    (sql,) = [sql for kind, sql in parts if kind == "table"]
    head, end = 'CREATE TABLE "gift_card"', ") STRICT"
    if not (sql.startswith(head) and sql.endswith(end)):
        raise ValueError(f"gift_card is not as it was: {sql}")
    # Columns come before the table's constraints.
    first = min(at for mark in ("FOREIGN KEY", "CONSTRAINT") if (at := sql.find(mark)) > 0)
    added = "".join(f'"{column}" INTEGER, ' for column in COLUMNS)
    checks = "".join(f", CONSTRAINT {name} CHECK ({rule})" for name, rule in CHECKS.items())
    sql = (sql[:first] + added + sql[first:]).removesuffix(end) + checks + end
    db.execute_sql(sql.replace(head, 'CREATE TABLE "gift_card_new"', 1))
    kept = ", ".join(f'"{row[1]}"' for row in db.execute_sql("PRAGMA table_info(gift_card)"))
    db.execute_sql(
        f"INSERT INTO gift_card_new ({kept}, expires_at)"
        f" SELECT {kept}, {END_OF_DAY[True]} FROM gift_card"
    )
    db.execute_sql("DROP TABLE gift_card")
    db.execute_sql("ALTER TABLE gift_card_new RENAME TO gift_card")
    for kind, sql in parts:
        if kind != "table":
            db.execute_sql(sql)
