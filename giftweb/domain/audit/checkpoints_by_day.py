"""Sums of the ledger by day, so that a report of years reads a few rows a day (B11).

The worker counts the transfers that are older than every open transaction, once for each time zone
that a report may ask for. What is not counted yet a report counts itself, so no figure depends on
how far the worker has come; `flask audit` counts all of it again.
"""

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from giftweb import database, days, models
from giftweb.database import transactional
from giftweb.domain import time_zones
from giftweb.domain.audit import check_days, checkpoints
from giftweb.domain.audit.check_days import AgeGroup, Ages, Counted, Counts, Group, LifeGroup
from giftweb.domain.audit.check_histories import Life
from giftweb.errors import Unavailable

_PORTION = 20_000
"""How many transfers are counted at a time, so that no lock is held for long."""

_ROWS = 200


@dataclass(frozen=True, slots=True)
class _Kept:
    """A table that keeps one part of what was counted: its key, and what is added up."""

    table: str
    group: Callable[..., Any]
    key: tuple[str, ...]
    values: tuple[str, ...]


_TABLES = (
    _Kept("daily_sum", Group, Group._fields, ("amount_minor", "cards")),
    _Kept("monthly_sum", Group, ("month", *Group._fields[1:]), ("amount_minor", "cards")),
    _Kept("daily_age", AgeGroup, AgeGroup._fields, ("amount_minor", "cards")),
    _Kept("daily_life", LifeGroup, LifeGroup._fields, Life._fields),
)
"""In the order of ``_parts``."""


def _parts(counted: Counted, since: str) -> tuple[Any, ...]:
    """What each table keeps of it. ``since``: the first day of which ages are kept."""
    return counted.sums, _by_month(counted.sums), _from(counted.ages, since), counted.lives


def _by_month(sums: Counts) -> Counts:
    found: Counts = defaultdict(lambda: [0, 0])
    for group, (amount, cards) in sums.items():
        of_month = found[group._replace(day=group.day[:7])]
        of_month[0] += amount
        of_month[1] += cards
    return found


def counted_to(zone: str) -> int:
    """The number of the last transfer in the sums of a time zone; 0 without any."""
    end = models.DailySumEnd
    return end.select(end.transfers_to).where(end.time_zone == zone).scalar() or 0


def write() -> int:
    """Count a portion of new transfers for each time zone; how many zones have more to count."""
    zones = _zones()
    if check_days.last_number() <= min(map(counted_to, zones)):
        return 0
    try:
        settled, _ = checkpoints.settled()
    except Unavailable as problem:
        if not database.waited_too_long(problem.__cause__):
            raise
        return 0
    return sum(_write(zone, settled) for zone in zones)


def write_all() -> None:
    """Count everything there is, for a report that is wanted at once."""
    while write():
        pass


def _zones() -> list[str]:
    zone = models.Campaign.time_zone
    found = {name for (name,) in models.Campaign.select(zone).distinct().tuples()}
    return sorted(found | {time_zones.of_house()})


def _write(zone: str, settled: int) -> bool:
    after = counted_to(zone)
    to = min(after + _PORTION, settled)
    if to <= after:
        return False
    with database.snapshot():
        counted = check_days.count(zone, after=after, to=to)
    _store(zone, counted, after=after, to=to)
    return to < settled


@transactional
def _store(zone: str, counted: Counted, *, after: int, to: int) -> None:
    """Add what was counted and move the end, unless another worker has done so meanwhile."""
    end = models.DailySumEnd
    first = _ages_from(zone)
    new = end.insert(time_zone=zone, transfers_to=0, ages_from=first)
    new.on_conflict_ignore().execute()
    is_next = (end.time_zone == zone) & (end.transfers_to == after)
    if not end.update(transfers_to=to).where(is_next).execute():
        return
    since = end.select(end.ages_from).where(end.time_zone == zone).scalar()
    for kept, found in zip(_TABLES, _parts(counted, since.isoformat()), strict=True):
        rows = [(zone, *group, *values) for group, values in sorted(found.items()) if any(values)]
        for start in range(0, len(rows), _ROWS):
            _add(kept, rows[start : start + _ROWS])
    if since < first:
        _fold(zone, first)


def _add(kept: _Kept, rows: Sequence[tuple]) -> None:
    columns = ("time_zone", *kept.key, *kept.values)
    one = f"({database.placeholders(columns)})"
    database.execute(
        f"INSERT INTO {kept.table} ({', '.join(columns)}) VALUES {', '.join([one] * len(rows))}"
        f" {_or_add(kept)}",
        *(value for row in rows for value in row),
    )


def _or_add(kept: _Kept) -> str:
    sums = ", ".join(f"{name} = {kept.table}.{name} + excluded.{name}" for name in kept.values)
    return f"ON CONFLICT (time_zone, {', '.join(kept.key)}) DO UPDATE SET {sums}"


# Ages


def ages_from(zone: str) -> date | None:
    """The first day of which the ages are kept; those of the days before are in its sums."""
    end = models.DailySumEnd
    return end.select(end.ages_from).where(end.time_zone == zone).scalar()


def _ages_from(zone: str) -> date:
    """The first day of the month before this one: of older days few ask, and there would be a row
    for each day on which money came and each on which it went."""
    first = days.today(zone).replace(day=1)
    return days.later(first, -1).replace(day=1)


def _from(ages: Ages, since: str) -> Ages:
    """The ages with those of days before the first as if they were of that day."""
    found: Ages = defaultdict(lambda: [0, 0])
    for group, (amount, cards) in ages.items():
        sums = found[group._replace(day=max(group.day, since))]
        sums[0] += amount
        sums[1] += cards
    return found


def _fold(zone: str, since: date) -> None:
    """Keep the ages from this day on; those of older days go into its sums."""
    kept, day = _TABLES[2], since.isoformat()
    rest = ", ".join(kept.key[1:])
    database.execute(
        f"INSERT INTO daily_age (time_zone, day, {rest}, amount_minor, cards)"
        f" SELECT time_zone, ?, {rest}, CAST(SUM(amount_minor) AS BIGINT), SUM(cards)"
        " FROM daily_age WHERE time_zone = ? AND day < ?"
        f" GROUP BY time_zone, {rest} {_or_add(kept)}",
        *(day, zone, day),
    )
    database.execute("DELETE FROM daily_age WHERE time_zone = ? AND day < ?", zone, day)
    nothing = "time_zone = ? AND day = ? AND amount_minor = 0 AND cards = 0"
    database.execute(f"DELETE FROM daily_age WHERE {nothing}", zone, day)
    end = models.DailySumEnd
    end.update(ages_from=since).where(end.time_zone == zone).execute()


# The audit


def breaches() -> Iterator[tuple[str, str, str]]:
    """(check, row, what is wrong): sums that are not what their transfers come to now."""
    for zone, to, since in models.DailySumEnd.select().tuples():
        wanted = _counted(zone, to)
        parts = _parts(wanted, since.isoformat())
        for kept, expected in zip(_TABLES, parts, strict=True):
            yield from _differences(kept, zone, expected)


def _differences(kept: _Kept, zone: str, expected: Any) -> Iterator[tuple[str, str, str]]:
    size = len(kept.values)
    rows = database.rows(
        f"SELECT {', '.join((*kept.key, *kept.values))} FROM {kept.table} WHERE time_zone = ?", zone
    )
    stored = {kept.group(*row[:-size]): list(row[-size:]) for row in rows}
    for group in sorted({*expected, *stored}):
        wanted, found = expected.get(group, [0] * size), stored.get(group, [0] * size)
        if wanted != found:
            row = f"{zone} {' '.join(filter(None, group))}"
            text = f"{kept.table} says {_words(found)}, its transfers come to {_words(wanted)}"
            yield "B11 sums by day", row, text


def _words(values: Sequence[int]) -> str:
    return " and ".join(map(str, values))


def _counted(zone: str, end: int) -> Counted:
    total = Counted.nothing()
    for after in range(0, end, _PORTION):
        total.add(check_days.count(zone, after=after, to=min(after + _PORTION, end)))
    return total
