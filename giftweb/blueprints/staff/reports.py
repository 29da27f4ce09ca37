"""What the company owes, as of any day; on the page and as CSV."""

from datetime import date

from flask import Blueprint, Response

from giftweb import days
from giftweb.domain import reports, time_zones
from giftweb.web import pages
from giftweb.web.http import htmx

blueprint = Blueprint("reports", __name__, url_prefix="/staff/reports")


@blueprint.get("/")
def index() -> Response:
    """The liability report."""
    zone = time_zones.of_house()
    on = _day(zone)
    return htmx.render(
        "reports/liability.html",
        "reports/_liability.html",
        on=on,
        found=reports.liability.liability(on=on, zone=zone),
        today=days.today(zone),
        zone=zone,
    )


@blueprint.get("/liability.csv")
def download() -> Response:
    """The same as a file."""
    zone = time_zones.of_house()
    on = _day(zone)
    rows = [
        [
            on.isoformat(),
            each.currency,
            owed.source,
            owed.amount,
            owed.count,
        ]
        for each in reports.liability.liability(on=on, zone=zone)
        for owed in each.by_source
    ]
    header = ["date", "currency", "source", "amount", "cards"]
    return pages.downloads.download(f"liability-{on.isoformat()}.csv", header, rows)


def _day(zone: str) -> date:
    chosen, today = pages.searches.day_of("on"), days.today(zone)
    return today if chosen is None else min(chosen, today)
