"""The two engines: SQLite, one writer at a time; PostgreSQL, writes that travel together."""

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
from giftweb.database.write_queue import Ticket
from giftweb.errors import Unavailable

WAIT_SECONDS = 5
"""How long a writer waits for another one's lock before it is told to try again."""

_WAL_FIXED_IN = (3, 51, 3)
_CLOCK = "(extract(epoch from clock_timestamp()) * 1000000)::bigint"
_RELAXED = "set_config('synchronous_commit', 'off', true) = 'off'"
_COMMIT: Statement = ("COMMIT", ())
_ROLLBACK: Statement = ("ROLLBACK", ())
_DEALLOCATING = ("DROP", "ALTER", "ROLLBACK", "DISCARD", "DEALLOCATE")
"""After these psycopg drops all that the connection has prepared."""


class _Thread(threading.local):
    """What one thread has open."""

    micros: int | None = None
    opening: tuple[Statement, ...] = ()
    opener: "Postgres"
    queue: list[Statement]
    pipeline: Pipeline | None = None

    def __init__(self) -> None:
        self.queue = []


thread = _Thread()


def _transaction_micros() -> int | None:
    if thread.opening:
        thread.opener.flush()
    return thread.micros


clock.follow_transaction(_transaction_micros)


class Sqlite(peewee.SqliteDatabase):
    """SQLite with one writer at a time and every commit on the disk."""

    def __init__(self, path: str):
        self._ticket = Ticket(Path(f"{path}.ticket"))
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
        """None of peewee's functions: a connection that has one aborts the process when it is
        closed as its thread ends, because giving the function back takes the thread's state."""

    def begin(self, lock_type: str | None = None) -> None:
        try:
            self._wait_for_disk()
            if lock_type == "IMMEDIATE":
                self._ticket.take(timeout=WAIT_SECONDS)
            super().begin(lock_type)
        except BaseException:
            self._ticket.give_back()
            raise
        thread.micros = time.time_ns() // 1000

    def commit(self) -> None:
        super().commit()
        self._ticket.give_back()

    def rollback(self) -> None:
        try:
            super().rollback()
        finally:
            self._ticket.give_back()

    def ask(self, sql: str, values: Sequence[Any]) -> Rows:
        """The rows of a query, straight from the driver.

        Raises: ValueError for a write outside a transaction: its commit might not wait for the
        disk, because ``update_without_fsync`` came before it on this connection.
        """
        if not (_only_reads(sql) or self.in_transaction()):
            raise ValueError(f"a write needs a transaction, or `execute`: {sql}")
        connection = self.connection()
        with peewee.__exception_wrapper__:
            return connection.execute(sql, values).fetchall()

    def update_without_fsync(self, sql: str, values: Sequence[Any]) -> bool:
        """A transaction of one statement: its commit is in the log, and the next durable one, or a
        checkpoint, takes it to the disk. Without a log a power cut could tear the file, so there
        it waits as all others do."""
        connection = self.connection()
        self._ticket.take(timeout=WAIT_SECONDS)
        try:
            if self._is_wal and self._relaxed() is not connection:
                connection.executescript("PRAGMA synchronous = normal")
                self._state.relaxed = connection
            with peewee.__exception_wrapper__:
                return connection.execute(sql, values).rowcount > 0
        finally:
            self._ticket.give_back()

    def _wait_for_disk(self) -> None:
        """From here on commits wait again. This is not done right after ``update_without_fsync``:
        the next statement may be another one, and each change lets other threads pass."""
        relaxed = self._relaxed()
        if relaxed is not None and relaxed is self._state.conn:
            relaxed.executescript("PRAGMA synchronous = full")
            self._state.relaxed = None

    def _relaxed(self) -> Any:
        """This thread's connection whose commits do not wait for the moment, if any."""
        return getattr(self._state, "relaxed", None)

    def execute_sql(self, sql: str, params: Any = None) -> Any:
        if not self.in_transaction():
            self._wait_for_disk()
        return super().execute_sql(sql, params)


_LITERAL = re.compile(r"'[^']*'")
_READS = re.compile(r"\s*(SELECT|WITH|EXPLAIN|PRAGMA)\b")
_WRITES = re.compile(r"\b(INSERT|UPDATE|DELETE)\b")


@functools.lru_cache(maxsize=1024)
def _only_reads(sql: str) -> bool:
    bare = _LITERAL.sub("", sql)
    return bool(_READS.match(bare)) and not _WRITES.search(bare)


# Without an adapter the driver looks two protocols up for every None, flag and blob it is given,
# which costs more than the rest of a small statement.
for _type, _adapter in ((type(None), {}.get), (bool, int), (bytes, bytes)):
    peewee.sqlite3.register_adapter(_type, _adapter)

_ASSERTED = {"synchronous": 2, "foreign_keys": 1, "recursive_triggers": 1}


class Postgres(peewee.PostgresqlDatabase):
    """PostgreSQL through psycopg 3. What can wait travels with what cannot: BEGIN with the first
    statement of its transaction, a write with the next query or with COMMIT."""

    def begin(self, isolation_level: str | None = None) -> None:
        """Nothing is sent yet; but there is a connection from here on."""
        self.connection()
        level = f" ISOLATION LEVEL {isolation_level}" if isolation_level else ""
        thread.opening = ((f"BEGIN{level}", ()), (f"SELECT {_CLOCK}", ()))
        thread.opener = self

    def update_without_fsync(self, sql: str, values: Sequence[Any]) -> bool:
        """A transaction of one statement. Its last condition, which is always true, tells the
        commit not to wait for the log to be on the disk."""
        relaxed = f"{sql} AND {_RELAXED} RETURNING 1"
        return bool(self.send(((relaxed, values),), may_repeat=False)[0])

    def ask(self, sql: str, values: Sequence[Any]) -> Rows:
        """The rows of a query, in one trip with what waits."""
        return self._sent_with_what_waits((sql, values))[0]

    def _sent_with_what_waits(self, *queries: Statement) -> list[Rows]:
        opening, thread.opening = thread.opening, ()
        before = [*opening, *self._writes()]
        may_repeat = bool(opening) or not self.in_transaction()
        answers = self.send([*before, *queries], may_repeat=may_repeat)
        if opening:
            thread.micros = answers[1][0][0]
        return answers[len(before) :]

    def execute_sql(self, sql: str, params: Any = None) -> Any:
        self.flush()
        cursor = super().execute_sql(sql, params)
        if (cursor.statusmessage or "").startswith(_DEALLOCATING):
            self._pipeline().forget()
        return cursor

    def flush(self) -> None:
        """Send what waits. Writes of one flush must touch different rows."""
        if thread.opening or thread.queue:
            self._sent_with_what_waits()

    def commit(self) -> None:
        if thread.opening and not thread.queue:
            thread.opening = ()
            return
        if thread.opening:
            self.flush()
        # What opens a transaction may be sent again on another connection, COMMIT never: there it
        # would be told done, and nothing would be there.
        self.send([*self._writes(), _COMMIT], may_repeat=False)

    def rollback(self) -> None:
        thread.queue.clear()
        if thread.opening:
            thread.opening = ()
            return
        try:
            self.send((_ROLLBACK,), may_repeat=False)
        except peewee.DatabaseError:
            self.close_broken()

    def close_broken(self) -> None:
        """Drop a connection that the server has left; the next query opens another."""
        self._state.conn and self._state.conn.close()
        self._state.reset()

    def _writes(self) -> list[Statement]:
        queue, thread.queue = thread.queue, []
        if not queue:
            return []
        text = _joined(tuple(sql for sql, _ in queue))
        return [(text, [value for _, values in queue for value in values])]

    def send(self, statements: Sequence[Statement], *, may_repeat: bool) -> list[Rows]:
        """In one trip to the server. ``may_repeat``: on a new connection, should the server have
        left this one; when nothing came before in the same transaction."""
        pipeline = self._pipeline()
        try:
            with peewee.__exception_wrapper__:
                return pipeline.run(statements)
        except peewee.OperationalError:
            if not may_repeat or not pipeline.connection.closed:
                raise
        # The server has left since the last query: a new connection, and once more.
        begun = self._state.transactions
        self.close_broken()
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
    """A statement with ``?`` for parameters as the driver wants it."""
    return sql.replace("%", "%%").replace("?", "%s")


@functools.lru_cache(maxsize=512)
def _joined(statements: tuple[str, ...]) -> str:
    *first, last = statements
    parts = [f"w{number} AS ({sql})" for number, sql in enumerate(first)]
    return f"WITH {', '.join(parts)} {last}" if parts else last


def sqlite(path: Path) -> Sqlite:
    """The database in this file; its folder is made."""
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
