"""Campaigns may sell single-purpose vouchers; each card keeps the rate of tax it was sold with."""

TABLES = ("campaign", "gift_card")


def up(migrator, db):
    for table in TABLES:
        db.execute_sql(f"ALTER TABLE {table} ADD COLUMN voucher_tax_hundredths INTEGER")
