"""Money may be awaited: a payment can be cancelled, an order knows when it was paid.

Before, a payment and a line only knew whether they came after the order was placed. Their seals
cover that as 0 or 1, which is the number of their part now: so they still fit. Orders without a
pending payment were paid when they were placed. Campaigns that give a bonus keep what they gave: on
gift cards, too.
"""

from peewee import SqliteDatabase

ADDED = {
    "campaign": (
        ("bonus_on_gift_cards", "flag", "issue_after_sales"),
        ("payment_days", "INTEGER", "NULL"),
        ("ship_before_payment", "flag", "(1 = 0)"),
    ),
    "order_item": (
        ("card_currency", "TEXT", "NULL"),
        ("rate", "TEXT", "NULL"),
        ("taken_off_at", "BIGINT", "NULL"),
    ),
    "payment": (
        ("pay_until", "BIGINT", "NULL"),
        ("settled_at", "BIGINT", "NULL"),
        ("reminded_at", "BIGINT", "NULL"),
        ("charge", "TEXT", "NULL"),
    ),
}
"""Table -> new columns: name, type, and what is in them at first."""

PAYMENT_DAYS = "CHECK (payment_days BETWEEN 1 AND 365)"
RECHARGE = "order_item_recharge_is_whole"
RECHARGE_WAS = (
    "(recharges_id IS NULL) = (transfer_id IS NULL)"
    " AND (recharges_id IS NULL) = (card_minor IS NULL)"
)
RECHARGE_IS = (
    "(recharges_id IS NULL) = (card_minor IS NULL)"
    " AND (recharges_id IS NOT NULL OR transfer_id IS NULL)"
)
RECHARGE_ENDS = "AND (recharges_id IS NULL OR (kind = 'gift_card' AND quantity = 1))"
STATE = "payment_state_known"
STATE_WAS = "state = 'captured' OR state = 'pending'"
STATE_IS = f"{STATE_WAS} OR state = 'cancelled'"

UNPAID = (
    "SELECT 1 FROM payment p WHERE p.order_id = orders.id AND p.state = 'pending' AND p.part = 0"
)
CHARGE = (
    "o.campaign_id || CASE WHEN p.is_test THEN ' test ' ELSE ' live ' END"
    " || p.gateway || ' ' || p.reference"
)
FIRST_CHARGES = f"""
UPDATE payment SET charge = (
    SELECT {CHARGE} FROM payment p JOIN orders o ON o.id = p.order_id WHERE p.id = payment.id
) WHERE id IN (
    SELECT MIN(p.id) FROM payment p JOIN orders o ON o.id = p.order_id
    WHERE p.reference <> '' AND p.gateway <> 'offline'
    AND p.method NOT IN ('gift_card', 'bank_transfer', 'cash', 'offline')
    GROUP BY {CHARGE}
)"""


def up(migrator, db):
    if isinstance(db, SqliteDatabase):
        _change_sqlite(db)
    else:
        _change_postgres(db)
    db.execute_sql(f"UPDATE orders SET paid_at = created_at WHERE NOT EXISTS ({UNPAID})")
    db.execute_sql(FIRST_CHARGES)
    db.execute_sql(
        "CREATE UNIQUE INDEX payment_charge ON payment (charge) WHERE charge IS NOT NULL"
    )


def _change_postgres(db):
    for table in ("order_item", "payment"):
        db.execute_sql(f"ALTER TABLE {table} ALTER is_upsell TYPE INTEGER USING is_upsell::INTEGER")
        db.execute_sql(f"ALTER TABLE {table} RENAME is_upsell TO part")
    types = {"flag": "BOOLEAN", "TEXT": 'TEXT COLLATE "C"'}
    for table, columns in ADDED.items():
        for name, kind, content in columns:
            db.execute_sql(f"ALTER TABLE {table} ADD {name} {types.get(kind, kind)}")
            if kind == "flag":
                db.execute_sql(f"UPDATE {table} SET {name} = {content}")
                db.execute_sql(f"ALTER TABLE {table} ALTER {name} SET NOT NULL")
    db.execute_sql("ALTER TABLE orders ADD paid_at BIGINT")
    for table, name, condition in (
        ("campaign", "campaign_payment_days_bounds", PAYMENT_DAYS.removeprefix("CHECK ")),
        ("order_item", RECHARGE, f"({RECHARGE_IS} {RECHARGE_ENDS})"),
        ("payment", STATE, f"({STATE_IS})"),
    ):
        db.execute_sql(f"ALTER TABLE {table} DROP CONSTRAINT IF EXISTS {name}")
        db.execute_sql(f"ALTER TABLE {table} ADD CONSTRAINT {name} CHECK {condition}")


def _change_sqlite(db):
    """A constraint cannot be changed there: the tables are made again, with their indexes."""
    end = ") STRICT"
    days = f", CONSTRAINT campaign_payment_days_bounds {PAYMENT_DAYS}"
    part = ('"is_upsell" INTEGER', '"part" INTEGER')
    _rebuild(db, "campaign", (end, days + end))
    _rebuild(db, "order_item", part, (RECHARGE_WAS, RECHARGE_IS))
    _rebuild(db, "payment", part, (STATE_WAS, STATE_IS))
    db.execute_sql('ALTER TABLE orders ADD COLUMN "paid_at" INTEGER')


def _rebuild(db, table, *changes):
    query = "SELECT sql FROM sqlite_master WHERE type = ? AND tbl_name = ? AND sql IS NOT NULL"
    ((sql,),) = db.execute_sql(query, ("table", table))
    indexes = [index for (index,) in db.execute_sql(query, ("index", table))]
    for old, new in changes:
        if old not in sql:
            raise ValueError(f"{table} is not as it was: {old}")
        sql = sql.replace(old, new)
    kept = [row[1] for row in db.execute_sql(f"PRAGMA table_info({table})")]
    types = {"flag": "INTEGER NOT NULL", "BIGINT": "INTEGER"}
    added = "".join(f'"{name}" {types.get(kind, kind)}, ' for name, kind, _ in ADDED[table])
    # Columns come before the table's constraints.
    first = min(at for mark in ("FOREIGN KEY", "CONSTRAINT") if (at := sql.find(mark)) > 0)
    sql = sql[:first] + added + sql[first:]
    db.execute_sql(sql.replace(f'CREATE TABLE "{table}"', f'CREATE TABLE "{table}_new"', 1))
    content = ", ".join([*kept, *(content for _, _, content in ADDED[table])])
    names = ", ".join(["part" if name == "is_upsell" else name for name in kept])
    names = ", ".join([names, *(name for name, _, _ in ADDED[table])])
    db.execute_sql(f"INSERT INTO {table}_new ({names}) SELECT {content} FROM {table}")
    db.execute_sql(f"DROP TABLE {table}")
    db.execute_sql(f"ALTER TABLE {table}_new RENAME TO {table}")
    for index in indexes:
        db.execute_sql(index)
