"""A campaign keeps the rules of a place's law; those that there are keep none until chosen."""

from peewee import SqliteDatabase

RULES = ("none", "us", "us-ca", "ca", "de", "ie", "au", "uk")
KNOWN = " OR ".join(f"rules = '{word}'" for word in RULES)
CHECK = f"CONSTRAINT campaign_rules_known CHECK ({KNOWN})"


def up(migrator, db):
    if isinstance(db, SqliteDatabase):
        _change_sqlite(db)
        return
    db.execute_sql("ALTER TABLE campaign ADD rules TEXT COLLATE \"C\" NOT NULL DEFAULT 'none'")
    db.execute_sql(f"ALTER TABLE campaign ADD {CHECK}")


def _change_sqlite(db):
    """A constraint cannot be added there: the table is made again."""
    query = "SELECT type, sql FROM sqlite_master WHERE tbl_name = 'campaign' AND sql IS NOT NULL"
    parts = list(db.execute_sql(query))
    (sql,) = [sql for kind, sql in parts if kind == "table"]
    head, first_constraint = 'CREATE TABLE "campaign"', "CONSTRAINT campaign_covers_known"
    if not sql.startswith(head) or first_constraint not in sql:
        raise ValueError(f"campaign is not as it was: {sql}")
    sql = sql.replace(head, 'CREATE TABLE "campaign_new"', 1)
    # Columns come before the table's constraints.
    added = f"\"rules\" TEXT NOT NULL DEFAULT 'none', {CHECK}, {first_constraint}"
    db.execute_sql(sql.replace(first_constraint, added, 1))
    kept = ", ".join(f'"{row[1]}"' for row in db.execute_sql("PRAGMA table_info(campaign)"))
    db.execute_sql(f"INSERT INTO campaign_new ({kept}) SELECT {kept} FROM campaign")
    db.execute_sql("DROP TABLE campaign")
    db.execute_sql("ALTER TABLE campaign_new RENAME TO campaign")
    for kind, sql in parts:
        if kind != "table":
            db.execute_sql(sql)
