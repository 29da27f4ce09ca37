"""Sums of the ledger by day, so that a report of years reads a few rows a day (B11).

The worker counts the transfers that are older than every open transaction, once for each time zone
that a report may ask for. What is not counted yet a report counts itself, so no figure depends on
how far the worker has come; `flask audit` counts all of it again.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from giftweb import database, days, models
from giftweb.database import transactional
from giftweb.domain import time_zones
from giftweb.domain.audit import check_days, checkpoints
from giftweb.domain.audit.check_days import AgeGroup, Counted, Group, LifeGroup
from giftweb.domain.audit.check_histories import Life

_PORTION = 20_000
"""How many transfers are counted at a time, so that no lock is held for long."""

_ROWS = 200

_NEVER = "9999-12-31"
_AMOUNTS = ("amount_minor", "cards")


@dataclass(frozen=True, slots=True)
class _Kept:
    """A table that keeps one part of what was counted: its key, and what is added up."""

    table: str
    group: Callable[..., Any]
    key: tuple[str, ...]
    values: tuple[str, ...]


_TABLES = (
    _Kept("daily_sum", Group, Group._fields, _AMOUNTS),
    _Kept("monthly_sum", Group, ("month", *Group._fields[1:]), _AMOUNTS),
    _Kept("daily_age", AgeGroup, AgeGroup._fields, _AMOUNTS),
    _Kept("monthly_age", AgeGroup, ("month", *AgeGroup._fields[1:]), _AMOUNTS),
    _Kept("daily_life", LifeGroup, LifeGroup._fields, Life._fields),
    _Kept("monthly_life", LifeGroup, ("month", *LifeGroup._fields[1:]), Life._fields),
)
"""In the order of ``_parts``."""


def _parts(counted: Counted) -> list[dict[Any, list[int]]]:
    """What each table keeps of it."""
    return [part for sums in counted for part in (sums, _by_month(sums))]


def _by_month(sums: dict[Any, list[int]], *, before: str = _NEVER) -> dict[Any, list[int]]:
    """The sums with those of days before this one by month."""
    found: dict[Any, list[int]] = {}
    for group, values in sums.items():
        of_month = group._replace(day=group.day[:7]) if group.day < before else group
        known = found.setdefault(of_month, [0] * len(values))
        for place, value in enumerate(values):
            known[place] += value
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
        last_final, _ = checkpoints.last_final()
    except checkpoints.StillWriting:
        return 0
    return sum(_write(zone, last_final) for zone in zones)


def write_all() -> None:
    """Count everything there is, for a report that is wanted at once."""
    while write():
        pass


def _zones() -> list[str]:
    zone = models.Campaign.time_zone
    found = {name for (name,) in models.Campaign.select(zone).distinct().tuples()}
    return sorted(found | {time_zones.of_house()})


def _write(zone: str, last_final: int) -> bool:
    after = counted_to(zone)
    to = min(after + _PORTION, last_final)
    if to <= after:
        return False
    with database.snapshot():
        counted = check_days.count(zone, after=after, to=to)
    _store(zone, counted, after=after, to=to)
    return to < last_final


@transactional
def _store(zone: str, counted: Counted, *, after: int, to: int) -> None:
    """Add what was counted and move the end, unless another worker has done so meanwhile."""
    end = models.DailySumEnd
    end.insert(time_zone=zone, transfers_to=0).on_conflict_ignore().execute()
    is_next = (end.time_zone == zone) & (end.transfers_to == after)
    if not end.update(transfers_to=to).where(is_next).execute():
        return
    for kept, found in zip(_TABLES, _parts(counted), strict=True):
        rows = [(zone, *group, *values) for group, values in sorted(found.items()) if any(values)]
        for start in range(0, len(rows), _ROWS):
            _add(kept, rows[start : start + _ROWS])


def _add(kept: _Kept, rows: Sequence[tuple]) -> None:
    columns = ("time_zone", *kept.key, *kept.values)
    one = f"({database.placeholders(columns)})"
    sums = ", ".join(f"{name} = {kept.table}.{name} + excluded.{name}" for name in kept.values)
    database.execute(
        f"INSERT INTO {kept.table} ({', '.join(columns)}) VALUES {', '.join([one] * len(rows))}"
        f" ON CONFLICT (time_zone, {', '.join(kept.key)}) DO UPDATE SET {sums}",
        *(value for row in rows for value in row),
    )


# The audit


def breaches() -> Iterator[tuple[str, str, str]]:
    """(check, row, what is wrong): sums that are not what their transfers come to now.

    Of older days ages are compared by month: a large shop has a million rows of them.
    """
    for zone, to in models.DailySumEnd.select().tuples():
        since = _older(zone)
        counted = _counted(zone, to, since)
        for kept, expected in zip(_TABLES, _parts(counted), strict=True):
            first = since if kept.table == "daily_age" else ""
            yield from _differences(kept, zone, expected, first)


def _older(zone: str) -> str:
    """The first day of the month before this one."""
    first = days.today(zone).replace(day=1)
    return days.later(first, -1).replace(day=1).isoformat()


def _differences(
    kept: _Kept, zone: str, expected: dict[Any, list[int]], since: str
) -> Iterator[tuple[str, str, str]]:
    stored = _stored(kept, zone, since)
    for group in sorted({*expected, *stored}):
        nothing = [0] * len(kept.values)
        wanted, found = expected.get(group, nothing), stored.get(group, nothing)
        if wanted != found:
            row = f"{zone} {' '.join(filter(None, group))}"
            text = f"{kept.table} says {_words(found)}, its transfers come to {_words(wanted)}"
            yield "B11 sums by day", row, text


def _stored(kept: _Kept, zone: str, since: str) -> dict[Any, list[int]]:
    first, *rest = kept.key
    key = ", ".join((f"CASE WHEN {first} < ? THEN substr({first}, 1, 7) ELSE {first} END", *rest))
    sums = ", ".join(f"CAST(SUM({name}) AS BIGINT)" for name in kept.values)
    rows = database.rows(
        f"SELECT {key}, {sums} FROM {kept.table} WHERE time_zone = ?"
        f" GROUP BY {', '.join(map(str, range(1, len(kept.key) + 1)))}",
        since,
        zone,
    )
    size = len(kept.key)
    return {kept.group(*row[:size]): list(row[size:]) for row in rows}


def _words(values: Sequence[int]) -> str:
    return " and ".join(map(str, values))


def _counted(zone: str, end: int, since: str) -> Counted:
    """All transfers; ages of days before ``since`` by month."""
    total = Counted.nothing()
    for after in range(0, end, _PORTION):
        found = check_days.count(zone, after=after, to=min(after + _PORTION, end))
        total.add(found._replace(ages=_by_month(found.ages, before=since)))
    return total
