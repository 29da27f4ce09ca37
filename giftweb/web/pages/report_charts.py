"""The charts of a report: what its table says, as pictures."""

from collections.abc import Sequence
from decimal import Decimal
from functools import partial

from markupsafe import Markup

from giftweb import days
from giftweb.domain import campaigns, reports
from giftweb.domain.catalogue.rates import NewRate
from giftweb.domain.reports import Report
from giftweb.domain.reports.values import Row
from giftweb.language import count_text, gettext
from giftweb.money import minor_text
from giftweb.web.pages import report_words
from giftweb.web.text import words

_MOST_CHARTS, _MOST_BARS = 3, 24
_DRAWN = {
    "liability": ("source", "amount"),
    "ageing": ("age", "amount"),
    "breakage": ("cohort", "left"),
    "campaigns": ("campaign_id", "sold"),
    "life": ("cohort", "days_to_end"),
}
"""What a chart tells apart, and what it draws of it."""

_OF_TOTALS = ("movements", "bonuses")
"""Reports of which a chart draws the columns of the totals."""


def drawings(found: Report) -> list[Markup]:
    """A chart for each currency, of what the table says."""
    # leather takes a tenth of a second to import, and no other page needs it.
    from giftweb.web.text import charts

    drawn = []
    for each in found.totals[:_MOST_CHARTS]:
        currency = each["currency"]
        points = _points(found, currency)
        if any(value for _, value in points):
            label = f"{report_words.TITLES[found.name]} ({currency})"
            write = count_text if found.name == "life" else partial(_amount, currency)
            drawn.append(charts.bars(points, write, label))
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


def _amount(currency: str, minor: int) -> str:
    return minor_text(minor, currency)


def _points(found: Report, currency: str) -> list[tuple[str, int]]:
    """The bars of a chart: by source, age, month, campaign, or the columns of the totals."""
    if found.name in _OF_TOTALS:
        (total,) = [each for each in found.totals if each["currency"] == currency]
        return [
            (str(report_words.HEADS[name]), total[name]) for name in found.amounts if total[name]
        ]
    if found.name not in _DRAWN:
        return []
    column, value = _DRAWN[found.name]
    names = {campaign.id: campaign.name for campaign in campaigns.find_all()}
    sums: dict[str, int] = {}
    for row in found.rows:
        if row["currency"] == currency and row[value] is not None:
            name = _name(row, column, names)
            sums[name] = sums.get(name, 0) + row[value]
    points = list(sums.items())
    if column == "age":
        points.sort(key=lambda point: reports.ageing.AGES.index(point[0]))
    return points[:_MOST_BARS] if column == "campaign_id" else points[-_MOST_BARS:]


def _name(row: Row, column: str, names: dict[str, str]) -> str:
    if column == "campaign_id":
        return names.get(row[column]) or str(report_words.HOUSE)
    if column == "cohort":
        return days.month_text(row[column])
    return words.type_label(row[column]) if column == "source" else row[column]


def curve_of_rates(found: Sequence[NewRate]) -> Markup | None:
    """The rates of a pair over time, oldest first; None for a single one."""
    from giftweb.web.text import charts

    points = [(each.on_date, Decimal(each.rate)) for each in reversed(found)]
    label = gettext("History of the rate")
    return charts.line(points, label) if len(points) > 1 else None
