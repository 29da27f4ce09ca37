"""The hosted shop taxes goods by country, and its products have categories (B24).

What was sold before knows no rate.
"""

from peewee import SqliteDatabase

TAXED = ("checkout", "orders")


def up(migrator, db):
    is_sqlite = isinstance(db, SqliteDatabase)
    text, flag = ("TEXT", "INTEGER") if is_sqlite else ('TEXT COLLATE "C"', "BOOLEAN")
    db.execute_sql(f'ALTER TABLE campaign ADD COLUMN "tax_rates" {text}')
    db.execute_sql(f'ALTER TABLE product ADD COLUMN "category" {text}')
    for table in TAXED:
        db.execute_sql(
            f'ALTER TABLE {table} ADD COLUMN "tax_hundredths" INTEGER CONSTRAINT'
            f" {table}_tax_rate_bounds CHECK (tax_hundredths BETWEEN 0 AND 10000)"
        )
        db.execute_sql(
            f'ALTER TABLE {table} ADD COLUMN "tax_included" {flag} CONSTRAINT'
            f" {table}_tax_is_whole CHECK ((tax_hundredths IS NULL) = (tax_included IS NULL))"
        )
