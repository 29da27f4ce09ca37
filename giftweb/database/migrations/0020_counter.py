"""The counter of a shop on the street: its cashiers, and what they do there."""

from peewee import SqliteDatabase

ROLES = (
    *("customer_service", "customer_service_admin", "marketing", "finance"),
    *("cashier", "root"),
)
KINDS = ("redeemed", "given_back", "sold", "recharged", "activated")


def _known(column, words):
    return " OR ".join(f"{column} = '{word}'" for word in words)


KNOWN = f"CONSTRAINT staff_role_known CHECK ({_known('role', ROLES)})"
ENTRY = f"""
CREATE TABLE "counter_entry" ("id" TEXT NOT NULL PRIMARY KEY, "kind" TEXT NOT NULL,
 "campaign_id" TEXT NOT NULL, "staff_id" TEXT NOT NULL, "receipt" TEXT NOT NULL,
 "order_id" TEXT, "transfer_id" TEXT NOT NULL, "amount_minor" BIGINT NOT NULL,
 "currency" TEXT NOT NULL, "created_at" BIGINT NOT NULL, "seal" BYTEA,
 FOREIGN KEY ("campaign_id") REFERENCES "campaign" ("id") ON DELETE RESTRICT,
 FOREIGN KEY ("staff_id") REFERENCES "staff" ("id") ON DELETE RESTRICT,
 FOREIGN KEY ("order_id") REFERENCES "orders" ("id") ON DELETE RESTRICT,
 FOREIGN KEY ("transfer_id") REFERENCES "transfer" ("id") ON DELETE RESTRICT,
 CONSTRAINT counter_entry_kind_known CHECK ({_known("kind", KINDS)}),
 CONSTRAINT counter_entry_amount_minor_bounds
 CHECK (amount_minor BETWEEN 1 AND 1000000000000))
"""
INDEXES = (
    'CREATE UNIQUE INDEX "counter_entry_transfer_id" ON "counter_entry" ("transfer_id")',
    'CREATE INDEX "counter_entry_campaign_id_created_at"'
    ' ON "counter_entry" ("campaign_id", "created_at")',
)


def up(migrator, db):
    entry = " ".join(ENTRY.split())
    if isinstance(db, SqliteDatabase):
        _rebuild(db)
        entry = entry.replace(" BIGINT", " INTEGER").replace(" BYTEA", " BLOB") + " STRICT"
    else:
        db.execute_sql("ALTER TABLE staff DROP CONSTRAINT staff_role_known")
        db.execute_sql(f"ALTER TABLE staff ADD {KNOWN}")
        entry = entry.replace('" TEXT', '" TEXT COLLATE "C"')
    for sql in (entry, *INDEXES):
        db.execute_sql(sql)


def _rebuild(db):
    """A constraint cannot be changed there: the table is made again, with its indexes."""
    query = "SELECT type, sql FROM sqlite_master WHERE tbl_name = 'staff' AND sql IS NOT NULL"
    parts = list(db.execute_sql(query))
    (sql,) = [sql for kind, sql in parts if kind == "table"]
    before = f"CONSTRAINT staff_role_known CHECK ({_known('role', (*ROLES[:4], 'root'))})"
    head = 'CREATE TABLE "staff"'
    if not (sql.startswith(head) and sql.count(before) == 1):
        raise ValueError(f"staff is not as it was: {sql}")
    made = sql.replace(before, KNOWN).replace(head, 'CREATE TABLE "staff_new"', 1)
    db.execute_sql(made)
    kept = ", ".join(f'"{row[1]}"' for row in db.execute_sql("PRAGMA table_info(staff)"))
    db.execute_sql(f"INSERT INTO staff_new ({kept}) SELECT {kept} FROM staff")
    db.execute_sql("DROP TABLE staff")
    db.execute_sql("ALTER TABLE staff_new RENAME TO staff")
    for kind, sql in parts:
        if kind != "table":
            db.execute_sql(sql)
