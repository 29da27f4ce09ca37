"""Sign-ins, mailed links, customers, origins, products, rates, files and runs of the audit have
seals.

``domain.operations.upgrades`` seals the rows that there are.
"""

from peewee import SqliteDatabase

TABLES = (
    *("staff_session", "staff_link", "customer", "customer_session", "sign_in_link"),
    *("campaign_origin", "product", "rate", "card_import", "audit_run"),
)


def up(migrator, db):
    kind = "BLOB" if isinstance(db, SqliteDatabase) else "BYTEA"
    for table in TABLES:
        db.execute_sql(f'ALTER TABLE "{table}" ADD COLUMN "seal" {kind}')
