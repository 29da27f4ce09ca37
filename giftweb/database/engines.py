"""The two engines, from the address of a database."""

from pathlib import Path

from giftweb.database.postgres import Postgres
from giftweb.database.sqlite import Sqlite


def sqlite(path: Path) -> Sqlite:
    """The database in this file; its folder is created if need be."""
    path.parent.mkdir(parents=True, exist_ok=True)
    return Sqlite(str(path))


def postgres(url: str) -> Postgres:
    """The database at this address, of one host or several."""
    return Postgres(url)
