"""The two engines: SQLite with one writer at a time, PostgreSQL with writes sent together."""

import functools
import re
import threading
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import peewee

from giftweb import clock
from giftweb.database.pipeline import Pipeline, Rows, Statement
from giftweb.database.write_queue import WriterQueue
from giftweb.errors import Unavailable

WAIT_SECONDS = 5
"""How long a writer waits for another one's lock before it gets a 503."""

_WAL_FIXED_IN = (3, 51, 3)
_NOW_MICROS = "(extract(epoch from clock_timestamp()) * 1000000)::bigint"
_WITHOUT_FSYNC = "set_config('synchronous_commit', 'off', true) = 'off'"
_COMMIT: Statement = ("COMMIT", ())
_ROLLBACK: Statement = ("ROLLBACK", ())
_DEALLOCATING = ("DROP", "ALTER", "ROLLBACK", "DISCARD", "DEALLOCATE")
"""After these statements psycopg drops what the connection has prepared."""


class _Thread(threading.local):
    """The transaction of one thread.

    ``pending_begin``: BEGIN and the query of the server's clock, which are sent with the first
    statement. ``micros``: the time of the transaction, once it is known.
    """

    micros: int | None = None
    pending_begin: tuple[Statement, ...] = ()
    begun_on: "Postgres"
    pending_writes: list[Statement]
    pipeline: Pipeline | None = None

    def __init__(self) -> None:
        self.pending_writes = []


thread = _Thread()


def _transaction_micros() -> int | None:
    if thread.pending_begin:
        thread.begun_on.flush()
    return thread.micros


clock.follow_transaction(_transaction_micros)


class Sqlite(peewee.SqliteDatabase):
    """SQLite: one writer at a time, and each commit waits for the disk."""

    def __init__(self, path: str):
        self._writers = WriterQueue(Path(f"{path}.ticket"))
        self._is_wal = peewee.sqlite3.sqlite_version_info >= _WAL_FIXED_IN
        super().__init__(
            path,
            timeout=WAIT_SECONDS,
            pragmas=[
                ("journal_mode", "wal" if self._is_wal else "delete"),
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

    def _load_functions(self, conn: Any) -> None:
        """None of peewee's SQL functions: with one of them, closing a connection at the end of its
        thread aborts the process, because freeing the function needs the thread's state."""

    def begin(self, lock_type: str | None = None) -> None:
        try:
            self._restore_fsync()
            if lock_type == "IMMEDIATE":
                self._writers.acquire(timeout=WAIT_SECONDS)
            super().begin(lock_type)
        except BaseException:
            self._writers.release()
            raise
        thread.micros = time.time_ns() // 1000

    def commit(self) -> None:
        super().commit()
        self._writers.release()

    def rollback(self) -> None:
        try:
            super().rollback()
        finally:
            self._writers.release()

    def fetch(self, sql: str, values: Sequence[Any]) -> Rows:
        """The rows of a query.

        Raises: ValueError for a write outside a transaction: after ``update_without_fsync`` on the
        same connection its commit would not wait for the disk.
        """
        if not (_only_reads(sql) or self.in_transaction()):
            raise ValueError(f"a write needs a transaction, or `execute`: {sql}")
        connection = self.connection()
        with peewee.__exception_wrapper__:
            return connection.execute(sql, values).fetchall()

    def update_without_fsync(self, sql: str, values: Sequence[Any]) -> bool:
        """A transaction of one statement. Its commit is in the write-ahead log, and reaches the
        disk with the next durable commit or checkpoint. Without that log a power cut could damage
        the file, so there it waits like any other."""
        connection = self.connection()
        self._writers.acquire(timeout=WAIT_SECONDS)
        try:
            if self._is_wal and self._connection_without_fsync() is not connection:
                connection.executescript("PRAGMA synchronous = normal")
                self._state.without_fsync = connection
            with peewee.__exception_wrapper__:
                return connection.execute(sql, values).rowcount > 0
        finally:
            self._writers.release()

    def _restore_fsync(self) -> None:
        """From here on commits wait for the disk again. Not done right after
        ``update_without_fsync``: the next statement may be another one, and each change of the
        setting releases the interpreter's lock."""
        relaxed = self._connection_without_fsync()
        if relaxed is not None and relaxed is self._state.conn:
            relaxed.executescript("PRAGMA synchronous = full")
            self._state.without_fsync = None

    def _connection_without_fsync(self) -> Any:
        """This thread's connection whose commits do not wait for the disk now, if any."""
        return getattr(self._state, "without_fsync", None)

    def execute_sql(self, sql: str, params: Any = None) -> Any:
        if not self.in_transaction():
            self._restore_fsync()
        return super().execute_sql(sql, params)

    def execute(self, query: peewee.Query, **options: Any) -> Any:
        """Run a query of peewee's builder.

        Raises: Unavailable, outside a transaction.
        """
        try:
            return super().execute(query, **options)
        except peewee.OperationalError as problem:
            if self.in_transaction():
                raise
            raise Unavailable from problem


_LITERAL = re.compile(r"'[^']*'")
_READS = re.compile(r"\s*(SELECT|WITH|EXPLAIN|PRAGMA)\b")
_WRITES = re.compile(r"\b(INSERT|UPDATE|DELETE)\b")


@functools.lru_cache(maxsize=1024)
def _only_reads(sql: str) -> bool:
    bare = _LITERAL.sub("", sql)
    return bool(_READS.match(bare)) and not _WRITES.search(bare)


# Without an adapter the driver looks up two protocols for each None, boolean and blob, which takes
# longer than the rest of a small statement.
for _type, _adapter in ((type(None), {}.get), (bool, int), (bytes, bytes)):
    peewee.sqlite3.register_adapter(_type, _adapter)

_ASSERTED = {"synchronous": 2, "foreign_keys": 1, "recursive_triggers": 1}


class Postgres(peewee.PostgresqlDatabase):
    """PostgreSQL through psycopg 3. BEGIN is sent with the first statement of its transaction, a
    write with the next query or with COMMIT."""

    def begin(self, isolation_level: str | None = None) -> None:
        """Connect if need be; nothing is sent yet."""
        self.connection()
        level = f" ISOLATION LEVEL {isolation_level}" if isolation_level else ""
        thread.pending_begin = ((f"BEGIN{level}", ()), (f"SELECT {_NOW_MICROS}", ()))
        thread.begun_on = self

    def update_without_fsync(self, sql: str, values: Sequence[Any]) -> bool:
        """A transaction of one statement. Its last condition is always true, and makes the commit
        not wait for the disk."""
        relaxed = f"{sql} AND {_WITHOUT_FSYNC} RETURNING 1"
        return bool(self.send(((relaxed, values),), may_retry=False)[0])

    def fetch(self, sql: str, values: Sequence[Any]) -> Rows:
        """The rows of a query, in one round trip with all that is pending."""
        return self._send_with_pending((sql, values))[0]

    def _send_with_pending(self, *queries: Statement) -> list[Rows]:
        begin, thread.pending_begin = thread.pending_begin, ()
        before = [*begin, *self._take_pending_writes()]
        may_retry = bool(begin) or not self.in_transaction()
        answers = self.send([*before, *queries], may_retry=may_retry)
        if begin:
            thread.micros = answers[1][0][0]
        return answers[len(before) :]

    def execute(self, query: peewee.Query, **options: Any) -> Any:
        """Run a query of peewee's builder; a SELECT outside a transaction once more on a new
        connection if the server has closed this one.

        Raises: Unavailable, outside a transaction.
        """
        try:
            return super().execute(query, **options)
        except peewee.OperationalError as problem:
            if self.in_transaction():
                raise
            if not isinstance(query, peewee.SelectBase) or not self._is_lost():
                raise Unavailable from problem
        self.drop_connection()
        return self.execute(query, **options)

    def _is_lost(self) -> bool:
        return self._state.conn is not None and self._state.conn.closed

    def execute_sql(self, sql: str, params: Any = None) -> Any:
        self.flush()
        cursor = super().execute_sql(sql, params)
        if (cursor.statusmessage or "").startswith(_DEALLOCATING):
            self._pipeline().clear_prepared()
        return cursor

    def flush(self) -> None:
        """Send all that is pending. The writes of one flush must change different rows."""
        if thread.pending_begin or thread.pending_writes:
            self._send_with_pending()

    def commit(self) -> None:
        if thread.pending_begin and not thread.pending_writes:
            thread.pending_begin = ()
            return
        if thread.pending_begin:
            self.flush()
        # COMMIT is never retried on another connection: it would succeed there with no writes.
        self.send([*self._take_pending_writes(), _COMMIT], may_retry=False)

    def rollback(self) -> None:
        thread.pending_writes.clear()
        if thread.pending_begin:
            thread.pending_begin = ()
            return
        try:
            self.send((_ROLLBACK,), may_retry=False)
        except peewee.DatabaseError:
            self.drop_connection()

    def drop_connection(self) -> None:
        """Close a broken connection; the next query opens another."""
        self._state.conn and self._state.conn.close()
        self._state.reset()

    def _take_pending_writes(self) -> list[Statement]:
        queue, thread.pending_writes = thread.pending_writes, []
        if not queue:
            return []
        text = _joined(tuple(sql for sql, _ in queue))
        return [(text, [value for _, values in queue for value in values])]

    def send(self, statements: Sequence[Statement], *, may_retry: bool) -> list[Rows]:
        """Send statements in one round trip; the rows of each.

        ``may_retry``: once more on a new connection if the server has closed this one; only when
        nothing was sent before in the same transaction.
        """
        pipeline = self._pipeline()
        try:
            with peewee.__exception_wrapper__:
                return pipeline.run(statements)
        except peewee.OperationalError:
            if not may_retry or not pipeline.connection.closed:
                raise
        begun = self._state.transactions
        self.drop_connection()
        try:
            self.connect()
        except peewee.OperationalError as problem:
            raise Unavailable from problem
        finally:
            self._state.transactions = begun
        with peewee.__exception_wrapper__:
            return self._pipeline().run(statements)

    def _pipeline(self) -> Pipeline:
        connection, found = self.connection(), thread.pipeline
        if found is None or found.connection is not connection:
            found = thread.pipeline = Pipeline(connection)
        return found


@functools.lru_cache(maxsize=1024)
def for_postgres(sql: str) -> str:
    """A statement with ``?`` for parameters in psycopg's form, ``%s``."""
    return sql.replace("%", "%%").replace("?", "%s")


@functools.lru_cache(maxsize=512)
def _joined(statements: tuple[str, ...]) -> str:
    *first, last = statements
    parts = [f"w{number} AS ({sql})" for number, sql in enumerate(first)]
    return f"WITH {', '.join(parts)} {last}" if parts else last


def sqlite(path: Path) -> Sqlite:
    """The database in this file; its folder is created if need be."""
    path.parent.mkdir(parents=True, exist_ok=True)
    return Sqlite(str(path))


def postgres(url: str) -> Postgres:
    """The database at this address, of one host or several."""
    # Behind pgbouncer server-side statements do not survive: ?prepare=no in the address.
    url, count = re.subn(r"(?<=\?)prepare=no&|[?&]prepare=no$|&prepare=no(?=&)", "", url)
    options = {"prepare_threshold": None} if count else {}
    return Postgres(
        url,
        prefer_psycopg3=True,
        connect_timeout=WAIT_SECONDS,
        options=f"-c timezone=UTC -c lock_timeout={WAIT_SECONDS}s",
        **options,
    )
