"""Bought gift cards may wait for a review before they are sent."""

from peewee import SqliteDatabase

TABLE = """
CREATE TABLE "card_review" ("id" TEXT NOT NULL PRIMARY KEY, "card_id" TEXT NOT NULL,
 "order_id" TEXT NOT NULL, "reason" TEXT NOT NULL, "created_at" BIGINT NOT NULL, "decision" TEXT,
 "decided_at" BIGINT, "decided_by" TEXT, "seal" BYTEA,
 FOREIGN KEY ("card_id") REFERENCES "gift_card" ("id") ON DELETE RESTRICT,
 FOREIGN KEY ("order_id") REFERENCES "orders" ("id") ON DELETE RESTRICT,
 CONSTRAINT card_review_decision_known CHECK (decision = 'released' OR decision = 'refused'),
 CONSTRAINT card_review_decided_whole CHECK ((decision IS NULL) = (decided_at IS NULL)
 AND (decision IS NULL) = (decided_by IS NULL)))
"""
INDEXES = (
    'CREATE UNIQUE INDEX "card_review_card_id" ON "card_review" ("card_id")',
    'CREATE INDEX "card_review_order_id" ON "card_review" ("order_id")',
    "CREATE INDEX card_review_waiting ON card_review (id) WHERE decision IS NULL",
)


def up(migrator, db):
    if isinstance(db, SqliteDatabase):
        table = TABLE.replace(" BIGINT", " INTEGER").replace(" BYTEA", " BLOB").rstrip() + " STRICT"
    else:
        table = TABLE.replace('" TEXT', '" TEXT COLLATE "C"')
    db.execute_sql(table)
    for statement in INDEXES:
        db.execute_sql(statement)
