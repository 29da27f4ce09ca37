"""How long the money that is owed has been waiting (B11)."""

import json
from collections import defaultdict
from datetime import date

from giftweb import clock, database, days
from giftweb.domain.reports.books import Books
from giftweb.domain.reports.values import Report, Row, Wanted, named, totals

AGES = ("0-30", "31-90", "91-180", "181-365", "366+")
"""Days since the money came; the last has no end."""

_STARTS = (30, 90, 180, 365)
"""The oldest day of each age but the last, in days before."""


def ageing(wanted: Wanted) -> Report:
    """What is owed at the end of a day, by the days since the money came; a day there is one in
    the shop's zone (D25).
    """
    sums: dict[tuple[str, ...], list[int]] = {}
    for currency, campaign, source, age, cards, amount in _parts(wanted):
        if wanted.campaign_id not in (None, campaign):
            continue
        values = {"currency": currency, "campaign_id": campaign, "source": source}
        found = sums.setdefault((*(values[key] for key in wanted.keys), age), [0, 0])
        found[0] += cards
        found[1] += amount
    rows: list[Row] = [
        named(dict(zip(wanted.keys, key, strict=True)))
        | {"age": age, "cards": cards, "amount": amount}
        for (*key, age), (cards, amount) in sorted(
            sums.items(), key=lambda item: (item[0][:-1], AGES.index(item[0][-1]))
        )
    ]
    columns = (*wanted.keys, "age", "cards", "amount")
    return Report("ageing", wanted, False, columns, ("amount",), rows, totals(rows, ("amount",)))


def _parts(wanted: Wanted) -> list[tuple]:
    kept = _sealed(wanted)
    return ages(wanted) if kept is None else kept


def _sealed(wanted: Wanted) -> list[tuple] | None:
    """What was sealed when the month was closed whose last day it is."""
    end = clock.to_micros(days.end_of(wanted.as_of, wanted.zone))
    kept = database.scalar("SELECT ages FROM closed_month WHERE ends_at = ?", end)
    return None if kept is None else [tuple(row) for row in json.loads(kept)]


def days_of(age: str, as_of: date) -> tuple[date | None, date]:
    """The first and the last day on which money came that is of this age; None: any before."""
    place = AGES.index(age)
    first = days.later(as_of, -_STARTS[place]) if place < len(_STARTS) else None
    return first, days.later(as_of, -_STARTS[place - 1] - 1) if place else as_of


def ages(wanted: Wanted) -> list[tuple]:
    """Currency, campaign, source, age, cards and amount: the sums that rows are made of."""
    found: dict[tuple[str, ...], list[int]] = defaultdict(lambda: [0, 0])
    bounds = [(start.isoformat(), age) for start, age in _bounds(wanted.as_of)]

    def age_of(day: str) -> str:
        return next((age for start, age in bounds if day >= start), AGES[-1])

    held = Books(wanted.zone).ages(wanted.as_of)
    for (currency, campaign, source, came_on, next_on), (amount, cards) in held.items():
        age = age_of(came_on)
        sums = found[currency, campaign, source, age]
        # A card with two lots of one age is one card.
        sums[0] += cards if not next_on or age_of(next_on) != age else 0
        sums[1] += amount
    return [(*key, cards, amount) for key, (cards, amount) in found.items() if amount]


def _bounds(as_of: date) -> list[tuple[date, str]]:
    return [(days.later(as_of, -start), age) for age, start in zip(AGES, _STARTS, strict=False)]
