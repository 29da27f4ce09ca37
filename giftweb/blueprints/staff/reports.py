"""What the company owes, as of any day; on the page and as CSV."""

from datetime import date

from flask import Blueprint, Response

from giftweb import clock
from giftweb.domain import ledger
from giftweb.web import pages
from giftweb.web.http import htmx

blueprint = Blueprint("reports", __name__, url_prefix="/staff/reports")


@blueprint.get("/")
def index() -> Response:
    """The liability report."""
    on = _day()
    return htmx.render(
        "reports/liability.html",
        "reports/_liability.html",
        on=on,
        found=ledger.liability.liability(on=on),
        today=clock.today(),
    )


@blueprint.get("/liability.csv")
def download() -> Response:
    """The same as a file."""
    on = _day()
    rows = [
        [
            on.isoformat(),
            each.currency,
            owed.source,
            owed.amount,
            owed.count,
        ]
        for each in ledger.liability.liability(on=on)
        for owed in each.by_source
    ]
    header = ["date", "currency", "source", "amount", "cards"]
    return pages.downloads.download(f"liability-{on.isoformat()}.csv", header, rows)


def _day() -> date:
    chosen = pages.searches.day_of("on")
    return clock.today() if chosen is None else min(chosen, clock.today())
