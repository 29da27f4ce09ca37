"""A campaign may keep the rules of Brazil, too."""

from peewee import SqliteDatabase

NAME = "campaign_rules_known"
BEFORE = ("none", "us", "us-ca", "ca", "de", "ie", "au", "uk")


def _check(words):
    known = " OR ".join(f"rules = '{word}'" for word in words)
    return f"CONSTRAINT {NAME} CHECK ({known})"


def up(migrator, db):
    if isinstance(db, SqliteDatabase):
        _rebuild(db)
        return
    db.execute_sql(f"ALTER TABLE campaign DROP CONSTRAINT {NAME}")
    db.execute_sql(f"ALTER TABLE campaign ADD {_check((*BEFORE, 'br'))}")


def _rebuild(db):
    """A constraint cannot be changed there: the table is made again, with its indexes."""
    query = "SELECT type, sql FROM sqlite_master WHERE tbl_name = 'campaign' AND sql IS NOT NULL"
    parts = [row for row in db.execute_sql(query) if row[0] != "trigger"]
    (sql,) = [sql for kind, sql in parts if kind == "table"]
    head = 'CREATE TABLE "campaign"'
    if not sql.startswith(head) or _check(BEFORE) not in sql:
        raise ValueError(f"campaign is not as it was: {sql}")
    sql = sql.replace(_check(BEFORE), _check((*BEFORE, "br")))
    kept = ", ".join(f'"{row[1]}"' for row in db.execute_sql("PRAGMA table_info(campaign)"))
    db.execute_sql(sql.replace(head, 'CREATE TABLE "campaign_new"', 1))
    db.execute_sql(f"INSERT INTO campaign_new ({kept}) SELECT {kept} FROM campaign")
    db.execute_sql("DROP TABLE campaign")
    db.execute_sql("ALTER TABLE campaign_new RENAME TO campaign")
    for kind, sql in parts:
        if kind != "table":
            db.execute_sql(sql)
