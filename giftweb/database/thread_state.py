"""The transaction of each thread: its time, and what is still to be sent for it."""

import threading
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from giftweb import clock
from giftweb.database.pipeline import Pipeline, Statement


class Write(NamedTuple):
    """A statement that is still to be sent, and the table and id of the row it writes, if known."""

    sql: str
    values: Sequence[Any]
    row: tuple[str, str] | None


class _Thread(threading.local):
    """What one thread has open.

    ``pending_begin``: BEGIN and the query of the server's clock, sent with the first statement of
    the transaction, or by ``send_begin``. ``micros``: the transaction's time, once it is known.
    ``connected``: the connection that was opened last. ``on_commit``: what is to run after it.
    """

    micros: int | None = None
    pending_begin: tuple[Statement, ...] = ()
    send_begin: Callable[[], None]
    pending_writes: list[Write]
    on_commit: list[Callable[[], None]]
    pipeline: Pipeline | None = None
    connected: Any

    def __init__(self) -> None:
        self.pending_writes = []
        self.on_commit = []


thread = _Thread()


def _transaction_micros() -> int | None:
    if thread.pending_begin:
        thread.send_begin()
    return thread.micros


clock.follow_transaction(_transaction_micros)
