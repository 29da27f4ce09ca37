"""What a report is: which days and campaigns are asked for, its rows and its totals."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from giftweb import days, money
from giftweb.domain import time_zones
from giftweb.errors import Invalid
from giftweb.language import gettext

BY = ("source", "campaign")
"""What rows of the reports on what is owed are told apart by, besides their currency."""

Row = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What is asked for: days there are days in ``zone``.

    ``as_of`` is for reports of an instant, ``first_on`` to ``last_on`` for those of a period.
    ``most``: of a report that has a row for each transfer, no more than these.
    """

    as_of: date
    first_on: date
    last_on: date
    zone: str
    campaign_id: str | None = None
    by: tuple[str, ...] = BY
    most: int | None = None

    @property
    def keys(self) -> tuple[str, ...]:
        """The columns that the rows are told apart by."""
        columns = {"campaign": "campaign_id", "source": "source"}
        return ("currency", *(columns[each] for each in ("campaign", "source") if each in self.by))


def wanted(
    *,
    as_of: date | None = None,
    first_on: date | None = None,
    last_on: date | None = None,
    campaign_id: str | None = None,
    by: Sequence[str] = BY,
) -> Wanted:
    """What is asked for, with today and this month in the shop's zone for what is left out.

    Raises: Invalid.
    """
    zone = time_zones.of_campaign(campaign_id)
    if zone is None:
        raise Invalid(gettext("There is no such campaign."), field="campaign")
    if unknown := [each for each in by if each not in BY]:
        raise Invalid(
            gettext("Rows are told apart by source and campaign, not {value}.", value=unknown[0]),
            field="by",
        )
    today = days.today(zone)
    last = last_on or as_of or max(today, first_on or today)
    first = first_on or last.replace(day=1)
    if first > last:
        raise Invalid(gettext("The period ends before it begins."), field="to")
    return Wanted(
        as_of=as_of or last_on or today,
        first_on=first,
        last_on=last,
        zone=zone,
        campaign_id=campaign_id,
        by=tuple(by),
    )


@dataclass(frozen=True, slots=True)
class Report:
    """Rows by the names of their columns; amounts are minor units of the row's currency."""

    name: str
    wanted: Wanted
    is_of_period: bool
    columns: tuple[str, ...]
    amounts: tuple[str, ...]
    rows: Sequence[Row]
    totals: Sequence[Row]

    def to_dict(self) -> dict[str, Any]:
        """The document of docs/reports.md."""
        return {
            "report": self.name,
            **self.days(),
            "time_zone": self.wanted.zone,
            "rows": list(self.rows),
            "totals": list(self.totals),
        }

    def days(self) -> dict[str, str]:
        """Which day or days it is of."""
        if not self.is_of_period:
            return {"as_of": self.wanted.as_of.isoformat()}
        return {
            "from": self.wanted.first_on.isoformat(),
            "to": self.wanted.last_on.isoformat(),
        }

    def sheet(self) -> Iterable[list[Any]]:
        """The rows for a spreadsheet, their amounts as Money."""
        for row in self.rows:
            yield [
                money.Money(row[column], row["currency"]) if column in self.amounts else row[column]
                for column in self.columns
            ]


def totals(rows: Iterable[Row], amounts: Sequence[str], **counts: dict[str, int]) -> list[Row]:
    """The sums of the rows' amounts, a row a currency. ``counts``: what cannot be added up."""
    sums: dict[str, dict[str, int]] = defaultdict(lambda: dict.fromkeys(amounts, 0))
    for row in rows:
        found = sums[row["currency"]]
        for column in amounts:
            found[column] += row[column]
    return [
        {
            "currency": currency,
            **{name: by_currency.get(currency, 0) for name, by_currency in counts.items()},
            **found,
        }
        for currency, found in sorted(sums.items())
    ]


def named(row: Row) -> Row:
    """The row with null where a card or an order has no campaign."""
    return {name: None if value == "" else value for name, value in row.items()}
