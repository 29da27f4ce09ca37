"""Wallets are informed of what changes, campaigns have a logo, and staff choose their language.

Every pass that a device holds already is counted as current.
"""

from peewee import SqliteDatabase

WALLET = """
CREATE TABLE "wallet_pass" ("id" TEXT NOT NULL PRIMARY KEY, "wallet" TEXT NOT NULL,
 "device" TEXT NOT NULL, "card_id" TEXT NOT NULL, "push_token" TEXT NOT NULL,
 "created_at" BIGINT NOT NULL, "changed_at" BIGINT NOT NULL, "state" TEXT NOT NULL,
 "attempts" INTEGER NOT NULL, "due_at" BIGINT NOT NULL, "problem" TEXT,
 FOREIGN KEY ("card_id") REFERENCES "gift_card" ("id") ON DELETE RESTRICT,
 CONSTRAINT wallet_pass_wallet_known CHECK (wallet = 'apple' OR wallet = 'google'),
 CONSTRAINT wallet_pass_state_known CHECK (state = 'current' OR state = 'waiting'
 OR state = 'sending' OR state = 'failed'))
"""
INDEXES = (
    "CREATE INDEX wallet_pass_card ON wallet_pass (card_id)",
    "CREATE INDEX wallet_pass_device ON wallet_pass (device)",
    "CREATE INDEX wallet_pass_due ON wallet_pass (due_at) WHERE state IN ('waiting', 'sending')",
)
LOGO = (
    "CONSTRAINT campaign_has_its_logo FOREIGN KEY (logo_id)"
    " REFERENCES picture (id) ON DELETE RESTRICT DEFERRABLE INITIALLY IMMEDIATE"
)
LANGUAGE = " OR ".join(f"language = '{code}'" for code in ("en", "de", "fr", "es", "pt"))


def up(migrator, db):
    is_sqlite = isinstance(db, SqliteDatabase)
    text = "TEXT" if is_sqlite else 'TEXT COLLATE "C"'
    _renew_wallets(db, is_sqlite=is_sqlite)
    db.execute_sql(f'ALTER TABLE campaign ADD COLUMN "logo_id" {text}')
    if is_sqlite:
        _rebuild(db)
    else:
        db.execute_sql(f"ALTER TABLE campaign ADD {LOGO}")
    rule = f"CONSTRAINT staff_language_known CHECK ({LANGUAGE})"
    db.execute_sql(f'ALTER TABLE staff ADD COLUMN "language" {text} {rule}')


def _renew_wallets(db, *, is_sqlite):
    db.execute_sql("CREATE TEMPORARY TABLE held_pass AS SELECT * FROM wallet_pass")
    db.execute_sql("DROP TABLE wallet_pass")
    table = WALLET.replace(" BIGINT", " INTEGER") if is_sqlite else WALLET
    ending = " STRICT" if is_sqlite else ""
    table = table if is_sqlite else table.replace('" TEXT', '" TEXT COLLATE "C"')
    db.execute_sql(table.strip() + ending)
    db.execute_sql(
        "INSERT INTO wallet_pass (id, wallet, device, card_id, push_token, created_at, changed_at,"
        " state, attempts, due_at) SELECT card_id || ':' || device, 'apple', device, card_id,"
        " push_token, h.created_at, a.moved_at, 'current', 0, h.created_at"
        " FROM held_pass h JOIN account a ON a.id = h.card_id"
    )
    db.execute_sql("DROP TABLE held_pass")
    for sql in INDEXES:
        db.execute_sql(sql)


def _rebuild(db):
    """A constraint cannot be added there: the table is made again, with its indexes and guards."""
    query = "SELECT type, sql FROM sqlite_master WHERE tbl_name = 'campaign' AND sql IS NOT NULL"
    parts = list(db.execute_sql(query))
    (sql,) = [sql for kind, sql in parts if kind == "table"]
    head, end = 'CREATE TABLE "campaign"', ") STRICT"
    if not (sql.startswith(head) and sql.endswith(end)):
        raise ValueError(f"campaign is not as it was: {sql}")
    sql = f"{sql.removesuffix(end)}, {LOGO}{end}"
    kept = ", ".join(f'"{row[1]}"' for row in db.execute_sql("PRAGMA table_info(campaign)"))
    db.execute_sql(sql.replace(head, 'CREATE TABLE "campaign_new"', 1))
    db.execute_sql(f"INSERT INTO campaign_new ({kept}) SELECT {kept} FROM campaign")
    db.execute_sql("DROP TABLE campaign")
    db.execute_sql("ALTER TABLE campaign_new RENAME TO campaign")
    for kind, sql in parts:
        if kind != "table":
            db.execute_sql(sql)
