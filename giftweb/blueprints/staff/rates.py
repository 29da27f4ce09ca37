"""Currency rates: the newest of each pair, and their history (S66)."""

from flask import Blueprint, Response, current_app

from giftweb import days
from giftweb.domain import catalogue
from giftweb.errors import NotFound
from giftweb.web.http import htmx
from giftweb.web.pages import report_charts

blueprint = Blueprint("rates", __name__, url_prefix="/staff/reports/rates")

_DAYS = 90
_OLD_AFTER_DAYS = 5
"""The bank has no rates on a weekend, and none at Easter from Friday to Monday."""


@blueprint.get("")
def index() -> Response:
    """Each pair of currencies with its newest rate."""
    found = catalogue.rates.pairs()
    oldest_fresh = days.later(days.today(days.WORLD), -_OLD_AFTER_DAYS)
    return htmx.render(
        "rates/list.html",
        "rates/_rates.html",
        pairs=found,
        is_fetched=bool(current_app.config["GIFTWEB"].rates_source),
        is_old=bool(found) and max(pair.on_date for pair in found) < oldest_fresh,
        newest=max((pair.on_date for pair in found), default=None),
    )


@blueprint.get("/<base>-<quote>")
def show(base: str, quote: str) -> Response:
    """The history of a pair, newest first."""
    found = catalogue.rates.history(base, quote, limit=_DAYS)
    if not found:
        raise NotFound
    return htmx.render(
        "rates/show.html",
        "rates/_history.html",
        base=base,
        quote=quote,
        rates=found,
        chart=report_charts.curve_of_rates(found),
        is_all=len(found) < _DAYS,
    )
