"""Bring an installation up: schema, guards, keys, and whether they belong together (API.md 2)."""

import peewee

from giftweb import database, keys
from giftweb.config import Config
from giftweb.database import schema
from giftweb.errors import Unavailable


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
