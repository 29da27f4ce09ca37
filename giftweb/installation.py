"""Bring an installation up: schema, guards, keys, and whether they belong together."""

import itertools
import logging
import os
import time
from pathlib import Path

import peewee

from giftweb import database, keys
from giftweb.config import Config
from giftweb.database import schema
from giftweb.database.sqlite import is_database
from giftweb.errors import Refused, SchemaChanged, Unavailable

FOLDER = "instance"
"""The folder that is ours alone; any other one may hold somebody else's files too."""

_REMINDER = 60
"""The log repeats after so many tries that the database is away."""

_ENDINGS = ("", "-wal", "-shm", "-journal")

log = logging.getLogger(__name__)


def keep_private(config: Config) -> None:
    """Let nobody but the owner read what the program writes, nor what an older version wrote.

    A wrong setting may name anything: what is no database, and what is beside it, stays as it is.

    Raises: Refused for a file of somebody else's that others can read.
    """
    os.umask(0o077)
    if not config.database_url.startswith("sqlite:///"):
        return
    path = Path(config.database_url.removeprefix("sqlite:///"))
    if not is_database(path):
        return
    if path.parent.name == FOLDER:
        _narrow(path.parent, 0o700)
    for name in (path.name, "throttle.db"):
        if is_database(path.with_name(name)):
            files = (path.with_name(name + ending) for ending in _ENDINGS)
            for file in filter(Path.is_file, files):
                _narrow(file, 0o600)


def _narrow(path: Path, mode: int) -> None:
    try:
        if not path.stat().st_mode & 0o077:
            return
        path.chmod(mode)
    except FileNotFoundError:
        return
    except PermissionError as problem:
        raise Refused(
            f"{path} can be read by others and belongs to somebody else."
            f" Give it to the user that runs the program, and run: chmod {mode:o} {path}"
        ) from problem
    log.warning("%s could be read by others; now only its owner can", path)


def upgrade(config: Config) -> list[str]:
    """Migrate the schema and make the keys file on the first run; the steps that were applied.

    Raises: keys.KeysUnusable when there are cards but no keys file.
    """
    applied = schema.upgrade()
    if not config.keys_path.exists() and database.scalar("SELECT 1 FROM key_version LIMIT 1"):
        raise keys.KeysUnusable(
            f"The database has cards but the keys file {config.keys_path} is missing."
            " Restore it from its backup."
        )
    if config.keys_path.exists():
        keys.follow(config.keys_path)
    else:
        keys.create(config.keys_path)
        keys.follow(config.keys_path)
    register_keys()
    return applied


def check(config: Config) -> None:
    """Refuse to serve unless schema, guards and keys are this database's.

    Raises: schema.SchemaBehind, keys.KeysUnusable.
    """
    schema.check()
    keys.follow(config.keys_path)
    _require_known()


def check_when_reachable(config: Config) -> None:
    """As ``check``, but for a process that serves: it waits for a database that is away, which may
    be starting again. If it ended instead, its supervisor would soon give up on it.

    Raises: schema.SchemaBehind, keys.KeysUnusable; SchemaChanged.
    """
    for tries in itertools.count():
        try:
            check(config)
        except SchemaChanged:
            raise
        except Unavailable as problem:
            if tries % _REMINDER == 0:
                log.warning("waiting for the database: %s", problem.__cause__ or problem)
            database.close()
            time.sleep(1)
        else:
            return


def register_keys() -> None:
    """Note the fingerprint of each key version that the database does not know yet.

    Raises: keys.KeysUnusable when a known version has another fingerprint.
    """
    _require_known()
    for version in keys.ring().versions.values():
        database.execute(
            "INSERT INTO key_version (version, fingerprint) VALUES (?, ?) ON CONFLICT DO NOTHING",
            version.version,
            version.fingerprint,
        )


def _require_known() -> None:
    ring = keys.ring()
    for number, fingerprint in database.rows("SELECT version, fingerprint FROM key_version"):
        version = ring.versions.get(number)
        if version is None or version.fingerprint != fingerprint:
            raise keys.KeysUnusable(
                f"The keys file is not this database's: key version {number} differs."
                " Restore the right one from its backup."
            )


def readiness() -> dict[str, bool]:
    """Whether the database answers, its schema is ours and the keys are its own; for /readyz."""
    found = dict.fromkeys(("database", "migrations", "keys"), False)
    try:
        found["database"] = database.scalar("SELECT 1") == 1
        found["migrations"] = schema.is_current()
        _require_known()
        found["keys"] = bool(database.scalar("SELECT 1 FROM key_version LIMIT 1"))
    except (peewee.DatabaseError, peewee.InterfaceError, Unavailable, keys.KeysUnusable):
        database.close()
    return found
