"""SQLite with one writer at a time."""

import functools
import re
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import peewee

from giftweb.database.pipeline import Rows
from giftweb.database.thread_state import thread
from giftweb.database.timeouts import LOCK_SECONDS
from giftweb.database.write_queue import WriteQueue
from giftweb.errors import Unavailable

_WAL_FIXED_IN = (3, 51, 3)
_START = b"SQLite format 3\x00"


def is_database(path: Path) -> bool:
    """Whether this is a file, and one of SQLite's: an empty one will be."""
    try:
        if not path.is_file():
            return False
        with path.open("rb") as file:
            return file.read(len(_START)) in (b"", _START)
    except OSError:
        return False


def is_damage(problem: peewee.DatabaseError) -> bool:
    """Whether the file is damaged, or none of SQLite's."""
    cause: Any = problem
    while isinstance(cause, peewee.PeeweeException):
        # One that is raised while a connection is opened is wrapped twice.
        cause = getattr(cause, "orig", None)
    code = getattr(cause, "sqlite_errorcode", None)
    damaged = (peewee.sqlite3.SQLITE_CORRUPT, peewee.sqlite3.SQLITE_NOTADB)
    return code is not None and code & 0xFF in damaged


def damage_text(problem: peewee.DatabaseError) -> str:
    """What is wrong with a damaged file, and what to do."""
    return f"The database is damaged: {problem}. Move its file away and restore its last backup."


class Sqlite(peewee.SqliteDatabase):
    """SQLite: one writer at a time, and each commit waits for the disk."""

    def __init__(self, path: str):
        self._writers = WriteQueue(Path(f"{path}.queue"))
        self._is_wal = peewee.sqlite3.sqlite_version_info >= _WAL_FIXED_IN
        super().__init__(
            path,
            timeout=LOCK_SECONDS,
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
                self._writers.acquire(timeout=LOCK_SECONDS)
            super().begin(lock_type)
        except BaseException:
            self._writers.release()
            raise
        thread.micros = time.time_ns() // 1000

    def commit(self) -> None:
        super().commit()
        self._writers.release()

    def rollback(self) -> None:
        # A full disk, for one, has SQLite roll back by itself.
        try:
            if self.connection().in_transaction:
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
        try:
            with peewee.__exception_wrapper__:
                return self.connection().execute(sql, values).fetchall()
        except peewee.OperationalError as problem:
            self._raise_unavailable(problem)
            raise

    def fetch_each(self, queries: Sequence[str]) -> list[Rows]:
        """The rows of each query."""
        return [self.fetch(sql, ()) for sql in queries]

    def update_without_fsync(self, sql: str, values: Sequence[Any]) -> bool:
        """A transaction of one statement. Its commit is in the write-ahead log, and reaches the
        disk with the next durable commit or checkpoint. Without that log a power cut could damage
        the file, so there it waits like any other."""
        connection = self.connection()
        self._writers.acquire(timeout=LOCK_SECONDS)
        try:
            if self._is_wal and self._connection_without_fsync() is not connection:
                connection.executescript("PRAGMA synchronous = normal")
                self._state.without_fsync = connection
            with peewee.__exception_wrapper__:
                return connection.execute(sql, values).rowcount > 0
        except peewee.OperationalError as problem:
            self._raise_unavailable(problem)
            raise
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
        try:
            return super().execute_sql(sql, params)
        except peewee.OperationalError as problem:
            self._raise_unavailable(problem)
            raise

    def _raise_unavailable(self, problem: peewee.OperationalError) -> None:
        """Raise Unavailable unless the failure is the statement's own, or the transaction's."""
        if not self.in_transaction() and self.is_unavailable(problem):
            raise Unavailable from problem

    def is_unavailable(self, problem: peewee.OperationalError) -> bool:
        """Whether the database could not do what it was asked for, and may later. SQLite has one
        code for what is wrong with a statement: a column that does not exist, for example."""
        code = getattr(getattr(problem, "orig", None), "sqlite_errorcode", None)
        return code is not None and code & 0xFF != peewee.sqlite3.SQLITE_ERROR


_LITERAL = re.compile(r"'[^']*'")
_READS = re.compile(r"\s*(SELECT|WITH|EXPLAIN|PRAGMA)\b")
_WRITES = re.compile(r"\b(INSERT|UPDATE|DELETE)\b")


@functools.lru_cache(maxsize=1024)
def _only_reads(sql: str) -> bool:
    bare = _LITERAL.sub("", sql)
    return bool(_READS.match(bare)) and not _WRITES.search(bare)


# Without an adapter the driver looks up two protocols for each None, boolean and blob, which takes
# longer than the rest of a small statement.
def _null(_: None) -> None:
    return None


for _type, _adapter in ((type(None), _null), (bool, int), (bytes, bytes)):
    peewee.sqlite3.register_adapter(_type, _adapter)

_ASSERTED = {"synchronous": 2, "foreign_keys": 1, "recursive_triggers": 1}
