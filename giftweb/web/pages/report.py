"""A report as a table: its columns in words, its figures as links to what is behind them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

from flask import request, url_for
from markupsafe import Markup

from giftweb import days
from giftweb.domain import campaigns, json_values, reports
from giftweb.domain.catalogue.rates import NewRate
from giftweb.domain.reports import Report, Wanted
from giftweb.language import gettext, lazy_gettext
from giftweb.money import Money
from giftweb.web.pages import searches
from giftweb.web.text import amounts, templating, words

TITLES = {
    "liability": lazy_gettext("What we owe"),
    "ageing": lazy_gettext("How old it is"),
    "movements": lazy_gettext("What moved it"),
    "breakage": lazy_gettext("What will stay unspent"),
    "settlement": lazy_gettext("Who owes whom"),
    "journal": lazy_gettext("Journal"),
}
ABOUT = {
    "liability": lazy_gettext(
        "The money on live gift cards at the end of a day, by where it came from."
    ),
    "ageing": lazy_gettext("The same money by the days since it came onto its card."),
    "movements": lazy_gettext(
        "What was owed before a period, what changed it, and what was owed after it."
    ),
    "breakage": lazy_gettext(
        "What is left of the cards of each month, and what of it is expected to stay."
    ),
    "settlement": lazy_gettext(
        "What one campaign owes another whose goods its gift cards have paid for."
    ),
    "journal": lazy_gettext(
        "Every transfer of a period as a debit and an equal credit, for the accountant."
    ),
}
HEADS = {
    "currency": lazy_gettext("Currency"),
    "campaign_id": lazy_gettext("Campaign"),
    "source": lazy_gettext("Source"),
    "cards": lazy_gettext("Cards"),
    "amount": lazy_gettext("Amount"),
    "age": lazy_gettext("Days"),
    "opening": lazy_gettext("Opening"),
    "closing": lazy_gettext("Closing"),
    "issued": lazy_gettext("Issued"),
    "recharged": lazy_gettext("Recharged"),
    "redeemed": lazy_gettext("Redeemed"),
    "refunded": lazy_gettext("Refunded"),
    "cancelled": lazy_gettext("Cancelled"),
    "clawed_back": lazy_gettext("Clawed back"),
    "expired": lazy_gettext("Expired"),
    "adjusted": lazy_gettext("Adjusted"),
    "cashed_out": lazy_gettext("Cashed out"),
    "cohort": lazy_gettext("Month of issue"),
    "left": lazy_gettext("Left"),
    "expected": lazy_gettext("Expected to stay"),
    "issuer_campaign_id": lazy_gettext("Issued by"),
    "acceptor_campaign_id": lazy_gettext("Taken by"),
    "owed": lazy_gettext("Owed"),
    "number": lazy_gettext("Number"),
    "at": lazy_gettext("Time"),
    "debit": lazy_gettext("Debit"),
    "credit": lazy_gettext("Credit"),
    "transaction_id": lazy_gettext("Transaction"),
    "order_reference": lazy_gettext("Order"),
}
_CAMPAIGNS = ("campaign_id", "issuer_campaign_id", "acceptor_campaign_id")
_NUMBERS = ("cards", "number")
_HOUSE = lazy_gettext("No campaign")
_DATED = ("amount", "opening", "closing")
_MOST_ROWS, _MOST_CHARTS, _MOST_BARS = 500, 3, 24
_DRAWN = {
    "liability": ("source", "amount"),
    "ageing": ("age", "amount"),
    "breakage": ("cohort", "left"),
}
"""What a chart tells apart, and what it draws of it."""


@dataclass(frozen=True, slots=True)
class Cell:
    """A value in words, and where it leads."""

    content: Any
    href: str = ""
    kind: str = ""


@dataclass(frozen=True, slots=True)
class Sheet:
    """A report for a page. ``more``: how many rows only the file has."""

    heads: list[tuple[str, str, str]]
    rows: list[list[Cell]]
    totals: list[list[Cell]]
    more: int


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


def described(name: str) -> dict[str, Any]:
    """What the page says of the report."""
    months = reports.breakage.MATURE_MONTHS
    return {"title": TITLES[name], "about": ABOUT[name], "mature_months": months}


def asked() -> dict[str, str]:
    """What of the address a file of the same report has in its own."""
    names = ("as_of", "from", "until", "campaign")
    return {name: request.args[name] for name in names if request.args.get(name)}


def owed() -> list[tuple[Money, int]]:
    """What is owed now in each currency, and on how many cards."""
    found = reports.find("liability", reports.wanted())
    return [(Money(each["amount"], each["currency"]), each["cards"]) for each in found.totals]


def sheet(found: Report) -> Sheet:
    """The report in words."""
    names = {campaign.id: campaign.name for campaign in campaigns.find_all()}
    columns = _with_content(found)
    heads = [
        (str(HEADS[column]), "", "number" if _is_number(found, column) else "")
        for column in columns
    ]
    shown = found.rows[:_MOST_ROWS]
    return Sheet(
        heads=heads,
        rows=[[_cell(found, row, column, names) for column in columns] for row in shown],
        totals=[_total(found, row, columns) for row in found.totals]
        if found.name != "journal"
        else [],
        more=max(0, len(found.rows) - _MOST_ROWS),
    )


def _with_content(found: Report) -> list[str]:
    """The columns of a page: without the kinds of movement that there were none of. The files have
    every one."""
    if found.name != "movements":
        return list(found.columns)
    moved = [name for name in found.amounts if name not in _DATED]
    empty = {name for name in moved if not any(row[name] for row in found.rows)}
    return [column for column in found.columns if column not in empty]


def _is_number(found: Report, column: str) -> bool:
    return column in found.amounts or column in _NUMBERS


def _cell(found: Report, row: dict, column: str, names: dict[str, str]) -> Cell:
    value = row[column]
    if column in found.amounts:
        amount = Money(value, row["currency"])
        if not value and column not in _DATED:
            return Cell(None, "", "number")
        return Cell(amounts.money(amount), _behind(found, row, column) if value else "", "number")
    if column in _CAMPAIGNS:
        return Cell(_HOUSE if value is None else names.get(value, value))
    if column == "at":
        return Cell(templating.when(json_values.read_instant(value)))
    if column in ("source", "debit", "credit"):
        return Cell(words.type_label(value))
    return Cell(value, "", "number" if column in _NUMBERS else "")


def _total(found: Report, row: dict, columns: Sequence[str]) -> list[Cell]:
    """A row of sums: ``Total`` in the first column, then what is under each."""
    cells = [Cell(gettext("Total in {currency}", currency=row["currency"]))]
    for column in columns[1:]:
        if column in found.amounts and column in row:
            cells.append(Cell(amounts.money(Money(row[column], row["currency"])), "", "number"))
        else:
            cells.append(Cell(row.get(column, ""), "", "number"))
    return cells


def _behind(found: Report, row: dict, column: str) -> str:
    """The address of the transfers behind a figure."""
    of = {"until": found.wanted.as_of}
    if found.is_of_period and column != "closing":
        of = {"from": found.wanted.first_on, "until": found.wanted.last_on}
    if column == "opening":
        of = {"until": days.later(found.wanted.first_on, -1)}
    if found.name in ("breakage", "ageing", "journal"):
        return ""
    query: dict[str, Any] = {
        "currency": row["currency"],
        "source": row.get("source"),
        "campaign": _campaign(row, "campaign_id"),
        **of,
    }
    if found.name == "settlement":
        query["campaign"] = _campaign(row, "issuer_campaign_id")
        query["acceptor"] = _campaign(row, "acceptor_campaign_id")
        query["movement"] = column if column != "owed" else None
    elif column not in _DATED:
        query["movement"] = column
    query["zone"] = found.wanted.campaign_id
    kept = {name: value for name, value in query.items() if value}
    return f"{url_for('reports.transfers')}?{urlencode(kept)}"


def _campaign(row: dict, column: str) -> str | None:
    if column not in row:
        return None
    return row[column] or reports.transfers.HOUSE


def drawings(found: Report) -> list[Markup]:
    """A chart for each currency, of what the table says."""
    # leather takes a tenth of a second to import, and no other page needs it.
    from giftweb.web.text import charts

    drawn = []
    for each in found.totals[:_MOST_CHARTS]:
        currency = each["currency"]
        points = _points(found, currency)
        if any(minor for _, minor in points):
            label = f"{TITLES[found.name]} ({currency})"
            drawn.append(charts.bars(points, currency, label))
        if found.name == "breakage":
            curve = reports.breakage.curve(found.wanted, currency)
            if len(curve) > 1:
                drawn.append(charts.curve(curve, curve_label(currency)))
    return drawn


def curve_label(currency: str) -> str:
    """What the curve of redemption says."""
    return gettext(
        "Percent of what was issued in {currency} that is redeemed, by months since the issue",
        currency=currency,
    )


def _points(found: Report, currency: str) -> list[tuple[str, int]]:
    """The bars of a chart: by source, age, month or pair of campaigns, or the kinds of movement."""
    if found.name == "movements":
        (total,) = [each for each in found.totals if each["currency"] == currency]
        return [(str(HEADS[name]), total[name]) for name in found.amounts if total[name]]
    if found.name not in _DRAWN:
        return []
    column, amount = _DRAWN[found.name]
    sums: dict[str, int] = {}
    for row in found.rows:
        if row["currency"] == currency:
            name = words.type_label(row[column]) if column == "source" else row[column]
            sums[name] = sums.get(name, 0) + row[amount]
    return list(sums.items())[-_MOST_BARS:]


def curve_of_rates(found: Sequence[NewRate]) -> Markup | None:
    """The rates of a pair over time, oldest first; None for a single one."""
    from giftweb.web.text import charts

    points = [(each.on_date, Decimal(each.rate)) for each in reversed(found)]
    label = gettext("History of the rate")
    return charts.line(points, label) if len(points) > 1 else None


def choices() -> Sequence[tuple[str, str]]:
    """The campaigns that a report can be of."""
    return [(campaign.id, campaign.name) for campaign in campaigns.find_all()]
