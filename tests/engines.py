"""The two engines a test runs on: a migrated database each, emptied between tests in a moment."""

import os
import shutil
import tempfile
import uuid
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any, Protocol

import psycopg

from giftweb import database, installation
from giftweb.database import schema
from giftweb.domain.audit import chains
from tests import disks, postgres

NAMES = ("sqlite", "postgresql")


class Engine(Protocol):
    """One database, of this pytest worker alone."""

    name: str
    url: str

    def use(self) -> None:
        """Make it the one the program uses."""

    def empty(self) -> None:
        """Make it as it was after its migration, and the one the program uses."""

    def elsewhere(self) -> AbstractContextManager[str]:
        """The address of an empty database of the same kind, for a while."""

    def remove(self) -> None:
        """Throw it away."""


class Sqlite:
    """A file; emptied by copying the migrated one over it."""

    name = "sqlite"

    def __init__(self, folder: Path):
        os.umask(0o077)  # As the program does; else a program that a test starts warns of the file.
        folder.mkdir(parents=True, exist_ok=True)
        self._file = folder / "giftweb.db"
        self._template = folder / "migrated.db"
        self.url = f"sqlite:///{self._file}"
        database.connect(self.url)
        schema.upgrade()
        installation.register_keys()
        database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        database.close()
        shutil.copyfile(self._file, self._template)
        self._handle = database.db.obj

    def use(self) -> None:
        database.db.initialize(self._handle)

    def empty(self) -> None:
        self.use()
        database.close()
        for ending in ("", "-wal", "-shm"):
            Path(f"{self._file}{ending}").unlink(missing_ok=True)
        shutil.copyfile(self._template, self._file)
        chains.forget()

    @contextmanager
    def elsewhere(self) -> Iterator[str]:
        with tempfile.TemporaryDirectory(dir=disks.in_memory()) as folder:
            yield f"sqlite:///{folder}/giftweb.db"

    def remove(self) -> None:
        self.use()
        database.close()


class Postgres:
    """A database of the shared server; emptied with its guards set aside."""

    name = "postgresql"

    def __init__(self, address_of: Callable[[str], str] = postgres.server_url) -> None:
        self._address_of = address_of
        self._server = address_of("postgres")
        self._database = f"giftweb_{uuid.uuid4().hex[:12]}"
        self.url = address_of(self._database)
        self._on_server(f"CREATE DATABASE {self._database}")
        database.connect(self.url)
        schema.upgrade()
        installation.register_keys()
        self._handle = database.db.obj
        self._emptying = _emptying()
        self._owner = psycopg.connect(self.url, autocommit=True)
        database.close()

    def use(self) -> None:
        database.db.initialize(self._handle)

    def empty(self) -> None:
        self.use()
        if database.db.in_transaction():
            database.close()
        for statement, parameters in self._emptying:
            self._owner.execute(statement, parameters)
        chains.forget()

    @contextmanager
    def elsewhere(self) -> Iterator[str]:
        name = f"{self._database}_elsewhere"
        self._on_server(f"CREATE DATABASE {name}")
        try:
            yield self._address_of(name)
        finally:
            self._on_server(f"DROP DATABASE {name} WITH (FORCE)")

    def remove(self) -> None:
        self.use()
        database.close()
        self._owner.close()
        self._on_server(f"DROP DATABASE {self._database} WITH (FORCE)")

    def _on_server(self, statement: str) -> None:
        with psycopg.connect(self._server, autocommit=True) as connection:
            connection.execute(statement)


def _emptying() -> list[tuple[str, Sequence[Any] | None]]:
    """What brings every table back to its rows after the migration. Guards do not see it."""
    names = (
        "SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND tablename <> 'schema_step'"
    )
    tables = sorted(name for (name,) in database.rows(names))
    sequences = database.rows("SELECT sequencename, start_value FROM pg_sequences")
    steps = ["SET session_replication_role = replica"]
    steps += [f'DELETE FROM "{table}"' for table in tables]
    steps += [
        f"SELECT setval('\"{name}\"', {start}, false)"
        for name, start in sequences
        if name != "schema_step_id_seq"
    ]
    kept = [
        (f'INSERT INTO "{table}" VALUES ({", ".join(["%s"] * len(row))})', row)
        for table in tables
        for row in database.rows(f'SELECT * FROM "{table}"')
    ]
    return [("; ".join(steps), None), *kept]


def make(name: str, folder: Path) -> Engine:
    """A migrated database on the engine with this name."""
    return Sqlite(folder) if name == "sqlite" else Postgres()
