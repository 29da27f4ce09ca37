"""A campaign says what gift cards may buy, whose it takes, and which bought ones wait for a review.

A cart keeps what its campaign said when it was opened. Those that are there know no such terms.
"""

from peewee import SqliteDatabase

LIMIT = 10**12
COLUMNS = {
    "accepts": "TEXT",
    "excluded_categories": "TEXT",
    "minimum_order_minor": "BIGINT",
    "review_amount_above_minor": "BIGINT",
    "review_cards_per_day": "INTEGER",
}
"""What a campaign has more."""
BOUNDS = {
    "minimum_order_minor": LIMIT,
    "review_amount_above_minor": LIMIT,
    "review_cards_per_day": 10_000,
}
RULES = {
    f"campaign_{name}_bounds": f"CHECK ({name} BETWEEN 0 AND {most})"
    for name, most in BOUNDS.items()
}


def up(migrator, db):
    is_sqlite = isinstance(db, SqliteDatabase)
    for name, kind in COLUMNS.items():
        db.execute_sql(f"ALTER TABLE campaign ADD COLUMN {name} {_type(kind, is_sqlite=is_sqlite)}")
    text = _type("TEXT", is_sqlite=is_sqlite)
    db.execute_sql(f"ALTER TABLE checkout ADD COLUMN card_terms {text}")
    if is_sqlite:
        _rebuild(db)
        return
    for name, rule in RULES.items():
        db.execute_sql(f"ALTER TABLE campaign ADD CONSTRAINT {name} {rule}")


def _type(kind, *, is_sqlite):
    if is_sqlite:
        return kind.replace("BIGINT", "INTEGER")
    return kind.replace("TEXT", 'TEXT COLLATE "C"')


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
