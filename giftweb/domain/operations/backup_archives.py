"""Backups of PostgreSQL: a ZIP archive with one COPY text file a table and a manifest.

All tables are read in one REPEATABLE READ transaction. A restore drops the tables, creates the
schema of the backup's steps and loads every row, in one transaction: all of it, or none. Some
tables name each other's rows: their foreign keys are checked at the end.

Source: docs/decisions/0025-a-backup-without-client-tools.md.
"""

import json
import time
import zipfile
from pathlib import Path
from typing import Any

from giftweb import clock, database, models
from giftweb.database import bulk, schema
from giftweb.errors import Invalid

FORMAT = 1
MANIFEST = "manifest.json"
_CHUNK = 1024 * 1024
_LEAVING_SECONDS = 1
_TABLES = tuple(model._meta.table_name for model in models.TABLES)
"""Parents before their children, but for foreign keys that may be deferred."""


class Archives:
    """Write, read and examine a backup of PostgreSQL."""

    @staticmethod
    def write(path: Path) -> None:
        """Copy the database as it stands at one moment."""
        with (
            database.snapshot(),
            zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=3) as archive,
        ):
            tables = {table: _write_table(archive, table) for table in _TABLES}
            manifest = {
                "format": FORMAT,
                "made_at": clock.now().isoformat(),
                "steps": schema.applied(),
                "tables": tables,
                "sequences": dict(_sequences()),
            }
            archive.writestr(MANIFEST, json.dumps(manifest, indent=2))

    @staticmethod
    def read(path: Path) -> None:
        """Make the database what the backup is."""
        with zipfile.ZipFile(path) as archive, database.transaction():
            manifest = _manifest(archive, path)
            for (table,) in database.rows(
                "SELECT tablename FROM pg_tables WHERE schemaname = current_schema()"
            ):
                database.execute(f'DROP TABLE "{table}" CASCADE')
            schema.create(manifest["steps"])
            database.execute("SET CONSTRAINTS ALL DEFERRED")
            for table, listed in manifest["tables"].items():
                _read_table(archive, table, listed, path)
            for sequence, value in manifest["sequences"].items():
                database.scalar("SELECT setval(?, ?)", sequence, value)

    @staticmethod
    def steps_of(path: Path) -> list[str]:
        """The schema steps that the backup has.

        Raises: Invalid when the archive is damaged or no backup of giftweb.
        """
        with _opened(path) as archive:
            if broken := archive.testzip():
                raise Invalid(f"{path} is damaged: {broken} cannot be read.")
            return _manifest(archive, path)["steps"]

    @staticmethod
    def keys_of(path: Path) -> dict[int, str]:
        """The key versions that the backup was written under, and their fingerprints."""
        with _opened(path) as archive:
            columns = _manifest(archive, path)["tables"]["key_version"]["columns"]
            lines = archive.read("key_version.copy").decode().splitlines()
        rows = [dict(zip(columns, line.split("\t"), strict=True)) for line in lines]
        return {int(row["version"]): row["fingerprint"] for row in rows}

    @staticmethod
    def is_in_use() -> bool:
        """Whether anybody else stays connected to the database.

        The server takes a moment to end the sessions of those who have just left: they have one.
        """
        if not _others():
            return False
        time.sleep(_LEAVING_SECONDS)
        return bool(_others())


def _others() -> int:
    return int(
        database.scalar(
            "SELECT COUNT(*) FROM pg_stat_activity WHERE datname = current_database()"
            " AND pid <> pg_backend_pid() AND backend_type = 'client backend'"
        )
    )


def _opened(path: Path) -> zipfile.ZipFile:
    try:
        return zipfile.ZipFile(path)
    except zipfile.BadZipFile as error:
        raise Invalid(f"{path} is not a backup of giftweb, or damaged: {error}.") from error


def _manifest(archive: zipfile.ZipFile, path: Path) -> dict[str, Any]:
    try:
        found = json.loads(archive.read(MANIFEST))
    except (KeyError, ValueError) as error:
        raise Invalid(f"{path} is not a backup of giftweb: it has no manifest.") from error
    if found.get("format") != FORMAT:
        raise Invalid(f"{path} was made by a later version of giftweb.")
    return found


def _write_table(archive: zipfile.ZipFile, table: str) -> dict[str, Any]:
    columns = [
        name
        for (name,) in database.rows(
            "SELECT column_name FROM information_schema.columns"
            " WHERE table_schema = current_schema() AND table_name = ? ORDER BY ordinal_position",
            table,
        )
    ]
    with archive.open(f"{table}.copy", "w", force_zip64=True) as file:
        rows = bulk.unload(table, columns, file.write)
    return {"columns": columns, "rows": rows}


def _read_table(archive: zipfile.ZipFile, table: str, listed: dict, path: Path) -> None:
    with archive.open(f"{table}.copy") as file:
        chunks = iter(lambda: file.read(_CHUNK), b"")
        rows = bulk.load(table, listed["columns"], chunks)
    if rows != listed["rows"]:
        raise Invalid(f"{path} is damaged: {table} has {rows} rows, not {listed['rows']}.")


def _sequences() -> list[tuple[str, int]]:
    return [
        (name, value)
        for name, value in database.rows(
            "SELECT sequencename, last_value FROM pg_sequences WHERE schemaname = current_schema()"
            " AND last_value IS NOT NULL"
        )
    ]
