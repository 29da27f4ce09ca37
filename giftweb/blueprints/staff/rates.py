"""Currency rates: the newest of each pair, and their history (S66)."""

from flask import Blueprint, Response, current_app, request, url_for

from giftweb import days
from giftweb.domain import catalogue, desk
from giftweb.domain.catalogue.rates import NewRate, Preview
from giftweb.domain.csv_sheets import RowsRefused
from giftweb.errors import Invalid, NotFound
from giftweb.language import gettext
from giftweb.web import pages
from giftweb.web.access import actors
from giftweb.web.forms.rates import RatesFileForm, ReadRatesForm
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


@blueprint.route("/import", methods=["GET", "POST"])
def import_file() -> Response:
    """Read a file and show what storing it would do: nothing is stored yet."""
    form = RatesFileForm()
    return pages.action.run(
        form,
        lambda: _import_page(200, form, catalogue.rates.preview(_uploaded())),
        lambda status: _import_page(status, form),
    )


def _import_page(status: int, form: RatesFileForm, preview: Preview | None = None) -> Response:
    read = ReadRatesForm(formdata=None)
    read.rates.data = pages.rates.written(preview.rates) if preview else ""
    return htmx.render(
        "rates/import.html",
        "rates/_import.html",
        status=status,
        form=form,
        read=read,
        preview=preview,
    )


def _uploaded() -> list[NewRate]:
    """Raises: Invalid on the file, with each bad cell as a sentence of its own."""
    sent = request.files.get("file")
    if not sent or not sent.filename:
        raise Invalid(gettext("Choose a file first."), field="file")
    try:
        found = catalogue.rates.read_file(sent.read())
    except RowsRefused as refused:
        faults = [("file", text) for text in pages.rates.faults(refused.details["cells"])]
        raise Invalid(refused.sentence, errors=faults) from refused
    if len(found) > pages.rates.MOST:
        text = gettext(
            "Here at most {most} rates at once: larger files go by flask rates import.",
            most=pages.rates.MOST,
        )
        raise Invalid(text, field="file")
    return found


@blueprint.post("/import/store")
def store() -> Response:
    """Store the rates that were looked at."""
    content = ReadRatesForm().rates.data or ""
    count, waits = desk.exchange_rates.store(content.encode(), by=actors.current())
    message = pages.rates.waiting_text() if waits else pages.rates.stored_text(count)
    return htmx.redirect_to(url_for("rates.index"), message=message)


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
        rates=pages.rates.with_days(found),
        chart=report_charts.curve_of_rates(found),
        is_all=len(found) < _DAYS,
    )
