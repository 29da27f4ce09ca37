"""The statements that a thread sends to the database, with the time that each has taken."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from giftweb import database


@dataclass(frozen=True)
class Query:
    """One statement, or several that travelled in one trip."""

    text: str
    seconds: float


class _Thread(threading.local):
    collected: list[Query] | None = None


_thread = _Thread()


@contextmanager
def collecting() -> Iterator[list[Query]]:
    """Collect what this thread sends, once ``watch`` was called."""
    _thread.collected = found = []
    try:
        yield found
    finally:
        _thread.collected = None


def watch() -> None:
    """Have the database in use report its statements, also those of connections yet to come."""
    handle = database.db.obj
    cursor = handle.cursor
    handle.cursor = lambda *args, **options: _Cursor(cursor(*args, **options))
    for name in ("send",) if database.is_postgres() else ("fetch", "update_without_fsync"):
        setattr(handle, name, _timed(getattr(handle, name)))


class _Cursor:
    def __init__(self, cursor: Any):
        self._cursor = cursor

    def execute(self, sql: str, *args: Any, **options: Any) -> Any:
        """Run a statement and note it."""
        return _timed(self._cursor.execute)(sql, *args, **options)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._cursor, name)

    def __iter__(self) -> Iterator[Any]:
        return iter(self._cursor)


def _timed(run: Callable[..., Any]) -> Callable[..., Any]:
    def timed(statement: Any, *args: Any, **options: Any) -> Any:
        began = time.perf_counter()
        try:
            return run(statement, *args, **options)
        finally:
            if _thread.collected is not None:
                seconds = time.perf_counter() - began
                _thread.collected.append(Query(_text(statement), seconds))

    return timed


def _text(statement: Any) -> str:
    """The SQL on one line; of a trip all its statements."""
    parts = [statement] if isinstance(statement, str) else [sql for sql, _ in statement]
    return "; ".join(" ".join(part.split()) for part in parts)
