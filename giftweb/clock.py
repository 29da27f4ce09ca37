"""The only clock. Aware UTC, six decimals; inside a transaction it is the database's clock."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)

FIRST_DAY, LAST_DAY = date(1970, 1, 1), date(9998, 12, 31)
"""The days that may be entered: one can still be counted on from the last one."""

_offset_micros = 0


def _outside() -> None:
    return None


_transaction_micros: Callable[[], int | None] = _outside


def micros() -> int:
    """Now, as whole microseconds since 1970 UTC; the form in which instants are stored."""
    inside = _transaction_micros()
    return (time.time_ns() // 1000 if inside is None else inside) + _offset_micros


def now() -> datetime:
    """Now, as an aware UTC datetime."""
    return from_micros(micros())


def today() -> date:
    """Today's date in UTC."""
    return now().date()


def to_micros(instant: datetime) -> int:
    """Whole microseconds since 1970 UTC. Refuses a naive datetime."""
    if instant.tzinfo is None:
        raise ValueError("a naive datetime has no place in time")
    return (instant - EPOCH) // _MICROSECOND


def from_micros(count: int) -> datetime:
    """The aware UTC datetime of a stored instant."""
    return EPOCH + timedelta(microseconds=count)


def follow_transaction(source: Callable[[], int | None]) -> None:
    """Take the time of a transaction from ``source``, which returns None outside of one."""
    global _transaction_micros
    _transaction_micros = source


@contextmanager
def moved(by: timedelta) -> Iterator[None]:
    """Tests and the demo: time as if ``by`` had passed, on top of whatever was moved before."""
    global _offset_micros
    step = by // _MICROSECOND
    _offset_micros += step
    try:
        yield
    finally:
        _offset_micros -= step
