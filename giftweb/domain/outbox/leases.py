"""Work that several workers share: rows are claimed for a while, and never by two at once.

A table of such work has ``state`` (waiting, sending, ...), ``attempts`` and ``due_at``: when the
row is due, and while it is claimed the end of the lease. That instant is also the claim's token:
the worker that lost its lease to another one changes nothing any more.
"""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from giftweb import clock, database

_DUE = "state IN ('waiting', 'sending') AND due_at <= ?"


class LeaseLost(RuntimeError):
    """Another worker, or a person, has taken the row meanwhile."""


def is_any_due(table: str) -> bool:
    """Whether there is something to claim: a read that locks nothing."""
    return database.row(f"SELECT 1 FROM {table} WHERE {_DUE} LIMIT 1", clock.micros()) is not None


def claim(
    table: str,
    *,
    limit: int,
    lease: timedelta,
    condition: str = "1 = 1",
    values: Sequence[Any] = (),
) -> list[str]:
    """Claim rows that are due and that nobody works on; their ids, the longest due first.

    To be called in a transaction of its own: the claim is committed before the work begins.
    """
    skip = " FOR UPDATE SKIP LOCKED" if database.is_postgres() else ""
    now = clock.micros()
    found = database.rows(
        f"SELECT id FROM {table} WHERE {_DUE} AND {condition} ORDER BY due_at LIMIT ?{skip}",
        now,
        *values,
        limit,
    )
    claimed = [row_id for (row_id,) in found]
    if claimed:
        database.execute(
            f"UPDATE {table} SET state = 'sending', due_at = ?, attempts = attempts + 1"
            f" WHERE id IN ({database.placeholders(claimed)})",
            now + lease // timedelta(microseconds=1),
            *claimed,
        )
    return claimed


def settle(
    table: str, row_id: str, *, held: int, was: str = "sending", **changes: str | int | None
) -> None:
    """Write what became of a row, if it still is in the state it ``was`` and the lease held.

    Raises: LeaseLost.
    """
    columns = ", ".join(f"{name} = ?" for name in changes)
    touched = database.execute(
        f"UPDATE {table} SET {columns} WHERE id = ? AND due_at = ? AND state = ?",
        *changes.values(),
        row_id,
        held,
        was,
    )
    if not touched:
        raise LeaseLost(row_id)


def next_try(attempts: int, back_off: Sequence[timedelta]) -> int | None:
    """When to try again after so many attempts, as a stored instant; None when it is enough."""
    if attempts > len(back_off):
        return None
    return clock.to_micros(clock.now() + back_off[attempts - 1])
