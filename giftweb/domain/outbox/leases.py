"""Work that several workers share: rows are claimed for a while, and never by two at once.

A table of such work has ``state`` (waiting, sending, ...), ``attempts`` and ``due_at``: when the
row is due, and while it is claimed the end of the lease. That instant is also the claim's token:
the worker that lost its lease to another one changes nothing any more.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import peewee

from giftweb import clock, database
from giftweb.database.listings import literal
from giftweb.models import Delivery, Mail, WalletPass

Table = type[Mail] | type[Delivery] | type[WalletPass]


class LeaseLost(RuntimeError):
    """Another worker, or a person, has taken the row meanwhile."""


def _is_due(table: Table) -> peewee.Expression:
    # The words themselves, so that the index of what is to be sent is used.
    states = [literal("waiting"), literal("sending")]
    return table.state.in_(states) & (table.due_at <= clock.now())


def is_any_due(table: Table) -> bool:
    """Whether there is something to claim: a read that locks nothing."""
    return table.select().where(_is_due(table)).exists()


def claim(
    table: Table, *conditions: peewee.Expression, limit: int, lease: timedelta
) -> Sequence[str]:
    """Claim rows that are due and that nobody works on; their ids, the longest due first.

    To be called in a transaction of its own: the claim is committed before the work begins.
    """
    due = table.select(table.id).where(_is_due(table), *conditions)
    due = due.order_by(table.due_at).limit(limit)
    if database.is_postgres():
        due = due.for_update(skip_locked=True)
    claimed = [row_id for (row_id,) in due.tuples()]
    if claimed:
        update = table.update(
            state="sending", due_at=clock.now() + lease, attempts=table.attempts + 1
        )
        update.where(table.id.in_(claimed)).execute()
    return claimed


def write_outcome(
    table: Table, row_id: str, *, lease_end: datetime, was: str = "sending", **changes: Any
) -> None:
    """Write the outcome of a row, if it still is in the state it ``was`` and the lease held.

    Raises: LeaseLost.
    """
    is_ours = (table.id == row_id) & (table.due_at == lease_end) & (table.state == was)
    if not table.update(**changes).where(is_ours).execute():
        raise LeaseLost(row_id)


def next_try(attempts: int, back_off: Sequence[timedelta]) -> datetime | None:
    """When to try again after so many attempts; None when it is enough."""
    if attempts > len(back_off):
        return None
    return clock.now() + back_off[attempts - 1]
