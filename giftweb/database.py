"""The database: one connection a thread, transactions that are rerun whole, typed columns.

Models (giftweb.models) describe the schema and serve the desk. The few hot statements are plain SQL
with ``?`` for parameters, the same text on both engines, through ``rows``, ``row``, ``execute`` and
the write queue ``insert`` / ``write``.
"""

import functools
import json
import re
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, ParamSpec, TypeVar

import peewee
from peewee import DatabaseProxy

from giftweb import clock
from giftweb.errors import Unavailable
from giftweb.ticket import Ticket

P = ParamSpec("P")
R = TypeVar("R")

db = DatabaseProxy()

WAIT_SECONDS = 5
"""How long a writer waits for another one's lock before it is told to try again."""

_ATTEMPTS = 8
_WAL_FIXED_IN = (3, 51, 3)
_QUEUE_LIMIT = 24
_CLOCK = "(extract(epoch from clock_timestamp()) * 1000000)::bigint"


class _Local(threading.local):
    """What one thread has open."""

    micros: int | None = None
    cursor: Any = None
    queue: list[tuple[str, tuple]]

    def __init__(self) -> None:
        self.queue = []


_local = _Local()
clock.follow_transaction(lambda: _local.micros)


# Engines


class Sqlite(peewee.SqliteDatabase):
    """SQLite with one writer at a time and every commit on the disk."""

    def __init__(self, path: str):
        self._ticket = Ticket(Path(f"{path}.ticket"))
        wal = peewee.sqlite3.sqlite_version_info >= _WAL_FIXED_IN
        super().__init__(
            path,
            timeout=WAIT_SECONDS,
            pragmas=[
                ("journal_mode", "wal" if wal else "delete"),
                ("synchronous", "full"),
                ("foreign_keys", "on"),
                ("recursive_triggers", "on"),
                ("cache_size", -8000),
                ("temp_store", "memory"),
            ],
        )

    def _add_conn_hooks(self, conn: Any) -> None:
        super()._add_conn_hooks(conn)
        settings = [conn.execute(f"PRAGMA {name}").fetchone()[0] for name in _ASSERTED]
        if settings != list(_ASSERTED.values()):
            raise peewee.InterfaceError(f"SQLite refused the settings we rely on: {settings}")

    def begin(self, lock_type: str | None = None) -> None:
        try:
            if lock_type == "IMMEDIATE":
                self._ticket.take(timeout=WAIT_SECONDS)
            super().begin(lock_type)
        except BaseException:
            self._ticket.give_back()
            raise
        _local.micros = time.time_ns() // 1000

    def commit(self) -> None:
        super().commit()
        self._ticket.give_back()

    def rollback(self) -> None:
        try:
            super().rollback()
        finally:
            self._ticket.give_back()


# Without an adapter the driver looks two protocols up for every None, flag and blob it is given,
# which costs more than the rest of a small statement.
for _type, _adapter in ((type(None), {}.get), (bool, int), (bytes, bytes)):
    peewee.sqlite3.register_adapter(_type, _adapter)

_ASSERTED = {"synchronous": 2, "foreign_keys": 1, "recursive_triggers": 1}


class Postgres(peewee.PostgresqlDatabase):
    """PostgreSQL through psycopg 3. Writes may queue up and go out in one statement."""

    def execute_sql(self, sql: str, params: Any = None) -> Any:
        if _local.queue:
            flush()
        return super().execute_sql(sql, params)

    def ask(self, sql: str, params: tuple) -> Any:
        """``execute_sql`` for what is fetched at once: with one cursor, which saves a third."""
        if _local.queue:
            flush()
        cursor = _local.cursor
        if cursor is None or cursor.connection is not self._state.conn:
            cursor = _local.cursor = self.cursor()
        try:
            with peewee.__exception_wrapper__:
                return cursor.execute(sql, params)
        except peewee.OperationalError:
            if self.in_transaction() or not cursor.connection.closed:
                raise
        # The server has left since the last query: a new connection, and once more.
        self.close_broken()
        return self.execute_sql(sql, params)

    def begin(self, isolation_level: str | None = None) -> None:
        level = f" ISOLATION LEVEL {isolation_level}" if isolation_level else ""
        with peewee.__exception_wrapper__:
            cursor = self.cursor()
            cursor.execute(f"BEGIN{level}; SELECT {_CLOCK}", prepare=False)
            cursor.nextset()
            _local.micros = cursor.fetchone()[0]

    def commit(self) -> None:
        flush()
        super().commit()

    def rollback(self) -> None:
        _local.queue.clear()
        try:
            super().rollback()
        except peewee.DatabaseError:
            self.close_broken()

    def close_broken(self) -> None:
        """Drop a connection that the server has left; the next query opens another."""
        self._state.conn and self._state.conn.close()
        self._state.reset()


def connect(url: str) -> None:
    """Point the program at ``sqlite:///path`` or ``postgresql://...`` (several hosts allowed)."""
    if url.startswith("sqlite:///"):
        path = Path(url.removeprefix("sqlite:///"))
        path.parent.mkdir(parents=True, exist_ok=True)
        db.initialize(Sqlite(str(path)))
    elif url.startswith(("postgresql://", "postgres://")):
        db.initialize(_postgres(url.replace("postgres://", "postgresql://", 1)))
    else:
        raise ValueError(f"DATABASE_URL must start with sqlite:/// or postgresql://, not {url!r}")


def _postgres(url: str) -> Postgres:
    # Behind pgbouncer server-side statements do not survive: ?prepare=no in the address.
    url, count = re.subn(r"[?&]prepare=no\b", "", url)
    options = {"prepare_threshold": None} if count else {}
    return Postgres(
        url,
        prefer_psycopg3=True,
        connect_timeout=WAIT_SECONDS,
        options=f"-c timezone=UTC -c lock_timeout={WAIT_SECONDS}s",
        **options,
    )


def close() -> None:
    """Close this thread's connection."""
    if db.obj is not None and not db.is_closed():
        db.close()


def abandon() -> None:
    """At a request's end: roll back what is open. A verb never leaves anything open by itself."""
    if db.obj is not None and db.in_transaction():
        db.session_rollback()


def is_postgres() -> bool:
    """Which of the two engines this is."""
    return isinstance(db.obj, Postgres)


# Transactions


@contextmanager
def transaction() -> Iterator[None]:
    """All or nothing. Inside another one it is part of it.

    Raises: Unavailable when the database cannot be reached or is too busy.
    """
    if db.in_transaction():
        yield
        return
    with _forgotten_afterwards(), _begun(*_WRITE[is_postgres()]):
        yield


@contextmanager
def _begun(*args: Any) -> Iterator[None]:
    unit = db.transaction(*args)
    try:
        unit.__enter__()
    except peewee.OperationalError as problem:
        # Nothing has been done yet: a connection that died in between is opened anew.
        if not is_postgres():
            raise Unavailable from problem
        db.obj.close_broken()
        unit = _reconnected(*args)
    try:
        yield
    except BaseException as problem:
        unit.__exit__(type(problem), problem, problem.__traceback__)
        raise
    unit.__exit__(None, None, None)


def _reconnected(*args: Any) -> Any:
    unit = db.transaction(*args)
    try:
        unit.__enter__()
    except peewee.OperationalError as problem:
        raise Unavailable from problem
    return unit


@contextmanager
def _forgotten_afterwards() -> Iterator[None]:
    try:
        yield
    finally:
        _local.micros = None
        _local.queue.clear()


@contextmanager
def snapshot() -> Iterator[None]:
    """Several reads that see one state of the database."""
    if db.in_transaction():
        yield
        return
    level = ("REPEATABLE READ READ ONLY",) if is_postgres() else ("DEFERRED",)
    with _forgotten_afterwards(), _begun(*level):
        yield


def transactional(verb: Callable[P, R]) -> Callable[P, R]:
    """Run the verb in a transaction; rerun it whole after a deadlock or serialization failure."""

    @functools.wraps(verb)
    def run(*args: P.args, **kwargs: P.kwargs) -> R:
        if db.in_transaction():
            return verb(*args, **kwargs)
        for attempt in range(1, _ATTEMPTS + 1):
            try:
                with _forgotten_afterwards(), _begun(*_WRITE[is_postgres()]):
                    return verb(*args, **kwargs)
            except peewee.OperationalError as problem:
                if attempt == _ATTEMPTS or not may_be_retried(problem):
                    raise Unavailable from problem
                time.sleep(0.002 * 2**attempt)
        raise AssertionError("the loop returns or raises")

    return run


_WRITE: dict[bool, tuple[str, ...]] = {True: (), False: ("IMMEDIATE",)}


def may_be_retried(problem: Exception) -> bool:
    """Whether a transaction lost a race (deadlock, serialization) that it may win next time."""
    return _sqlstate(problem) in {"40001", "40P01"}


def waited_too_long(problem: BaseException | None) -> bool:
    """Whether a statement gave up on another transaction's lock."""
    return problem is not None and _sqlstate(problem) == "55P03"


def _sqlstate(problem: BaseException) -> str | None:
    cause = problem.__cause__ or problem.__context__
    return getattr(cause, "sqlstate", None)


def constraint_of(problem: peewee.IntegrityError) -> str:
    """The name of the broken constraint; on SQLite for UNIQUE the columns: ``table.a, table.b``."""
    cause = problem.__cause__ or problem.__context__
    name = getattr(getattr(cause, "diag", None), "constraint_name", None)
    return name or str(problem).rpartition("failed: ")[2]


# Plain SQL


@functools.lru_cache(maxsize=1024)
def _for_postgres(sql: str) -> str:
    return sql.replace("%", "%%").replace("?", "%s")


def _text(sql: str) -> str:
    return _for_postgres(sql) if is_postgres() else sql


def rows(sql: str, *params: Any) -> list[tuple]:
    """All rows of a query, as tuples."""
    return _asked(sql, params).fetchall()


def row(sql: str, *params: Any) -> tuple | None:
    """The first row of a query, or None."""
    return _asked(sql, params).fetchone()


def _asked(sql: str, params: tuple) -> Any:
    handle = db.obj
    try:
        if isinstance(handle, Postgres):
            return handle.ask(_for_postgres(sql), params)
        return handle.execute_sql(sql, params)
    except peewee.OperationalError as problem:
        if handle.in_transaction():
            raise
        raise Unavailable from problem


def scalar(sql: str, *params: Any) -> Any:
    """The first column of the first row, or None."""
    found = row(sql, *params)
    return None if found is None else found[0]


def execute(sql: str, *params: Any) -> int:
    """Run a statement now; how many rows it touched."""
    return db.execute_sql(_text(sql), params).rowcount


def marks(values: Sequence) -> str:
    """``?, ?, ?`` for an IN list."""
    return ", ".join("?" * len(values))


def for_update() -> str:
    """What locks the rows of a SELECT: ``FOR UPDATE``; nothing on SQLite, whose writer is alone.

    Rows are locked in one order everywhere: order, checkout, payment, card, each by id.
    """
    return " FOR UPDATE" if is_postgres() else ""


# Writes. On PostgreSQL they wait for each other and travel as one statement: one round trip.


def insert(table: str, **values: Any) -> None:
    """Write a row, at the latest before the transaction's next query or commit."""
    write(_insert_text(table, tuple(values)), *values.values())


@functools.lru_cache(maxsize=256)
def _insert_text(table: str, columns: tuple[str, ...]) -> str:
    names = ", ".join(f'"{column}"' for column in columns)
    return f'INSERT INTO "{table}" ({names}) VALUES ({marks(columns)})'


def write(sql: str, *params: Any) -> None:
    """Run a statement whose row count nobody needs, together with its neighbours."""
    if not is_postgres() or not db.in_transaction():
        execute(sql, *params)
        return
    _local.queue.append((sql, params))
    if len(_local.queue) >= _QUEUE_LIMIT:
        flush()


def flush() -> None:
    """Send what is queued. Statements of one flush must touch different rows."""
    queue, _local.queue = _local.queue, []
    if not queue:
        return
    text = _joined(tuple(sql for sql, _ in queue))
    params = [value for _, values in queue for value in values]
    db.execute_sql(text, params)


@functools.lru_cache(maxsize=512)
def _joined(statements: tuple[str, ...]) -> str:
    *first, last = [_for_postgres(sql) for sql in statements]
    parts = [f"w{number} AS ({sql})" for number, sql in enumerate(first)]
    return f"WITH {', '.join(parts)} {last}" if parts else last


def to_json(value: Any) -> str:
    """The one way a document is written: compact, sorted keys."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
