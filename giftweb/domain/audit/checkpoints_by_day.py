"""Sums of the ledger by day, so that a report of years reads a few rows a day (B11).

The worker counts the transfers that are older than every open transaction, once for each time zone
that a report may ask for. What is not counted yet a report counts itself, so no figure depends on
how far the worker has come; `flask audit` counts all of it again.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence

from giftweb import database, models
from giftweb.database import transactional
from giftweb.domain import time_zones
from giftweb.domain.audit import check_days, checkpoints
from giftweb.domain.audit.check_days import Counts, Group
from giftweb.errors import Unavailable

_PORTION = 20_000
"""How many transfers are counted at a time, so that no lock is held for long."""

_COLUMNS = ("time_zone", *Group._fields, "amount_minor", "cards")
_KEY, _OF_A_ROW = ", ".join(_COLUMNS[:-2]), ", ".join(_COLUMNS[1:])
_ROWS = 200


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
        counts = check_days.count(zone, after=after, to=to)
    _store(zone, counts, after=after, to=to)
    return to < settled


@transactional
def _store(zone: str, counts: Counts, *, after: int, to: int) -> None:
    """Add the counts and move the end, unless another worker has done so meanwhile."""
    end = models.DailySumEnd
    new = end.insert(time_zone=zone, transfers_to=0)
    new.on_conflict_ignore().execute()
    is_next = (end.time_zone == zone) & (end.transfers_to == after)
    if not end.update(transfers_to=to).where(is_next).execute():
        return
    rows = [(zone, *group, *found) for group, found in sorted(counts.items()) if any(found)]
    for start in range(0, len(rows), _ROWS):
        _add(rows[start : start + _ROWS])


def _add(rows: Sequence[tuple]) -> None:
    one = f"({database.placeholders(_COLUMNS)})"
    database.execute(
        f"INSERT INTO daily_sum ({', '.join(_COLUMNS)}) VALUES {', '.join([one] * len(rows))}"
        f" ON CONFLICT ({_KEY}) DO UPDATE SET"
        " amount_minor = daily_sum.amount_minor + excluded.amount_minor,"
        " cards = daily_sum.cards + excluded.cards",
        *(value for row in rows for value in row),
    )


def breaches() -> Iterator[tuple[str, str, str]]:
    """(check, row, what is wrong): sums that are not what their transfers come to now."""
    for zone, end in models.DailySumEnd.select().tuples():
        wanted = _counted(zone, end)
        rows = database.rows(f"SELECT {_OF_A_ROW} FROM daily_sum WHERE time_zone = ?", zone)
        stored = {Group(*row[:-2]): list(row[-2:]) for row in rows}
        for group in sorted({*wanted, *stored}):
            expected, found = wanted.get(group, [0, 0]), stored.get(group, [0, 0])
            if expected != found:
                row = f"{zone} {' '.join(filter(None, group))}"
                text = f"the sum of this day is {found[0]}, its transfers come to {expected[0]}"
                yield "B11 sums by day", row, text


def _counted(zone: str, end: int) -> Counts:
    total: Counts = defaultdict(lambda: [0, 0])
    for after in range(0, end, _PORTION):
        to = min(after + _PORTION, end)
        for group, found in check_days.count(zone, after=after, to=to).items():
            total[group][0] += found[0]
            total[group][1] += found[1]
    return total
