"""Keys of the API have scopes, caps, an end, addresses. Those that there are keep every scope."""

from peewee import SqliteDatabase

COLUMNS = (
    ("scopes", "TEXT"),
    ("card_cap_minor", "BIGINT"),
    ("day_cap_minor", "BIGINT"),
    ("expires_at", "BIGINT"),
    ("addresses", "TEXT"),
    ("waiting_since", "BIGINT"),
)
CHECKS = {
    f"api_key_{column}_bounds": f"{column} BETWEEN 0 AND 1000000000000"
    for column in ("card_cap_minor", "day_cap_minor")
}


def up(migrator, db):
    if isinstance(db, SqliteDatabase):
        _rebuild(db)
        return
    for name, kind in COLUMNS:
        collated = ' COLLATE "C"' if kind == "TEXT" else ""
        db.execute_sql(f"ALTER TABLE api_key ADD {name} {kind}{collated}")
    for name, condition in CHECKS.items():
        db.execute_sql(f"ALTER TABLE api_key ADD CONSTRAINT {name} CHECK ({condition})")


def _rebuild(db):
    """A constraint cannot be added there: the table is made again, with its indexes."""
    query = "SELECT type, sql FROM sqlite_master WHERE tbl_name = 'api_key' AND sql IS NOT NULL"
    parts = list(db.execute_sql(query))
    (sql,) = [sql for kind, sql in parts if kind == "table"]
    head, keys, end = 'CREATE TABLE "api_key"', "FOREIGN KEY", ") STRICT"
    if not (sql.startswith(head) and sql.count(keys) == 1 and sql.endswith(end)):
        raise ValueError(f"api_key is not as it was: {sql}")
    added = "".join(f'"{name}" {kind.replace("BIGINT", "INTEGER")}, ' for name, kind in COLUMNS)
    checks = "".join(f", CONSTRAINT {name} CHECK ({rule})" for name, rule in CHECKS.items())
    made = sql.replace(keys, added + keys).removesuffix(end) + checks + end
    db.execute_sql(made.replace(head, 'CREATE TABLE "api_key_new"', 1))
    kept = ", ".join(row[1] for row in db.execute_sql("PRAGMA table_info(api_key)"))
    db.execute_sql(f"INSERT INTO api_key_new ({kept}) SELECT {kept} FROM api_key")
    db.execute_sql("DROP TABLE api_key")
    db.execute_sql("ALTER TABLE api_key_new RENAME TO api_key")
    for kind, sql in parts:
        if kind != "table":
            db.execute_sql(sql)
