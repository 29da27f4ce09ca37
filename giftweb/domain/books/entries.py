"""The entries of the journal as an export has them: one a transfer, or one a day and pair of
accounts."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date

from giftweb import database, days
from giftweb.domain import json_values, reports
from giftweb.domain.reports import Wanted
from giftweb.money import Money

BY = ("day", "transfer")


@dataclass(frozen=True, slots=True)
class Entry:
    """An amount that one of our accounts is debited with, and another credited."""

    number: str
    on: date
    debit: str
    credit: str
    amount: Money
    reference: str

    @property
    def text(self) -> str:
        """What it is, in a line."""
        return f"{self.debit} > {self.credit}"


def find(wanted: Wanted, *, by: str) -> list[Entry]:
    """The entries of a period, in order. They are read day by day: a month may have many."""
    found: list[Entry] = []
    on = wanted.first_on
    with database.snapshot():
        while on <= wanted.last_on:
            rows = reports.find("journal", replace(wanted, first_on=on, last_on=on)).rows
            each = [_of_transfer(row, wanted.zone) for row in rows]
            found += each if by == "transfer" else _by_day(each, first=len(found) + 1)
            on = days.later(on, 1)
    return found


def _of_transfer(row: dict, zone: str) -> Entry:
    at = json_values.read_instant(row["at"])
    assert at is not None  # noqa: S101 - a column that is never empty
    amount = Money(row["amount"], row["currency"])
    reference = row["order_reference"] or ""
    on = days.day_of(at, zone)
    return Entry(str(row["number"]), on, row["debit"], row["credit"], amount, reference)


def _by_day(found: Iterable[Entry], *, first: int) -> list[Entry]:
    """A row for each day, pair of accounts and currency, numbered from the first on."""
    sums: dict[tuple[date, str, str, str], int] = defaultdict(int)
    for entry in found:
        key = (entry.on, entry.amount.currency, entry.debit, entry.credit)
        sums[key] += entry.amount.minor
    return [
        Entry(f"{on:%Y%m%d}-{place}", on, debit, credit, Money(minor, currency), "")
        for place, ((on, currency, debit, credit), minor) in enumerate(sorted(sums.items()), first)
    ]
