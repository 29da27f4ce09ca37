"""The two engines, from the address of a database."""

from pathlib import Path

from giftweb.database.postgres import Postgres
from giftweb.database.sqlite import Sqlite, is_database
from giftweb.environment import SettingUnusable


def sqlite(path: Path) -> Sqlite:
    """The database in this file; its folder is created if need be.

    Raises: SettingUnusable for what is there and no database.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        is_usable = is_database(path) or not path.exists()
    except OSError:
        is_usable = False
    if not is_usable:
        wanted = "name a SQLite database that can be read, or a new file in a folder of yours"
        raise SettingUnusable("DATABASE_URL", f"sqlite:///{path}", wanted)
    return Sqlite(str(path))


def postgres(url: str) -> Postgres:
    """The database at this address, of one host or several."""
    return Postgres(url)
