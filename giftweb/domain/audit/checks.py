"""``flask audit``: every invariant that one database can show, each breach named with its row.

A check is a query that finds what must not be there. Seals and codes are verified in Python, by
giftweb.domain.audit.check_seals.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from giftweb import database
from giftweb.database import guards
from giftweb.domain.audit import (
    anchors,
    chains,
    check_actors,
    check_months,
    check_seals,
    checkpoints_by_day,
    checkpoints_of_orders,
)
from giftweb.domain.audit.anchors import Anchor
from giftweb.domain.audit.check_ledger import CHECKS, queries

IN_PYTHON = [
    "I6 guards",
    "I7 seals",
    "I7 rows",
    "I28 codes",
    "I30 audit",
    "I30 chains",
    check_actors.CHECK,
    "I2 checkpoints",
    "I30 checkpoints",
    "B11 sums by day",
    checkpoints_of_orders.CHECK,
    "I42 closed months",
    "I2 anchors",
]


@dataclass(frozen=True, slots=True)
class Breach:
    """One row that breaks an invariant."""

    check: str
    row: str
    text: str


def names() -> list[str]:
    """Every check by name, in the order they run."""
    return [check.name for check in CHECKS] + IN_PYTHON


def run(*, since: Sequence[Anchor] = ()) -> list[Breach]:
    """All breaches of the live database, seen in one snapshot; empty when all is well.

    ``since``: anchors that have left the house; the one beside the keys is compared, too.
    """
    tips, left = chains.kept(), [*since, *anchors.kept()]
    with database.snapshot():
        return list(_breaches(left, tips))


def _breaches(since: Sequence[Anchor], kept: Mapping[str, chains.Tip]) -> Iterator[Breach]:
    found_by_check = database.rows_of_each(queries(is_postgres=database.is_postgres()))
    for check, found in zip(CHECKS, found_by_check, strict=True):
        for row, *values in found:
            yield Breach(check.name, str(row), check.describe(values))
    for name in guards.missing():
        yield Breach("I6 guards", name, "this guard is missing, changed or switched off")
    for name in guards.planted():
        yield Breach("I6 guards", name, "this trigger is not the program's")
    for name, breaches in _in_python(since, kept):
        yield from _each(name, breaches)


def _in_python(
    since: Sequence[Anchor], kept: Mapping[str, chains.Tip]
) -> Iterator[tuple[str, Iterator[check_seals.Found]]]:
    yield from check_seals.breaches(kept)
    yield "B11 sums by day", checkpoints_by_day.breaches()
    yield checkpoints_of_orders.CHECK, checkpoints_of_orders.breaches()
    yield "I42 closed months", check_months.breaches()
    yield "I2 anchors", anchors.breaches(since)


def _each(name: str, found: Iterator[check_seals.Found]) -> Iterator[Breach]:
    """What a check finds. A value that it cannot read was not written by us: it is a breach, too,
    and hides none of the other checks."""
    try:
        for check, row, text in found:
            yield Breach(check, row, text)
    except _UNREADABLE as problem:
        yield Breach(name, "unreadable", f"a value cannot be read: {problem}")


_UNREADABLE = (ValueError, TypeError, KeyError, AttributeError, OverflowError)
