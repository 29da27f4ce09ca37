"""Every campaign has a time zone; until now all days were counted in UTC, and they are still."""

from peewee import SqliteDatabase


def up(migrator, db):
    if isinstance(db, SqliteDatabase):
        _change_sqlite(db)
        return
    db.execute_sql('ALTER TABLE campaign ADD time_zone TEXT COLLATE "C"')
    db.execute_sql("UPDATE campaign SET time_zone = 'UTC'")
    db.execute_sql("ALTER TABLE campaign ALTER time_zone SET NOT NULL")


def _change_sqlite(db):
    """A column without a default cannot be added there: the table is made again."""
    query = "SELECT type, sql FROM sqlite_master WHERE tbl_name = 'campaign' AND sql IS NOT NULL"
    parts = list(db.execute_sql(query))
    (sql,) = [sql for kind, sql in parts if kind == "table"]
    head, first_constraint = 'CREATE TABLE "campaign"', "CONSTRAINT campaign_covers_known"
    if not sql.startswith(head) or first_constraint not in sql:
        raise ValueError(f"campaign is not as it was: {sql}")
    sql = sql.replace(head, 'CREATE TABLE "campaign_new"', 1)
    # Columns come before the table's constraints.
    column = f'"time_zone" TEXT NOT NULL, {first_constraint}'
    db.execute_sql(sql.replace(first_constraint, column, 1))
    kept = ", ".join(f'"{row[1]}"' for row in db.execute_sql("PRAGMA table_info(campaign)"))
    db.execute_sql(
        f"INSERT INTO campaign_new ({kept}, time_zone) SELECT {kept}, 'UTC' FROM campaign"
    )
    db.execute_sql("DROP TABLE campaign")
    db.execute_sql("ALTER TABLE campaign_new RENAME TO campaign")
    for kind, sql in parts:
        if kind != "table":
            db.execute_sql(sql)
