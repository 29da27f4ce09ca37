"""PostgreSQL: waiting for the transactions that write to a table now, without a lock of one's own.

A lock that keeps writers out waits for a vacuum, too, and whoever comes after it waits behind it.
This looks at who holds the lock that every INSERT takes before it draws its row's number.
"""

import time
from collections.abc import Sequence

from giftweb import database

_EVERY_SECONDS = 0.005


def wait(tables: Sequence[str], *, milliseconds: int) -> bool:
    """Whether each transaction that writes to one of the tables now has ended within this time.

    On SQLite nobody else writes while a transaction does.
    """
    if not database.is_postgres():
        return True
    deadline, waited_for = time.monotonic() + milliseconds / 1000, _writers(tables)
    while waited_for:
        if time.monotonic() > deadline:
            return False
        time.sleep(_EVERY_SECONDS)
        waited_for &= _writers(tables)
    return True


def _writers(tables: Sequence[str]) -> set[str]:
    found = database.rows(
        "SELECT DISTINCT virtualtransaction FROM pg_locks WHERE locktype = 'relation' AND granted"
        " AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
        f" AND relation IN (SELECT to_regclass(name) FROM (VALUES {_values(tables)}) n (name))"
        " AND mode = 'RowExclusiveLock' AND pid IS DISTINCT FROM pg_backend_pid()",
        *tables,
    )
    return {name for (name,) in found}


def _values(tables: Sequence[str]) -> str:
    return ", ".join(["(CAST(? AS TEXT))"] * len(tables))
