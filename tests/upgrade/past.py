"""A database as the program of an older commit left it."""

import gzip
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import peewee
import psycopg

from giftweb import clock, database, keys
from giftweb.config import Config, from_environment
from tests.engines import Engine

FOLDER = Path(__file__).parent
COMMIT = "ae7708b"
"""The last commit before the schema only moved forward."""

WRITTEN = datetime(2025, 6, 1, 12, tzinfo=UTC)


@contextmanager
def database_of(commit: str, *, engine: Engine, folder: Path) -> Iterator[Config]:
    """Use the database that the program of this commit left, with its keys, on the day after."""
    keys_path = folder / "keys.json"
    shutil.copyfile(FOLDER / f"{commit}.keys.json", keys_path)
    keys_path.chmod(0o600)
    ring = keys.ring()
    with engine.elsewhere() as url, clock.moved(WRITTEN + timedelta(days=1) - clock.now()):
        _load(
            url, gzip.decompress((FOLDER / f"{commit}.{engine.name}.sql.gz").read_bytes()).decode()
        )
        try:
            database.connect(url)
            yield from_environment({"DATABASE_URL": url, "GIFTWEB_KEYS": str(keys_path)})
        finally:
            database.close()
            engine.use()
            keys.use(ring)


def _load(url: str, script: str) -> None:
    if url.startswith("sqlite"):
        file = peewee.sqlite3.connect(url.removeprefix("sqlite:///"))
        file.executescript(script)
        file.close()
        return
    with psycopg.connect(url, autocommit=True) as server:
        server.execute(script.encode())
