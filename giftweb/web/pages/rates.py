"""Currency rates in words: which days each is good for, and a file of them that was read."""

from collections.abc import Iterator, Sequence
from datetime import date

from giftweb import days
from giftweb.domain import csv_sheets
from giftweb.domain.catalogue.rates import COLUMNS, NewRate
from giftweb.domain.csv_sheets import BadCell
from giftweb.language import gettext, ngettext

MOST_FAULTS = 50
MOST = 5000
"""Rates in a file at the desk: thirteen years of one pair, or half a year of all."""


def with_days(found: Sequence[NewRate], *, is_newest: bool = True) -> Iterator[tuple[NewRate, str]]:
    """Each rate, newest first, with the days after its own that have none and take it, too."""
    after = days.later(days.today(days.WORLD), 1) if is_newest else None
    for each in found:
        yield each, _missing(each.on_date, after) if after else ""
        after = each.on_date


def _missing(on: date, after: date) -> str:
    first, last = days.later(on, 1), days.later(after, -1)
    if first > last:
        return ""
    if first == last:
        return days.day_text(first)
    return gettext("{first} to {last}", first=days.day_text(first), last=days.day_text(last))


def faults(cells: Sequence[BadCell]) -> list[str]:
    """Each cell that cannot be used, in a sentence; of many the first."""
    return [
        gettext(
            "Row {row}, {column}: {reason}", row=cell.row, column=cell.column, reason=cell.reason
        )
        for cell in cells[:MOST_FAULTS]
    ]


def written(found: Sequence[NewRate]) -> str:
    """The rates as lines of a file, which is read again before they are stored."""
    rows = ((each.on_date, each.base, each.quote, each.rate) for each in found)
    return "".join(csv_sheets.written(COLUMNS, rows))


def waiting_text() -> str:
    """That rates were not stored yet."""
    return gettext("These rates wait for another person's approval.")


def stored_text(count: int) -> str:
    """That so many rates were stored."""
    return ngettext("{count} rate is stored.", "{count} rates are stored.", count)
