"""The reports of finance: pages, files, and the transfers behind each figure (B11)."""

from flask import Blueprint, Response, abort, make_response, render_template, request

from giftweb.domain import reports
from giftweb.domain.reports import Report
from giftweb.domain.reports.transfers import Behind
from giftweb.errors import Invalid
from giftweb.web import pages
from giftweb.web.http import htmx, requests
from giftweb.web.pages import report, report_charts, report_links, report_words, searches

blueprint = Blueprint("reports", __name__, url_prefix="/staff/reports")

_NAME = f"<any({', '.join(reports.NAMES)}):name>"


@blueprint.get("/")
def index() -> Response:
    """All reports, and what is owed now."""
    return make_response(
        render_template(
            "reports/index.html",
            owed=report.owed(),
            titles=report_words.TITLES,
            about=report_words.ABOUT,
        )
    )


@blueprint.get(f"/{_NAME}")
def show(name: str) -> Response:
    """A report for the days and the campaign in the address."""
    problem = ""
    try:
        wanted = report.wanted()
    except Invalid as refused:
        wanted, problem = reports.wanted(), refused.sentence
    found = report.of_page(name, wanted)
    return htmx.render(
        "reports/show.html",
        "reports/_report.html",
        found=found,
        wanted=wanted,
        problem=problem,
        sheet=report.sheet(found),
        charts=report_charts.drawings(found),
        file_query=report.file_query(),
        campaigns=report.choices(),
        shops=report.shops(found),
        **report.described(name),
    )


@blueprint.get(f"/{_NAME}.<suffix>")
def download(name: str, suffix: str) -> Response:
    """The same as a CSV or XLSX file."""
    if suffix not in ("csv", "xlsx"):
        abort(404)
    found = reports.find(name, report.wanted())
    write = pages.downloads.download if suffix == "csv" else pages.downloads.workbook
    return write(f"{name}-{_days(found)}.{suffix}", found.columns, found.sheet())


def _days(found: Report) -> str:
    return "-to-".join(found.days().values())


@blueprint.get("/transfers")
def transfers() -> Response:
    """The transfers behind a figure, newest first."""
    behind, after = _behind(), requests.number("after")
    return htmx.render(
        "reports/transfers.html",
        "reports/_transfers.html",
        behind=behind,
        found=reports.transfers.find(behind, after=after),
        is_first=after is None,
        movement=report_links.movement_label(behind.movement) if behind.movement else "",
    )


def _behind() -> Behind:
    query = request.args
    cohort = query.get("cohort", "")
    return Behind(
        currency=query.get("currency", ""),
        campaign_id=query.get("campaign", ""),
        acceptor_id=query.get("acceptor", ""),
        settled=query.get("settled", ""),
        source=query.get("source", "") if query.get("source") in reports.transfers.SOURCES else "",
        movement=query.get("movement", ""),
        cohort=cohort if reports.transfers.is_month(cohort) else "",
        transfer_id=query.get("transfer", ""),
        first_on=searches.day_of("from"),
        last_on=searches.day_of("until"),
        zone=reports.transfers.zone_of(query.get("zone", "")),
    )
