"""Gift cards have designs and a time zone of their own, products pictures; campaigns say where
cards are spent and when holders are reminded. Two weeks before its end a card's holder was reminded
until now, and still is.
"""

from peewee import SqliteDatabase

DAYS = "campaign_remind_days_bounds CHECK (remind_days_before_expiry BETWEEN 1 AND 365)"
MONTHS = "campaign_remind_months_bounds CHECK (remind_unused_months BETWEEN 1 AND 120)"
ADDED = {"gift_card": ("deliver_zone", "design"), "order_item": ("deliver_zone", "design")}

TABLES = """
CREATE TABLE "reminder_refusal" ("email" TEXT NOT NULL PRIMARY KEY, "created_at" BIGINT NOT NULL);
CREATE TABLE "picture" ("id" TEXT NOT NULL PRIMARY KEY, "width" INTEGER NOT NULL,
 "height" INTEGER NOT NULL, "webp" BYTEA NOT NULL, "fallback" BYTEA NOT NULL,
 "created_at" BIGINT NOT NULL,
 CONSTRAINT picture_size_bounds CHECK (length(webp) <= 400000 AND length(fallback) <= 400000),
 CONSTRAINT picture_id_length CHECK (length(id) = 32));
CREATE TABLE "product_picture" ("product_id" TEXT NOT NULL, "position" INTEGER NOT NULL,
 "picture_id" TEXT, "drawn" TEXT, "occasion" TEXT NOT NULL, "alt" TEXT NOT NULL,
 PRIMARY KEY ("product_id", "position"),
 FOREIGN KEY ("product_id") REFERENCES "product" ("id") ON DELETE RESTRICT,
 FOREIGN KEY ("picture_id") REFERENCES "picture" ("id") ON DELETE RESTRICT,
 CONSTRAINT product_picture_is_one CHECK ((picture_id IS NULL) <> (drawn IS NULL)));
CREATE INDEX "product_picture_picture_id" ON "product_picture" ("picture_id");
CREATE TABLE "wallet_pass" ("device" TEXT NOT NULL, "card_id" TEXT NOT NULL,
 "push_token" TEXT NOT NULL, "created_at" BIGINT NOT NULL, PRIMARY KEY ("device", "card_id"),
 FOREIGN KEY ("card_id") REFERENCES "gift_card" ("id") ON DELETE RESTRICT);
CREATE INDEX wallet_pass_card ON wallet_pass (card_id)
"""


def up(migrator, db):
    is_sqlite = isinstance(db, SqliteDatabase)
    text = "TEXT" if is_sqlite else 'TEXT COLLATE "C"'
    for table, columns in ADDED.items():
        for column in columns:
            db.execute_sql(f'ALTER TABLE {table} ADD COLUMN "{column}" {text}')
    if is_sqlite:
        _rebuild(db)
    else:
        db.execute_sql(f"ALTER TABLE campaign ADD shop_url {text}")
        for column in ("remind_days_before_expiry", "remind_unused_months"):
            db.execute_sql(f"ALTER TABLE campaign ADD {column} INTEGER")
        db.execute_sql("UPDATE campaign SET shop_url = '', remind_days_before_expiry = 14")
        db.execute_sql("ALTER TABLE campaign ALTER shop_url SET NOT NULL")
        for rule in (DAYS, MONTHS):
            db.execute_sql(f"ALTER TABLE campaign ADD CONSTRAINT {rule}")
    for sql in TABLES.strip().split(";\n"):
        db.execute_sql(_of_engine(sql, is_sqlite=is_sqlite))


def _of_engine(sql, *, is_sqlite):
    if not is_sqlite:
        return sql.replace('" TEXT', '" TEXT COLLATE "C"')
    if not sql.startswith("CREATE TABLE"):
        return sql
    return sql.replace(" BIGINT", " INTEGER").replace(" BYTEA", " BLOB") + " STRICT"


def _rebuild(db):
    """A constraint cannot be added there: the table is made again."""
    query = "SELECT type, sql FROM sqlite_master WHERE tbl_name = 'campaign' AND sql IS NOT NULL"
    parts = list(db.execute_sql(query))
    (sql,) = [sql for kind, sql in parts if kind == "table"]
    head, first, end = 'CREATE TABLE "campaign"', "CONSTRAINT campaign_covers_known", ") STRICT"
    if not (sql.startswith(head) and sql.count(first) == 1 and sql.endswith(end)):
        raise ValueError(f"campaign is not as it was: {sql}")
    added = (
        '"shop_url" TEXT NOT NULL, "remind_days_before_expiry" INTEGER,'
        ' "remind_unused_months" INTEGER, '
    )
    checks = "".join(f", CONSTRAINT {rule}" for rule in (DAYS, MONTHS))
    made = sql.replace(first, added + first).removesuffix(end) + checks + end
    db.execute_sql(made.replace(head, 'CREATE TABLE "campaign_new"', 1))
    kept = ", ".join(f'"{row[1]}"' for row in db.execute_sql("PRAGMA table_info(campaign)"))
    db.execute_sql(
        f"INSERT INTO campaign_new ({kept}, shop_url, remind_days_before_expiry)"
        f" SELECT {kept}, '', 14 FROM campaign"
    )
    db.execute_sql("DROP TABLE campaign")
    db.execute_sql("ALTER TABLE campaign_new RENAME TO campaign")
    for kind, sql in parts:
        if kind != "table":
            db.execute_sql(sql)
