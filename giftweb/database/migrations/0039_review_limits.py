"""More limits of what is reviewed: money a day, a first order, and a shopper's network.

What an order's gift cards came to against the limits is kept with it.
"""

from peewee import SqliteDatabase

LIMIT = 10**12
COLUMNS = ("review_amount_per_day_minor", "review_first_order_above_minor")
RULES = {f"campaign_{name}_bounds": f"CHECK ({name} BETWEEN 0 AND {LIMIT})" for name in COLUMNS}
TABLE = """
CREATE TABLE "risk_assessment" ("id" TEXT NOT NULL PRIMARY KEY, "order_id" TEXT NOT NULL,
 "part" INTEGER NOT NULL, "created_at" BIGINT NOT NULL, "currency" TEXT NOT NULL,
 "cards" INTEGER NOT NULL, "largest_minor" BIGINT NOT NULL, "sum_minor" BIGINT NOT NULL,
 "day_cards" INTEGER, "day_minor" BIGINT, "is_first" BOOLEAN NOT NULL,
 "amount_above_minor" BIGINT, "cards_per_day" INTEGER, "amount_per_day_minor" BIGINT,
 "first_order_above_minor" BIGINT, "reason" TEXT NOT NULL, "seal" BYTEA,
 FOREIGN KEY ("order_id") REFERENCES "orders" ("id") ON DELETE RESTRICT,
 CONSTRAINT risk_assessment_above_limits_is_reviewed CHECK (reason <> ''
 OR (COALESCE(largest_minor <= amount_above_minor, 1 = 1)
 AND COALESCE(day_cards <= cards_per_day, cards_per_day IS NULL)
 AND COALESCE(day_minor <= amount_per_day_minor, amount_per_day_minor IS NULL)
 AND (NOT is_first OR COALESCE(sum_minor <= first_order_above_minor, 1 = 1)))))
"""
INDEX = (
    'CREATE UNIQUE INDEX "risk_assessment_order_id_part" ON "risk_assessment" ("order_id", "part")'
)


def up(migrator, db):
    is_sqlite = isinstance(db, SqliteDatabase)
    kind, text = ("INTEGER", "TEXT") if is_sqlite else ("BIGINT", 'TEXT COLLATE "C"')
    for name in COLUMNS:
        db.execute_sql(f"ALTER TABLE campaign ADD COLUMN {name} {kind}")
    if is_sqlite:
        _rebuild(db)
    for name, rule in RULES.items() if not is_sqlite else ():
        db.execute_sql(f"ALTER TABLE campaign ADD CONSTRAINT {name} {rule}")
    db.execute_sql(f"ALTER TABLE checkout ADD COLUMN network {text}")
    db.execute_sql(_table(is_sqlite=is_sqlite))
    db.execute_sql(INDEX)


def _table(*, is_sqlite):
    if not is_sqlite:
        return TABLE.replace('" TEXT', '" TEXT COLLATE "C"')
    plain = TABLE.replace(" BIGINT", " INTEGER").replace(" BYTEA", " BLOB")
    return plain.replace(" BOOLEAN", " INTEGER").rstrip() + " STRICT"


def _rebuild(db):
    """A constraint cannot be added there: the table is made again, with its indexes and guards."""
    query = "SELECT type, sql FROM sqlite_master WHERE tbl_name = 'campaign' AND sql IS NOT NULL"
    parts = list(db.execute_sql(query))
    (sql,) = [sql for kind, sql in parts if kind == "table"]
    head, end = 'CREATE TABLE "campaign"', ") STRICT"
    if not (sql.startswith(head) and sql.endswith(end)):
        raise ValueError(f"campaign is not as it was: {sql}")
    rules = "".join(f", CONSTRAINT {name} {rule}" for name, rule in RULES.items())
    sql = sql.removesuffix(end) + rules + end
    kept = ", ".join(f'"{row[1]}"' for row in db.execute_sql("PRAGMA table_info(campaign)"))
    db.execute_sql(sql.replace(head, 'CREATE TABLE "campaign_new"', 1))
    db.execute_sql(f"INSERT INTO campaign_new ({kept}) SELECT {kept} FROM campaign")
    db.execute_sql("DROP TABLE campaign")
    db.execute_sql("ALTER TABLE campaign_new RENAME TO campaign")
    for kind, sql in parts:
        if kind != "table":
            db.execute_sql(sql)
