"""Several statements in one round trip to PostgreSQL.

A round trip costs more processor time than most statements do. psycopg's own pipeline mode takes
five times that of a single statement for four of them; this uses the libpq calls below it. Source:
docs/decisions/0016-fewer-trips.md, with the figures.
"""

from collections.abc import Callable, Generator, Sequence
from functools import lru_cache, partial
from itertools import count
from typing import Any, NamedTuple

from psycopg import Connection, abc, errors, generators
from psycopg.adapt import PyFormat, Transformer
from psycopg.pq import ExecStatus
from psycopg.pq.abc import PGconn, PGresult

Statement = tuple[str, Sequence[Any]]
"""SQL with ``?`` for its parameters, and their values."""

Rows = list[tuple]

_MAX_PREPARED = 400
_numbers = count(1)
"""Names for prepared statements, unique across connections."""
_PREPARE_AT_USE = 2
"""The first use of a statement is sent as it is; from this use on it is prepared."""


class _Query(NamedTuple):
    """The calls that send a statement, and what reads its rows."""

    calls: Sequence[Callable[[], None]]
    reader: abc.Transformer


class Pipeline:
    """Sends statements over one connection, and knows what is prepared there."""

    def __init__(self, connection: Connection):
        self.connection = connection
        self._uses: dict[tuple, int] = {}
        self._names: dict[tuple, bytes] = {}

    def clear_prepared(self) -> None:
        """Prepare every statement again: the server has dropped them."""
        self._names.clear()

    def run(self, statements: Sequence[Statement]) -> list[Rows]:
        """The rows of each statement. When one fails, those after it are not run.

        Raises: psycopg.Error, of the first that failed.
        """
        queries = [self._query(numbered(sql), values) for sql, values in statements]
        calls = [call for query in queries for call in query.calls]
        try:
            answers = iter(self.connection.wait(_exchange(self.connection.pgconn, calls)))
        except BaseException:
            # Nothing can be sent over a connection whose answer was not read to its end.
            self.connection.close()
            raise
        try:
            return [_rows([next(answers) for _ in calls], reader) for calls, reader in queries]
        except errors.Error:
            # A statement that was to be prepared may not have been.
            self.clear_prepared()
            raise

    def _query(self, text: bytes, values: Sequence[Any]) -> _Query:
        pgconn, reader = self.connection.pgconn, Transformer(self.connection)
        dumped = reader.dump_sequence(values, [PyFormat.AUTO] * len(values)) if values else ()
        types, formats = (reader.types, reader.formats) if values else (None, None)
        shape = (text, types)
        name = self._names.get(shape)
        calls: list[Callable[[], None]] = []
        if name is None and self._is_worth_preparing(shape):
            name = self._names[shape] = b"giftweb_%d" % next(_numbers)
            calls.append(partial(pgconn.send_prepare, name, text, types))
        if name is None:
            calls.append(partial(pgconn.send_query_params, text, dumped, types, formats))
        else:
            calls.append(partial(pgconn.send_query_prepared, name, dumped, formats))
        return _Query(calls, reader)

    def _is_worth_preparing(self, shape: tuple) -> bool:
        if self.connection.prepare_threshold is None or len(self._uses) >= _MAX_PREPARED:
            return False
        self._uses[shape] = self._uses.get(shape, 0) + 1
        return self._uses[shape] >= _PREPARE_AT_USE


@lru_cache(maxsize=1024)
def numbered(sql: str) -> bytes:
    """A statement with ``?`` for parameters in the server's own form: ``$1``, ``$2`` ..."""
    first, *others = sql.split("?")
    return (first + "".join(f"${n}{part}" for n, part in enumerate(others, 1))).encode()


Exchange = Generator[Any, Any, list[PGresult]]
"""A generator of psycopg's kind: it yields while it waits, and returns the answers."""


def _exchange(pgconn: PGconn, calls: Sequence[Callable[[], None]]) -> Exchange:
    """Make all calls, then read the answer of each."""
    if len(calls) > 1:
        return _pipelined(pgconn, calls)
    calls[0]()
    return generators.execute(pgconn)


def _pipelined(pgconn: PGconn, calls: Sequence[Callable[[], None]]) -> Exchange:
    pgconn.enter_pipeline_mode()
    for call in calls:
        call()
    pgconn.pipeline_sync()
    yield from generators.send(pgconn)
    answers = []
    for _ in calls:
        answers += yield from generators.fetch_many(pgconn)
    yield from generators.fetch_many(pgconn)
    pgconn.exit_pipeline_mode()
    return answers


def _rows(answers: list[PGresult], reader: abc.Transformer) -> Rows:
    """The rows of a statement: those of its last answer. An answer before it is the PREPARE's."""
    for answer in answers:
        if answer.status not in (ExecStatus.COMMAND_OK, ExecStatus.TUPLES_OK):
            raise errors.error_from_result(answer)
    if not answers[-1].ntuples:
        return []
    reader.set_pgresult(answers[-1])
    return reader.load_rows(0, answers[-1].ntuples, tuple)
