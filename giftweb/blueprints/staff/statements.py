"""The statement of settlement of each shop: a page, a PDF to hand over, a file of its transfers."""

from flask import Blueprint, Response, abort

from giftweb.domain import campaigns, reports
from giftweb.domain.reports.statements import Statement
from giftweb.errors import Invalid
from giftweb.web import pages
from giftweb.web.http import htmx
from giftweb.web.pages import report, searches

blueprint = Blueprint("statements", __name__, url_prefix="/staff/reports/settlement")


@blueprint.get("/<campaign_id>")
def show(campaign_id: str) -> Response:
    """Whose cards a shop took and who took its cards in a period: who owes whom."""
    problem = ""
    try:
        found = _find(campaign_id)
    except Invalid as refused:
        found = reports.statements.find(campaign_id, reports.wanted())
        problem = refused.sentence
    named = pages.statements.names()
    return htmx.render(
        "statements/show.html",
        "statements/_statement.html",
        found=found,
        shop=campaigns.find(campaign_id),
        titles=[pages.statements.title_of(section, named) for section in found.sections],
        balances=pages.statements.balances(found, named),
        file_query=report.file_query(),
        problem=problem,
    )


@blueprint.get("/<campaign_id>.<suffix>")
def download(campaign_id: str, suffix: str) -> Response:
    """The same as a PDF, or its transfers as CSV or XLSX."""
    if suffix not in ("pdf", "csv", "xlsx"):
        abort(404)
    found = _find(campaign_id)
    if suffix == "pdf":
        return pages.statements.answer(found)
    write = pages.downloads.download if suffix == "csv" else pages.downloads.workbook
    name = pages.statements.file_name(found, suffix)
    return write(name, pages.statements.HEADER, pages.statements.rows(found))


def _find(campaign_id: str) -> Statement:
    """Its days are those of the settlement of all shops, so two shops' statements agree.

    Raises: NotFound, Invalid for a period that ends before it begins.
    """
    campaigns.find(campaign_id)
    first, last = searches.day_of("from"), searches.day_of("until")
    return reports.statements.find(campaign_id, reports.wanted(first_on=first, last_on=last))
