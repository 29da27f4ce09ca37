"""Failed tries: a few are free, then each costs a growing wait, then the answer is 429.

Only failures count, so whoever types a right code or password is never counted, and a card or an
account is never locked: what waits is the address the guesses come from. The counters live apart
from the ledger (a SQLite file of their own, an UNLOGGED table on PostgreSQL), so that guessing does
not queue up with the writers of money. All processes share them; they may be lost at any time.

Source: B6, INVARIANTS 2.
"""

import functools
import ipaddress
import logging
import threading
from dataclasses import KW_ONLY, dataclass, replace
from pathlib import Path

import peewee
from peewee import sqlite3

from giftweb import clock, database
from giftweb.database import timeouts
from giftweb.errors import DomainError, SchemaChanged, TooManyTries, Unavailable, UnknownCode

SECOND = 1_000_000
MINUTE = 60 * SECOND

log = logging.getLogger(__name__)

_clear_until: dict[tuple[str, str], int] = {}
"""A source that has not failed at all is not looked up again for a second. Another process may so
count one failure more of a source; after that the source is known here too."""
_MOST_REMEMBERED = 10_000
_LONGEST_REMEMBERED = 100
_LONGEST_ADDRESS = 45
"""Of an IPv6 address with an IPv4 one in it. What is longer is not kept: strangers may type it."""


@dataclass(frozen=True, slots=True)
class Scope:
    """What is being guessed, and how patient we are with it; times in seconds.

    After ``free`` failures of one source each further one doubles its wait, from ``first_wait`` up
    to ``longest_wait``; after ``memory`` without a failure all is forgotten. ``cap`` is how many
    failures of all sources together are accepted in a minute. Most scopes name only these two.
    ``forgives_after``: one failure is forgiven for so many seconds without another one.
    """

    name: str
    _: KW_ONLY
    free: int
    cap: int
    first_wait: int = 1
    longest_wait: int = 900
    memory: int = 3600
    forgives_after: int = 0

    @property
    def forgives_after_micros(self) -> int:
        """Without forgiveness it would come after all is forgotten anyway."""
        return (self.forgives_after or self.memory) * SECOND

    def wait_after(self, failures: int) -> int:
        """Microseconds that a source waits after its latest failure."""
        beyond = failures - self.free
        if beyond <= 0:
            return 0
        return min(self.first_wait << min(beyond - 1, 20), self.longest_wait) * SECOND


UNCAPPED = 1 << 40
"""The cap of a scope in which strangers' tries slow nobody but themselves."""

LOOK_UP = Scope("look_up", free=10, cap=3000)
"""Codes typed on the balance page."""

SHOP = Scope("shop", free=15, cap=600, longest_wait=1, forgives_after=4)
"""Codes that a shop's program sends, whose shoppers share its key: a source is one cart, or all of
the shop's look-ups. Nobody guesses 70 random bits at one a second; so nobody waits longer than that
for somebody else's typing. The cap is each shop's own, so that none can stop another one."""


def of_shop(name: str) -> Scope:
    """SHOP for one shop's keys."""
    return replace(SHOP, name=f"{SHOP.name} {name}")


class guard:
    """Let a try happen unless its source has to wait; count it if it ends in one of ``failures``.

    ``source`` is a client's address, or any other name of who tries. Not inside a transaction: the
    count must stay when the try is rolled back.

    Raises: TooManyTries; Unavailable when the counters cannot be read or written.
    """

    def __init__(
        self,
        scope: Scope,
        *,
        source: str,
        failures: tuple[type[DomainError], ...] = (UnknownCode,),
    ):
        self._scope, self._source, self._failures = scope, source, failures

    def __enter__(self) -> None:
        check(self._scope, source=self._source)

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        if kind is not None and issubclass(kind, self._failures):
            count(self._scope, source=self._source)


def check(scope: Scope, *, source: str) -> None:
    """Refuse a source that has to wait, and everybody while too many fail at once.

    Raises: TooManyTries with the seconds to wait; Unavailable.
    """
    now = clock.micros()
    if now < _clear_until.get((scope.name, source), 0):
        return
    minute, ends_at = _minute(now), 0
    found = _read(scope.name, source_of(source), minute)
    for name, failures, last_at in found:
        if name == minute and failures >= scope.cap:
            ends_at = now - now % MINUTE + MINUTE
        elif name != minute and last_at > now - scope.memory * SECOND:
            ends_at = max(ends_at, last_at + scope.wait_after(failures))
    if ends_at > now:
        raise _too_many(-((now - ends_at) // SECOND))
    if all(name == minute for name, _, _ in found):
        _remember(scope, source, now + SECOND)


def _remember(scope: Scope, source: str, until: int) -> None:
    if len(source) > _LONGEST_REMEMBERED:
        return
    if len(_clear_until) >= _MOST_REMEMBERED:
        _clear_until.clear()
    _clear_until[scope.name, source] = until


def _too_many(seconds: int) -> TooManyTries:
    minutes = -(-seconds // 60)
    wait = f"{seconds} second" if seconds < 90 else f"{minutes} minute"
    many = "" if seconds == 1 else "s"
    sentence = f"Too many tries have failed. Wait {wait}{many} and try again. Nothing is locked."
    return TooManyTries(sentence, retry_after=seconds)


def count(scope: Scope, *, source: str) -> None:
    """Note one failed try of the source.

    Raises: Unavailable.
    """
    now = clock.micros()
    minute = _minute(now)
    _clear_until.pop((scope.name, source), None)
    in_this_minute = _add(scope, source_of(source), minute, now)
    if in_this_minute == 1:
        _clean(scope.name, now - scope.memory * SECOND)
    if in_this_minute == scope.cap:
        log.warning(
            "throttle: %d failed tries (%s) within a minute; all wait until it is over",
            scope.cap,
            scope.name,
        )


def source_of(address: str) -> str:
    """Whom an address stands for: itself, or the /64 that one IPv6 client may roam in."""
    return _network_of(address) if len(address) <= _LONGEST_ADDRESS else address


@functools.lru_cache(maxsize=4096)
def _network_of(address: str) -> str:
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return address
    if isinstance(found, ipaddress.IPv4Address):
        return str(found)
    if found.ipv4_mapped:
        return str(found.ipv4_mapped)
    return str(ipaddress.IPv6Network((found.packed[:8] + bytes(8), 64)))


def _minute(now: int) -> str:
    return f"minute {now // MINUTE}"


# Hot: each code that is typed or sent reads its counters first: 0.02 ms of processor time on SQLite
# and 0.08 ms on PostgreSQL, where the look-up itself takes 0.04 and 0.10 ms. A query of peewee's
# takes 0.3 ms. On SQLite the counters are a database of their own, which the models do not know.

_COLUMNS = """
    scope TEXT NOT NULL, source TEXT NOT NULL, failures INTEGER NOT NULL, last_at BIGINT NOT NULL,
    PRIMARY KEY (scope, source)
"""
_READ = "SELECT source, failures, last_at FROM throttle WHERE scope = ? AND source IN (?, ?)"
_ADD = """
    INSERT INTO throttle (scope, source, failures, last_at) VALUES (?, ?, 1, ?), (?, ?, 1, ?)
    ON CONFLICT (scope, source) DO UPDATE SET last_at = excluded.last_at,
    failures = CASE WHEN throttle.last_at < ? THEN 1
        WHEN throttle.source = ? THEN throttle.failures + 1
        WHEN throttle.failures < (excluded.last_at - throttle.last_at) / ? THEN 1
        ELSE throttle.failures + 1 - (excluded.last_at - throttle.last_at) / ? END
    RETURNING source, failures
"""


def _read(scope: str, source: str, minute: str) -> list[tuple]:
    return _rows(_READ, scope, source, minute)


def _add(scope: Scope, source: str, minute: str, now: int) -> int:
    """Add one to the source, less what is forgiven, and to the minute; the minute's number."""
    forgives_after = scope.forgives_after_micros
    found = _rows(
        _ADD,
        *(scope.name, source, now, scope.name, minute, now),
        *(now - scope.memory * SECOND, minute, forgives_after, forgives_after),
    )
    return dict(found)[minute]


def _clean(scope: str, forgotten: int) -> None:
    _rows("DELETE FROM throttle WHERE scope = ? AND last_at < ? RETURNING source", scope, forgotten)


def _rows(sql: str, *params: str | int) -> list[tuple]:
    try:
        if database.is_postgres():
            return _rows_on_postgres(sql, *params)
        return _connection().execute(sql, params).fetchall()
    except (peewee.OperationalError, sqlite3.OperationalError) as problem:
        raise Unavailable from problem


def _rows_on_postgres(sql: str, *params: str | int) -> list[tuple]:
    try:
        return database.rows(sql, *params)
    except SchemaChanged:
        _create_table()
        return database.rows(sql, *params)


def _create_table() -> None:
    try:
        database.execute(f"CREATE UNLOGGED TABLE IF NOT EXISTS throttle ({_COLUMNS})")
    except (peewee.IntegrityError, peewee.ProgrammingError, SchemaChanged):
        # Another process was making it at the same moment; if not, the next query says why.
        return


class _Local(threading.local):
    """The counters as one thread has them open, beside which ledger."""

    ledger: object = None
    connection: sqlite3.Connection


_local = _Local()


def _connection() -> sqlite3.Connection:
    ledger = database.db.obj
    if _local.ledger is not ledger:
        path = Path(ledger.database).with_name("throttle.db")
        connection = sqlite3.connect(path, isolation_level=None, timeout=timeouts.LOCK_SECONDS)
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = OFF")
        connection.execute(f"CREATE TABLE IF NOT EXISTS throttle ({_COLUMNS})")
        _local.connection, _local.ledger = connection, ledger
    return _local.connection
