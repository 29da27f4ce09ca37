"""Create and migrate the schema: numbered steps, then the guards."""

import logging
from collections.abc import Sequence
from pathlib import Path

from playhouse.migrations import Runner

from giftweb import database
from giftweb.database import guards

log = logging.getLogger(__name__)

STEPS = Path(__file__).parent / "migrations"


class SchemaBehind(RuntimeError):
    """The database is not at this program's schema."""


def upgrade() -> list[str]:
    """Apply the steps that are missing and create the guards; the names of those steps."""
    runner = _runner()
    with _foreign_keys_off():
        applied = runner.up()
    if applied or guards.missing():
        guards.install()
    database.close()
    return applied


def create(steps: Sequence[str]) -> None:
    """Apply these steps to an empty database, in the transaction that is open; for a restore."""
    _runner().up(max(steps))
    guards.install()


def steps() -> list[str]:
    """Every step that this program knows, in order."""
    return [step.name for step in _runner().migrations()]


def applied() -> list[str]:
    """The steps that the database has, in order."""
    return sorted(_runner().applied())


def is_created() -> bool:
    """Whether any step was applied to the database."""
    return bool(applied())


def check() -> None:
    """Refuse to work with a schema that is not this program's; create guards that are missing.

    Raises: SchemaBehind with what to do.
    """
    waiting = [step.name for step in _runner().status() if not step.applied]
    if waiting:
        others = f" and {len(waiting) - 1} more are" if len(waiting) > 1 else " is"
        raise SchemaBehind(f"Run `flask db upgrade`: {waiting[0]}{others} not applied.")
    if missing := guards.missing():
        log.warning("guards were missing or changed, and are there again: %s", ", ".join(missing))
        guards.install()


def is_current() -> bool:
    """Whether every step was applied and no guard is missing."""
    return all(step.applied for step in _runner().status()) and not guards.missing()


def _runner() -> Runner:
    return Runner(database.db.obj, str(STEPS), table_name="schema_step")


class _foreign_keys_off:
    """On SQLite a step may rebuild tables: foreign keys are off meanwhile and checked after it."""

    def __enter__(self) -> None:
        if not database.is_postgres():
            database.execute("PRAGMA foreign_keys = OFF")

    def __exit__(self, *problem: object) -> None:
        if database.is_postgres():
            return
        broken = database.rows("PRAGMA foreign_key_check")
        database.execute("PRAGMA foreign_keys = ON")
        if broken and problem[0] is None:
            raise SchemaBehind(f"The step left rows without their parents: {broken[:5]}")
