"""The first schema, frozen as it was released: one file of statements an engine."""

from pathlib import Path

from peewee import SqliteDatabase


def up(migrator, db):
    engine = "sqlite" if isinstance(db, SqliteDatabase) else "postgresql"
    script = Path(__file__).with_name(f"0001_initial.{engine}.sql").read_text()
    for statement in script.split(";\n"):
        if statement.strip():
            db.execute_sql(statement)
