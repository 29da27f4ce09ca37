"""Seals of the rows that money or somebody's right hangs on (I7): no key, no valid row.

A row is sealed when it is written, and again by the verb that changes it. Left out are the counters
that other sealed rows add up to, and what ``docs/ledger.md`` names. Transfers and the audit log are
sealed by their own modules, in chains.
"""

from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from typing import Any

from peewee import CompositeKey

from giftweb import database, models, security_log
from giftweb.database import records
from giftweb.database.records import Table
from giftweb.domain.audit.log import seal


def _added(table: Table) -> tuple[str, ...]:
    return getattr(table._meta, "sealed_later", ())


def covered(table: Table) -> tuple[str, ...]:
    """The columns that a row's seal covers, as the table lists them."""
    others = {*table._meta.unsealed, *_added(table), "seal"}
    return (*(name for name in table._meta.columns if name not in others), *_added(table))


_TABLES = [
    table
    for table in models.TABLES
    if hasattr(table._meta, "unsealed") and table not in (models.AuditEntry, models.Transfer)
]

KEYS: dict[str, int] = {
    table._meta.table_name: len(table._meta.primary_key.field_names)
    if isinstance(table._meta.primary_key, CompositeKey)
    else 1
    for table in _TABLES
}
"""Table -> how many of the first columns that are sealed are its rows' key."""

SEALED: dict[str, tuple[str, ...]] = {table._meta.table_name: covered(table) for table in _TABLES}
"""Table -> the columns that its rows' seals cover; the key comes first."""

ADDED: dict[str, int] = {table._meta.table_name: len(_added(table)) for table in _TABLES}
"""Table -> how many of these, the last ones, came with a later step of the schema."""

RESOLVED = ("resolved_at", "resolution", "captured_minor", "transfer_id")
"""The end of a hold is sealed over the seal of its beginning: nothing has to be read again."""


def insert(table: Table, value: Any = None, /, **more: Any) -> None:
    """Write a row with its seal: what the table has of a value's fields, and ``more``; what neither
    names has the table's default."""
    database.insert(table._meta.table_name, **row(table, value, **more))


def row(table: Table, value: Any = None, /, **more: Any) -> dict[str, Any]:
    """The columns of a new row, its seal among them."""
    columns = _defaults(table) | records.stored(table, value, **more)  # type: ignore[arg-type]
    columns["seal"] = of(table._meta.table_name, columns)
    return columns


def put(table: Table, value: Any = None, /, **more: Any) -> None:
    """Write a row with its seal, in place of the one with its key if there is one."""
    name, columns = table._meta.table_name, row(table, value, **more)
    key = SEALED[name][0]
    kept = ", ".join(f"{column} = excluded.{column}" for column in columns if column != key)
    insert = database.insert_sql(name, tuple(columns))
    database.execute(f"{insert} ON CONFLICT ({key}) DO UPDATE SET {kept}", *columns.values())


@cache
def _defaults(table: Any) -> dict[str, Any]:
    named = {field.column_name: value for field, value in table._meta.defaults.items()}
    return records.stored(table, **named)


def of(table: str, columns: Mapping[str, Any]) -> bytes:
    """The seal of a row, from what its columns hold; a column that is not named is NULL."""
    return of_values(table, map(columns.get, SEALED[table]))


def of_values(table: str, values: Iterable[Any]) -> bytes:
    """The seal of a row, from the columns of SEALED in their order.

    Of the columns that a later step has added those that are NULL to the end are left out: so the
    seal of a row that was written before the step still fits.
    """
    covered = list(values)
    for _ in range(ADDED[table]):
        if covered[-1] is not None:
            break
        covered.pop()
    return seal(table.encode(), *covered)


def resolved(before: bytes, *values: Any) -> bytes:
    """The seal of a hold that has ended; ``values`` are those of RESOLVED."""
    return seal(before, *values)


# Hot: a row's columns are sealed as the database has them. peewee would convert twenty of them and
# back: 0.6 ms a change instead of 0.1 ms, and each change of a card's or an order's state is one.


def change(table: Table, key: str, **changes: Any) -> None:
    """Change a row, under its lock, and seal it again. A seal that was broken stays broken."""
    name, changed = table._meta.table_name, records.stored(table, **changes)
    columns = SEALED[name]
    found = database.row(
        f"SELECT {', '.join(columns)}, seal FROM {name} WHERE {columns[0]} = ?"
        f"{database.for_update()}",
        key,
    )
    if found is None:
        return
    before = dict(zip(columns, found[:-1], strict=True))
    is_whole = of(name, before) == bytes(found[-1] or b"")
    changed["seal"] = of(name, before | changed) if is_whole else found[-1]
    settings = ", ".join(f"{column} = ?" for column in changed)
    database.write(f"UPDATE {name} SET {settings} WHERE {columns[0]} = ?", *changed.values(), key)


def holds(table: Table, key: str) -> bool:
    """Whether a row is as the program wrote it. One that is not gives nobody a right: it opens
    nothing, and the security log says so."""
    name = table._meta.table_name
    columns = SEALED[name]
    found = database.row(
        f"SELECT {', '.join(columns)}, seal FROM {name} WHERE {columns[0]} = ?", key
    )
    return found is not None and is_whole(table, found)


def is_whole(table: Table, values: Sequence[Any]) -> bool:
    """The same of a row that was read: the columns of SEALED, and the seal."""
    name = table._meta.table_name
    if of_values(name, values[:-1]) == bytes(values[-1] or b""):
        return True
    security_log.record("seal.broken", table=name)
    return False


def seal_older(steps: Iterable[str]) -> None:
    """Seal the rows that were there before one of these steps of the schema, applied just now, gave
    their table a seal. Only then: at any other time a row without one was not written by us."""
    for table in _TABLES:
        since = getattr(table._meta, "sealed_since", None)
        if since and any(step.endswith(since) for step in steps):
            _seal_all(table._meta.table_name)


@database.transactional
def _seal_all(name: str) -> None:
    columns, count = SEALED[name], KEYS[name]
    is_row = " AND ".join(f"{column} = ?" for column in columns[:count])
    update = f"UPDATE {name} SET seal = ? WHERE {is_row}"
    for row in database.rows(f"SELECT {', '.join(columns)} FROM {name}"):
        database.write(update, of_values(name, row), *row[:count])
