"""A report as a table: its columns in words, its figures as links to what is behind them."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from flask import request

from giftweb import days
from giftweb.domain import campaigns, json_values, reports
from giftweb.domain.reports import Report, Wanted
from giftweb.language import count_text, gettext
from giftweb.money import Money
from giftweb.web.pages import report_links, report_words, searches
from giftweb.web.text import amounts, templating, words

_COUNTS = ("cards", "orders", "ended", "days_to_end", "used", "days_to_use")
_NUMBERS = (*_COUNTS, "number")
_DATED = ("amount", "opening", "closing")
_IN_WORDS = {
    "cohort": days.month_text,
    "source": words.type_label,
    "debit": words.type_label,
    "credit": words.type_label,
}
_MOST_ROWS = 500


@dataclass(frozen=True, slots=True)
class Cell:
    """A value in words, and where it leads."""

    content: Any
    href: str = ""
    kind: str = ""


@dataclass(frozen=True, slots=True)
class Sheet:
    """A report for a page. ``has_more``: only the file has all rows."""

    heads: list[tuple[str, str, str]]
    rows: list[list[Cell]]
    totals: list[list[Cell]]
    has_more: bool


def wanted() -> Wanted:
    """What the address asks for; a day that has not begun in the shop is today.

    Raises: Invalid for an unknown campaign, or a period that ends before it begins.
    """
    campaign = request.args.get("campaign") or None
    today = reports.wanted(campaign_id=campaign).as_of

    def day(name: str) -> date | None:
        chosen = searches.day_of(name)
        return None if chosen is None else min(chosen, today)

    return reports.wanted(
        as_of=day("as_of"), first_on=day("from"), last_on=day("until"), campaign_id=campaign
    )


def of_page(name: str, chosen: Wanted) -> Report:
    """The report as a page shows it: no more transfers than fit on one."""
    return reports.find(name, replace(chosen, most=_MOST_ROWS + 1))


def described(name: str) -> dict[str, Any]:
    """What the page says of the report."""
    months = reports.breakage.MATURE_MONTHS
    return {
        "title": report_words.TITLES[name],
        "about": report_words.ABOUT[name],
        "mature_months": months,
    }


def file_query() -> dict[str, str]:
    """What of the address a file of the same report has in its own."""
    names = ("as_of", "from", "until", "campaign")
    return {name: request.args[name] for name in names if request.args.get(name)}


def owed() -> list[tuple[Money, int]]:
    """What is owed now in each currency, and on how many cards."""
    found = reports.find("liability", reports.wanted())
    return [(Money(each["amount"], each["currency"]), each["cards"]) for each in found.totals]


def sheet(found: Report) -> Sheet:
    """The report in words."""
    names = dict(choices())
    columns = _with_content(found)
    heads = [
        (str(report_words.HEADS[column]), "", "number" if _is_number(found, column) else "")
        for column in columns
    ]
    first_rows = found.rows[:_MOST_ROWS]
    return Sheet(
        heads=heads,
        rows=[[_cell(found, row, column, names) for column in columns] for row in first_rows],
        totals=[_total(found, row, columns) for row in found.totals]
        if found.name != "journal"
        else [],
        has_more=len(found.rows) > _MOST_ROWS,
    )


def _with_content(found: Report) -> list[str]:
    """The columns of a page: without those in which nothing moved, and without the only currency,
    which its amounts name. The files have every one."""
    if found.name not in ("movements", "bonuses"):
        return list(found.columns)
    moved = [name for name in found.amounts if name not in _DATED]
    empty = {name for name in moved if not any(row[name] for row in found.rows)}
    if len({row["currency"] for row in found.rows}) == 1:
        empty.add("currency")
    return [column for column in found.columns if column not in empty]


def _is_number(found: Report, column: str) -> bool:
    return column in found.amounts or column in _NUMBERS


def _cell(found: Report, row: dict, column: str, names: dict[str, str]) -> Cell:
    value = row[column]
    if column in found.amounts:
        amount = Money(value, row["currency"])
        if not value and column not in _DATED:
            return Cell(None, "", "number")
        return Cell(
            amounts.money(amount),
            report_links.behind(found, row, column) if value else "",
            "number",
        )
    if column in report_words.CAMPAIGNS:
        return Cell(report_words.HOUSE if value is None else names.get(value, value))
    if column == "at":
        return Cell(templating.when(json_values.read_instant(value)))
    if column in _COUNTS and value is not None:
        return Cell(count_text(value), report_links.behind(found, row, column), "number")
    if column == "transaction_id":
        return Cell(value, report_links.behind(found, row, column))
    if column in _IN_WORDS:
        return Cell(_IN_WORDS[column](value))
    return Cell(value, "", "number" if column in _NUMBERS else "")


def _total(found: Report, row: dict, columns: Sequence[str]) -> list[Cell]:
    """A row of sums: ``Total`` in the first column, then what is under each."""
    cells = [Cell(gettext("Total in {currency}", currency=row["currency"]))]
    for column in columns[1:]:
        value, href = row.get(column, ""), ""
        if column in row:
            href = report_links.behind(found, row, column)
        if column in found.amounts and column in row:
            value = amounts.money(Money(value, row["currency"]))
        elif isinstance(value, int):
            value = count_text(value)
        cells.append(Cell(value, href, "number"))
    return cells


def shops(found: Report) -> list[tuple[str, str]]:
    """The shops of a settlement, which each have a statement."""
    if found.name != "settlement":
        return []
    sides = ("issuer_campaign_id", "acceptor_campaign_id")
    ids = {row[side] for row in found.rows for side in sides}
    return [choice for choice in choices() if choice[0] in ids]


def choices() -> Sequence[tuple[str, str]]:
    """The campaigns that a report can be of."""
    return [(campaign.id, campaign.name) for campaign in campaigns.find_all()]
