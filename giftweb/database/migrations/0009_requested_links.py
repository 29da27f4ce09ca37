"""Whoever wants a customer's link leaves a row, known or not; a customer's sign-in has an idle
limit. A sign-in of before counts as used when it began.
"""

from peewee import SqliteDatabase

REQUESTS = (
    'CREATE TABLE "sign_in_request" ("email" {text} NOT NULL PRIMARY KEY,'
    ' "asked_at" {instant} NOT NULL, "answered_at" {instant}){strict}'
)
BY_AGE = 'CREATE INDEX "sign_in_request_asked_at" ON "sign_in_request" ("asked_at")'
SESSIONS = (
    'CREATE TABLE "customer_session_new" ("id" TEXT NOT NULL PRIMARY KEY,'
    ' "customer_id" TEXT NOT NULL, "created_at" INTEGER NOT NULL, "seen_at" INTEGER NOT NULL,'
    ' "expires_at" INTEGER NOT NULL, "revoked_at" INTEGER,'
    ' FOREIGN KEY ("customer_id") REFERENCES "customer" ("id") ON DELETE RESTRICT) STRICT'
)
COPY = (
    "INSERT INTO customer_session_new (id, customer_id, created_at, seen_at, expires_at,"
    " revoked_at) SELECT id, customer_id, created_at, created_at, expires_at, revoked_at"
    " FROM customer_session"
)
BY_CUSTOMER = 'CREATE INDEX "customer_session_customer_id" ON "customer_session" ("customer_id")'


def up(migrator, db):
    if isinstance(db, SqliteDatabase):
        steps: tuple[str, ...] = (
            REQUESTS.format(text="TEXT", instant="INTEGER", strict=" STRICT"),
            SESSIONS,
            COPY,
            "DROP TABLE customer_session",
            "ALTER TABLE customer_session_new RENAME TO customer_session",
            BY_CUSTOMER,
        )
    else:
        steps = (
            REQUESTS.format(text='TEXT COLLATE "C"', instant="BIGINT", strict=""),
            "ALTER TABLE customer_session ADD seen_at BIGINT",
            "UPDATE customer_session SET seen_at = created_at",
            "ALTER TABLE customer_session ALTER seen_at SET NOT NULL",
        )
    for sql in (*steps, BY_AGE):
        db.execute_sql(sql)
