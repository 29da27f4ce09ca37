"""SQLite or PostgreSQL, one connection a thread: transactions, statements, and what is below them.

It knows no table by name. Door: ``transactional`` and ``transaction``; queries are peewee's, the
hot ones plain SQL with ``?`` for parameters, the same text on both engines, through ``rows``,
``row``, ``scalar``, ``execute``, ``insert`` and ``write``.
"""

import functools
import json
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, ParamSpec, TypeVar

import peewee
from peewee import DatabaseProxy

from giftweb.database import constraints, engines
from giftweb.database.pipeline import Rows
from giftweb.database.postgres import MAY_BE_RETRIED, Postgres, for_postgres
from giftweb.database.thread_state import Write, thread
from giftweb.errors import Unavailable

P = ParamSpec("P")
R = TypeVar("R")

db = DatabaseProxy()

_MAX_ATTEMPTS = 8
_MAX_PENDING = 24


def connect(url: str) -> None:
    """Point the program at ``sqlite:///path`` or ``postgresql://...`` (several hosts allowed)."""
    if url.startswith("sqlite:///"):
        db.initialize(engines.sqlite(Path(url.removeprefix("sqlite:///"))))
    else:
        db.initialize(engines.postgres(url.replace("postgres://", "postgresql://", 1)))


def limit_waiting() -> None:
    """For a web process: end each statement, and each wait for the server, in time for the person
    who waits for the answer (database.timeouts)."""
    if is_postgres():
        db.obj.limit_waiting()


def close() -> None:
    """Close this thread's connection."""
    if db.obj is not None and not db.is_closed():
        db.close()


def rollback_open() -> None:
    """At the end of a request: roll back a transaction that was left open. No verb leaves one."""
    handle = db.obj
    if handle is not None and handle.in_transaction():
        handle.session_rollback()


def is_postgres() -> bool:
    """Whether the engine is PostgreSQL; otherwise it is SQLite."""
    return isinstance(db.obj, Postgres)


# Transactions


@contextmanager
def transaction() -> Iterator[None]:
    """All or nothing. Inside another transaction it is a part of that one.

    Raises: Unavailable when the database cannot be reached or is too busy; for a broken constraint
    the error that was declared for it (database.constraints).
    """
    if db.in_transaction():
        yield
        return
    with _unavailable(), _begin(*_begin_options()):
        yield


def _begin_options() -> tuple[str, ...]:
    """On SQLite a transaction that may write waits for its turn before it reads."""
    return () if is_postgres() else ("IMMEDIATE",)


@contextmanager
def _begin(*options: str) -> Iterator[None]:
    """A transaction of its own, with what is to run after its commit."""
    try:
        with db.transaction(*options):
            yield
        for task in thread.on_commit:
            task()
    except peewee.IntegrityError as problem:
        if error := constraints.error_of(problem):
            raise error from problem
        raise
    finally:
        thread.micros = None
        thread.pending_writes.clear()
        thread.on_commit.clear()


@contextmanager
def _unavailable() -> Iterator[None]:
    """Raise Unavailable when the database could not do its work, but not when it was asked for
    what does not exist: that is a fault of the program."""
    try:
        yield
    except peewee.OperationalError as problem:
        if db.obj.is_unavailable(problem):
            raise Unavailable from problem
        raise


def on_commit(task: Callable[[], None]) -> None:
    """Run this once the open transaction is committed, and not at all if it is rolled back. It
    raises nothing: what is committed was done."""
    thread.on_commit.append(task)


def will_run(task: Callable[[], None] | None) -> bool:
    """Whether ``on_commit`` was called with this in the open transaction."""
    return task in thread.on_commit


@contextmanager
def snapshot() -> Iterator[None]:
    """Several reads that see one state of the database.

    Raises: Unavailable.
    """
    if db.in_transaction():
        yield
        return
    level = "REPEATABLE READ READ ONLY" if is_postgres() else "DEFERRED"
    with _unavailable(), _begin(level):
        yield


def transactional(verb: Callable[P, R]) -> Callable[P, R]:
    """Run the verb in a transaction; retry it whole after a deadlock or serialization failure."""

    @functools.wraps(verb)
    def run(*args: P.args, **kwargs: P.kwargs) -> R:
        if db.in_transaction():
            return verb(*args, **kwargs)
        with _unavailable():
            return _retried(verb, *args, **kwargs)

    return run


def _retried(verb: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
    for attempt in range(1, _MAX_ATTEMPTS + 1):
        try:
            with _begin(*_begin_options()):
                return verb(*args, **kwargs)
        except peewee.OperationalError as problem:
            if attempt == _MAX_ATTEMPTS or not may_be_retried(problem):
                raise
            time.sleep(0.002 * 2**attempt)
    raise AssertionError("the loop returns or raises")


def may_be_retried(problem: Exception) -> bool:
    """Whether the transaction failed by a deadlock or serialization failure, and may be retried."""
    return _sqlstate(problem) in MAY_BE_RETRIED


def waited_too_long(problem: BaseException | None) -> bool:
    """Whether a statement timed out waiting for another transaction's lock."""
    return problem is not None and _sqlstate(problem) == "55P03"


def _sqlstate(problem: BaseException) -> str | None:
    cause = problem.__cause__ or problem.__context__
    return getattr(cause, "sqlstate", None)


# Plain SQL


def _text(sql: str) -> str:
    return for_postgres(sql) if is_postgres() else sql


def rows(sql: str, *params: Any) -> Rows:
    """All rows of a query, as tuples.

    Raises: Unavailable.
    """
    return db.obj.fetch(sql, params)


def rows_of_each(queries: Sequence[str]) -> list[Rows]:
    """The rows of each of several queries without parameters; on PostgreSQL in one round trip.

    Raises: Unavailable.
    """
    return db.obj.fetch_each(queries)


def row(sql: str, *params: Any) -> tuple | None:
    """The first row of a query, or None."""
    found = rows(sql, *params)
    return found[0] if found else None


def scalar(sql: str, *params: Any) -> Any:
    """The first column of the first row, or None."""
    found = row(sql, *params)
    return None if found is None else found[0]


def execute(sql: str, *params: Any) -> int:
    """Run a statement now; the number of rows that it changed."""
    return db.execute_sql(_text(sql), params).rowcount


def update_without_fsync(sql: str, *params: Any) -> bool:
    """Run an UPDATE that ends in its WHERE, as a transaction of its own that does not wait for the
    disk; whether it changed a row. Inside a transaction it is part of that, and as durable.

    A power cut may undo it, as a whole, and never what was durably written after it. For what is
    checked again before money moves.

    Raises: Unavailable. Source: docs/decisions/0012-a-cart-does-not-wait-for-the-disk.md.
    """
    if db.in_transaction():
        return execute(sql, *params) > 0
    return db.obj.update_without_fsync(sql, params)


def placeholders(values: Sequence) -> str:
    """``?, ?, ?`` for an IN list; ``NULL`` for an empty one, as PostgreSQL refuses ``IN ()``."""
    return ", ".join("?" * len(values)) or "NULL"


def for_update() -> str:
    """The end of a SELECT that locks its rows: ``FOR UPDATE``, and nothing on SQLite, which has one
    writer at a time.

    Rows are locked in one order everywhere: order, checkout, payment, card, each by id.
    """
    return " FOR UPDATE" if is_postgres() else ""


def locked(query: peewee.ModelSelect) -> peewee.ModelSelect:
    """The query with its first table's rows locked, as by ``for_update``."""
    return query.for_update(of=query.model) if is_postgres() else query


# Writes. On PostgreSQL they are collected and sent as one statement: one round trip.


def insert(table: str, **values: Any) -> None:
    """Write a row, at the latest before the transaction's next query or commit."""
    row = (table, values["id"]) if "id" in values else None
    write(insert_sql(table, tuple(values)), *values.values(), row=row)


@functools.lru_cache(maxsize=256)
def insert_sql(table: str, columns: tuple[str, ...], *, rows: int = 1) -> str:
    """The INSERT of a row, or of several."""
    names = ", ".join(f'"{column}"' for column in columns)
    values = ", ".join([f"({placeholders(columns)})"] * rows)
    return f'INSERT INTO "{table}" ({names}) VALUES {values}'


def write(sql: str, *params: Any, row: tuple[str, str] | None = None) -> None:
    """Run a statement whose row count is not needed, at the latest with the next query.

    The writes of one flush must change different rows. ``row``: the table and id of what this one
    changes; what is pending for the same row is sent before it.
    """
    if not is_postgres() or not db.in_transaction():
        execute(sql, *params)
        return
    if row is not None and any(row == pending.row for pending in thread.pending_writes):
        flush()
    thread.pending_writes.append(Write(sql, params, row))
    if len(thread.pending_writes) >= _MAX_PENDING:
        flush()


def flush() -> None:
    """Send the pending writes."""
    if is_postgres():
        db.obj.flush()


_ENCODER = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def to_json(value: Any) -> str:
    """The one way a document is written: compact, sorted keys."""
    return _ENCODER.encode(value)
