"""Databases to measure on: the two engines, every commit on the disk, and copies of them."""

import os
import shutil
import tempfile
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg

from giftweb import database, installation, keys
from giftweb.database import schema
from tests import postgres

DURABLE = postgres.SETTINGS | {
    "fsync": "on",
    "full_page_writes": "on",
    "synchronous_commit": "on",
    "autovacuum": "on",
    "shared_buffers": "256MB",
}


KEYS = "keys.json"


class Sqlite:
    """Databases as files of one folder."""

    name = "sqlite"

    def __init__(self, folder: Path):
        self._folder = folder
        self.keys_path = folder / KEYS

    def make(self) -> str:
        """The address of a new, migrated database."""
        return _migrated(f"sqlite:///{self._folder}/{_name()}.db")

    def copy(self, url: str) -> str:
        """The address of a copy of the database at ``url``, which nobody may be using."""
        database.connect(url)
        database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        database.close()
        target = f"{self._folder}/{_name()}.db"
        shutil.copyfile(url.removeprefix("sqlite:///"), target)
        return f"sqlite:///{target}"


class Postgres:
    """Databases of one server."""

    name = "postgresql"

    def __init__(self, cluster: postgres.Cluster, folder: Path):
        self._cluster = cluster
        self.keys_path = folder / KEYS

    def make(self) -> str:
        """The address of a new, migrated database."""
        return _migrated(self._create())

    def copy(self, url: str) -> str:
        """The address of a copy of the database at ``url``, which nobody may be using."""
        return self._create(template=url.rpartition("/")[2])

    def _create(self, template: str = "template0") -> str:
        name = _name()
        with psycopg.connect(self._cluster.url(), autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {name} TEMPLATE {template}")
        return self._cluster.url(name)


Engine = Sqlite | Postgres


def environ(engine: Engine, url: str) -> dict[str, str]:
    """The environment of a process of its own that runs on the database at ``url``."""
    return {**os.environ, "DATABASE_URL": url, "GIFTWEB_KEYS": str(engine.keys_path)}


def _name() -> str:
    return f"bench_{uuid.uuid4().hex[:12]}"


def _migrated(url: str) -> str:
    database.connect(url)
    schema.upgrade()
    installation.register_keys()
    database.close()
    return url


@contextmanager
def engines() -> Iterator[list[Engine]]:
    """Both engines, with keys of their own, thrown away at the end."""
    folder = Path(tempfile.mkdtemp(prefix="giftweb-bench-"))
    cluster = postgres.new_cluster(DURABLE)
    keys.use(keys.create(folder / KEYS))
    try:
        yield [Sqlite(folder), Postgres(cluster, folder)]
    finally:
        database.close()
        cluster.remove()
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def used(url: str) -> Iterator[None]:
    """The program on the database at ``url`` for a while."""
    database.connect(url)
    try:
        yield
    finally:
        database.close()


def on_each(measure: Callable[[Engine], list]) -> list:
    """What ``measure`` finds on the one engine and then on the other."""
    with engines() as both:
        return [figure for engine in both for figure in measure(engine)]
