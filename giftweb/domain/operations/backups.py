"""A consistent copy of the database while it runs, and the way back (I31).

On SQLite a backup is a database file, by SQLite's own backup interface. On PostgreSQL it is an
archive of our own (see backup_archives): it needs no client programs on the machine and restores
into any version that the program runs on. The keys file is never part of a backup.
"""

import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from giftweb import database, keys
from giftweb.database import schema
from giftweb.domain import audit
from giftweb.domain.audit.checks import Breach
from giftweb.domain.operations import backup_archives, backup_files
from giftweb.errors import Invalid, Refused
from giftweb.models import AuditEntry

SQLITE_STARTS, ARCHIVE_STARTS = b"SQLite format 3\x00", b"PK\x03\x04"


class DatabaseInUse(Refused):
    """The database is in use. Stop giftweb (web and worker) first, then restore."""


class KeysMissing(Refused):
    """This backup was made under other keys (version {version}). Restore the keys file of its day
    first: without it no code of the backup can be read."""


@dataclass(frozen=True, slots=True)
class Restored:
    """The result of a restore: where the replaced data lies, and the breaches of its audit."""

    replaced: Path | None
    breaches: tuple[Breach, ...]


def backup(path: Path) -> int:
    """Write a consistent copy to ``path``, readable by its owner alone; its size in bytes.

    Writers are not kept waiting. The file is there whole or not at all.

    Raises: Invalid when something stands at ``path`` already.
    """
    if path.exists():
        raise Invalid(f"{path} is there already. Choose another name.")
    scratch = path.with_name(path.name + ".part")
    os.close(os.open(scratch, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600))
    try:
        _engine().write(scratch)
        _sync(scratch)
        scratch.replace(path)
    finally:
        scratch.unlink(missing_ok=True)
    return path.stat().st_size


def _sync(path: Path) -> None:
    with path.open("rb") as file:
        os.fsync(file.fileno())


def _engine() -> type[backup_files.Files] | type[backup_archives.Archives]:
    return backup_archives.Archives if database.is_postgres() else backup_files.Files


def restore(path: Path, *, report: Callable[[str], None] = lambda step: None) -> Restored:
    """Replace the database by a backup and audit it. What was there is backed up first.

    Raises: DatabaseInUse, KeysMissing, Invalid (not a backup, of the other engine, damaged, made
    by a later version).
    """
    engine = _engine()
    _require_kind(path)
    _require_steps(engine.steps_of(path))
    _require_keys(engine.keys_of(path))
    if engine.is_in_use():
        raise DatabaseInUse
    replaced = _set_aside(path)
    report(f"Restoring {path} ...")
    engine.read(path)
    audit.seals.seal_older(schema.upgrade())
    audit.chains.forget()
    audit.anchors.keep()
    report("Auditing ...")
    return Restored(replaced, tuple(audit.checks.run()))


def _require_kind(path: Path) -> None:
    with path.open("rb") as file:
        start = file.read(16)
    wanted, other = SQLITE_STARTS, ARCHIVE_STARTS
    if database.is_postgres():
        wanted, other = other, wanted
    if start.startswith(other):
        raise Invalid(f"{path} is a backup of the other engine; DATABASE_URL names this one.")
    if not start.startswith(wanted):
        raise Invalid(f"{path} is not a backup of giftweb.")


def _require_steps(steps: list[str]) -> None:
    if strangers := sorted(set(steps) - set(schema.steps())):
        raise Invalid(f"The backup was made by a later version: it has {', '.join(strangers)}.")


def _require_keys(versions: dict[int, str]) -> None:
    try:
        held = keys.ring().versions
    except keys.KeysUnusable:
        held = {}
    for number, fingerprint in versions.items():
        key = held.get(number)
        if key is None or key.fingerprint != fingerprint:
            raise KeysMissing(version=number)


def _set_aside(path: Path) -> Path | None:
    """A backup of what is about to be replaced, beside the one that replaces it."""
    if not schema.is_created() or not AuditEntry.select().exists():
        return None
    number = 1
    while (aside := path.with_name(f"{path.name}.replaced-{number}")).exists():
        number += 1
    backup(aside)
    return aside
