"""PostgreSQL with writes sent together."""

import functools
import logging
import re
from collections.abc import Sequence
from typing import Any

import peewee
import psycopg
from psycopg.pq import TransactionStatus

from giftweb.database import timeouts
from giftweb.database.pipeline import Pipeline, Rows, Statement
from giftweb.database.thread_state import thread
from giftweb.errors import SchemaChanged, Unavailable

_NOW_MICROS = "(extract(epoch from clock_timestamp()) * 1000000)::bigint"
_WITHOUT_FSYNC = "set_config('synchronous_commit', 'off', true) = 'off'"
_COMMIT: Statement = ("COMMIT", ())
_ROLLBACK: Statement = ("ROLLBACK", ())
_DEALLOCATING = ("DROP", "ALTER", "ROLLBACK", "DISCARD", "DEALLOCATE")
"""After these statements psycopg drops what the connection has prepared."""

MAY_BE_RETRIED = {"40001", "40P01"}
"""A serialization failure or a deadlock: the transaction lost a race that it may win next time."""
_OTHER_SCHEMA = {"3F000", "42P01", "42703", "42501"}
"""A schema, table or column that does not exist, or may not be used."""
_STALE = {"26000", "42P05", "XX000"}
"""What was prepared is gone or there twice, or the server's own catalogue does not fit it."""
_UNSUPPORTED = "0A000"


log = logging.getLogger(__name__)


class NoAnswer(psycopg.OperationalError):
    """The server has not answered in time; the connection is closed."""


class Connection(psycopg.Connection):
    """A connection that does not wait for an answer for ever."""

    answer_seconds: float | None = None

    def wait(self, gen: Any, interval: float = 0.1, timeout: float | None = None) -> Any:
        """Run one of psycopg's generators to its end.

        Raises: NoAnswer.
        """
        try:
            return super().wait(gen, interval, timeout or self.answer_seconds)
        except psycopg.OperationalError as problem:
            if self.pgconn.transaction_status != TransactionStatus.ACTIVE:
                raise
            # Still no answer. Nothing else can be sent on this connection.
            self.close()
            raise NoAnswer(str(problem)) from problem


class _Adapter(peewee.Psycopg3Adapter):
    """peewee's way to psycopg, with our connections."""

    def connect(self, db: peewee.Database, **params: Any) -> Connection:
        return Connection.connect(db.database, **params)


class Postgres(peewee.PostgresqlDatabase):
    """PostgreSQL through psycopg 3. BEGIN is sent with the first statement of its transaction, a
    write with the next query or with COMMIT."""

    psycopg3_adapter = _Adapter

    def __init__(self, url: str):
        # Behind pgbouncer server-side statements do not survive: ?prepare=no in the address.
        url, count = re.subn(r"(?<=\?)prepare=no&|[?&]prepare=no$|&prepare=no(?=&)", "", url)
        parameters: dict[str, Any] = {
            name: value
            for name, value in timeouts.address_parameters().items()
            if f"{name}=" not in url
        }
        if count:
            parameters["prepare_threshold"] = None
        settings = timeouts.session_settings(is_web=False)
        super().__init__(url, prefer_psycopg3=True, options=settings, **parameters)
        self._answer_seconds: float | None = None

    def limit_waiting(self) -> None:
        """From the next connection on: statements and answers in the time of a web request."""
        self._answer_seconds = timeouts.ANSWER_SECONDS
        self.connect_params["options"] = timeouts.session_settings(is_web=True)

    def connect(self, reuse_if_open: bool = False) -> bool:
        """Connect this thread. peewee does so under a lock of the whole process, where each thread
        would wait for those before it in turn; here the connection is there already by then.

        Raises: Unavailable.
        """
        if self.is_closed():
            try:
                thread.connected = super()._connect()
            except psycopg.OperationalError as problem:
                raise Unavailable from problem
            thread.connected.answer_seconds = self._answer_seconds
        return super().connect(reuse_if_open)

    def _connect(self) -> Connection:
        return thread.connected

    def begin(self, isolation_level: str | None = None) -> None:
        """Connect if need be; nothing is sent yet."""
        self.connection()
        level = f" ISOLATION LEVEL {isolation_level}" if isolation_level else ""
        thread.pending_begin = ((f"BEGIN{level}", ()), (f"SELECT {_NOW_MICROS}", ()))
        thread.send_begin = self.flush

    def update_without_fsync(self, sql: str, values: Sequence[Any]) -> bool:
        """A transaction of one statement. Its last condition is always true, and makes the commit
        not wait for the disk."""
        relaxed = f"{sql} AND {_WITHOUT_FSYNC} RETURNING 1"
        return bool(self.send(((relaxed, values),), may_retry=False)[0])

    def fetch(self, sql: str, values: Sequence[Any]) -> Rows:
        """The rows of a query, in one round trip with all that is pending."""
        return self._send_with_pending((sql, values))[0]

    def fetch_each(self, queries: Sequence[str]) -> list[Rows]:
        """The rows of each query, in one round trip with all that is pending."""
        return self._send_with_pending(*((sql, ()) for sql in queries))

    def _send_with_pending(self, *queries: Statement) -> list[Rows]:
        begin, thread.pending_begin = thread.pending_begin, ()
        before = [*begin, *self._take_pending_writes()]
        may_retry = bool(begin) or not self.in_transaction()
        answers = self.send([*before, *queries], may_retry=may_retry)
        if begin:
            thread.micros = answers[1][0][0]
        return answers[len(before) :]

    def execute_sql(self, sql: str, params: Any = None) -> Any:
        self.flush()
        try:
            cursor = super().execute_sql(sql, params)
        except peewee.DatabaseError as problem:
            is_read = sql.startswith("SELECT") and not self.in_transaction()
            if not (is_read and self._has_server_left(problem)):
                self._raise_unavailable(problem)
                raise
            self._reconnect()
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
        except (peewee.DatabaseError, Unavailable):
            self._close_broken()

    def _close_broken(self) -> None:
        """Close a connection that is of no use; the next query opens another, but not within the
        same transaction."""
        if self._state.conn is not None:
            self._state.conn.close()
        if not self.in_transaction():
            self._state.reset()

    def _take_pending_writes(self) -> list[Statement]:
        queue, thread.pending_writes = thread.pending_writes, []
        if not queue:
            return []
        text = _joined(tuple(write.sql for write in queue))
        return [(text, [value for write in queue for value in write.values])]

    def send(self, statements: Sequence[Statement], *, may_retry: bool) -> list[Rows]:
        """Send statements in one round trip; the rows of each.

        ``may_retry``: once more on a new connection if the server has closed this one; only when
        nothing was sent before in the same transaction.

        Raises: Unavailable.
        """
        pipeline = self._pipeline()
        try:
            with peewee.__exception_wrapper__:
                return pipeline.run(statements)
        except peewee.DatabaseError as problem:
            if not (may_retry and self._has_server_left(problem)):
                self._raise_unavailable(problem)
                raise
        self._reconnect()
        return self.send(statements, may_retry=False)

    def _has_server_left(self, problem: peewee.DatabaseError) -> bool:
        """Whether the server has closed this thread's connection, perhaps to start again."""
        return self._state.conn.closed and not isinstance(problem.orig, NoAnswer)

    def _raise_unavailable(self, problem: peewee.DatabaseError) -> None:
        """Raise Unavailable unless the failure is the statement's own, or the transaction's, which
        may retry."""
        cause = problem.orig
        state = getattr(cause, "sqlstate", None)
        if state in MAY_BE_RETRIED:
            return
        if state in _OTHER_SCHEMA:
            log.error("This is not the schema that the program knows: %s", problem)
            raise SchemaChanged from problem
        if state in _STALE or (state == _UNSUPPORTED and "cached plan" in str(problem)):
            log.warning(
                "The database was changed beneath a connection, which is closed: %s", problem
            )
            self._close_broken()
            raise Unavailable from problem
        is_lost = isinstance(problem, peewee.OperationalError) and not self.in_transaction()
        if is_lost or isinstance(cause, NoAnswer):
            raise Unavailable from problem

    def is_unavailable(self, problem: peewee.OperationalError) -> bool:
        """Whether the server could not do what it was asked for, and may later. What is wrong with
        a statement is a ProgrammingError here."""
        return isinstance(getattr(problem, "orig", None), psycopg.OperationalError)

    def _reconnect(self) -> None:
        depth = self._state.transactions
        self._state.reset()
        try:
            self.connect()
        finally:
            self._state.transactions = depth

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
    """All of them as one statement: ``WITH w0 AS (the first), w1 AS (the second) the last``. The
    parts see no change of each other, so that each must change different rows."""
    *first, last = statements
    parts = [f"w{number} AS ({sql})" for number, sql in enumerate(first)]
    return f"WITH {', '.join(parts)} {last}" if parts else last
