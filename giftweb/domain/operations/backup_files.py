"""Backups of SQLite: database files, by SQLite's own backup interface."""

from contextlib import closing
from pathlib import Path
from typing import Any

import peewee
from peewee import sqlite3

from giftweb import database
from giftweb.errors import Invalid


class Files:
    """Write, read and examine a backup of SQLite."""

    @staticmethod
    def write(path: Path) -> None:
        """Copy the database as it stands at one moment. In one step: writers do not restart it."""
        with closing(sqlite3.connect(path)) as target:
            database.db.obj.connection().backup(target)
            # The copy is a file of its own, without a log beside it.
            target.execute("PRAGMA journal_mode = DELETE")

    @staticmethod
    def read(path: Path) -> None:
        """Make the database what the backup is: all of it, or after a crash none of it."""
        database.close()
        with closing(_opened(path)) as source, closing(_target()) as target:
            source.backup(target)

    @staticmethod
    def steps_of(path: Path) -> list[str]:
        """The schema steps that the backup has.

        Raises: Invalid when the file is damaged or no database of giftweb.
        """
        with closing(_opened(path)) as source:
            try:
                (verdict,) = source.execute("PRAGMA quick_check(1)").fetchone()
                found = source.execute("SELECT name FROM schema_step").fetchall()
            except sqlite3.DatabaseError as error:
                raise Invalid(f"{path} is not a backup of giftweb, or damaged: {error}.") from error
        if verdict != "ok":
            raise Invalid(f"{path} is damaged: {verdict}.")
        return [name for (name,) in found]

    @staticmethod
    def keys_of(path: Path) -> dict[int, str]:
        """The key versions that the backup was written under, and their fingerprints."""
        with closing(_opened(path)) as source:
            return dict(source.execute("SELECT version, fingerprint FROM key_version").fetchall())

    @staticmethod
    def is_in_use() -> bool:
        """Whether any other connection is open: leaving WAL needs to be the only one.

        Raises: peewee.DatabaseError when the file is damaged.
        """
        database.close()
        with closing(_target()) as target:
            try:
                with peewee.__exception_wrapper__:
                    target.execute("PRAGMA journal_mode = DELETE").fetchone()
                    target.execute("BEGIN EXCLUSIVE")
                    target.execute("ROLLBACK")
            except peewee.OperationalError:
                return True
        return False


def _opened(path: Path) -> Any:
    return sqlite3.connect(f"file:{path}?mode=ro&immutable=1", uri=True)


def _target() -> Any:
    return sqlite3.connect(database.db.obj.database, timeout=0, isolation_level=None)
