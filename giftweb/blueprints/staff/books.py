"""Closed months, the accounts of the journal, and files for the accountant (B30)."""

import re

from flask import Blueprint, Response, abort, request, url_for

from giftweb.domain import books, staff
from giftweb.errors import DomainError, NotFound
from giftweb.web import pages
from giftweb.web.access import actors
from giftweb.web.forms.books import AccountsForm
from giftweb.web.forms.fields import Form
from giftweb.web.http import errors, htmx

blueprint = Blueprint("books", __name__, url_prefix="/staff/reports")

_MONTH = re.compile(r"[0-9]{4}-(0[1-9]|1[0-2])")


@blueprint.get("/months")
def months() -> Response:
    """The closed months, the one that is next, and what was exported when."""
    return _months(200)


@blueprint.route("/months/close", methods=["GET", "POST"])
def close() -> Response:
    """Close the month that is next, after a page that says what that means."""
    month = books.closing.next_month()
    form = Form()

    def work() -> Response:
        closed = books.closing.close_next(by=actors.current())
        return htmx.redirect_to(url_for("books.months"), message=pages.books.closed_text(closed))

    return pages.action.run(
        form,
        work,
        lambda status: htmx.render(
            "books/close.html", "books/_close.html", status=status, form=form, month=month
        ),
    )


@blueprint.get("/months/<month>/<any(journal, datev, ledger):form>.csv")
def export(month: str, form: str) -> Response:
    """The journal of a month as a file; that it was taken is kept."""
    if not _MONTH.fullmatch(month):
        raise NotFound
    grouped_by = request.args.get("by", "day")
    if grouped_by not in books.entries.BY:
        abort(404)
    currency = request.args.get("currency") or None
    try:
        file = books.exports.export(
            month, form, grouped_by=grouped_by, currency=currency, by=actors.current()
        )
    except DomainError as problem:
        return _months(errors.status_of(problem), problem.sentence)
    return pages.downloads.file(file.name, file.content)


def _months(status: int, problem: str = "") -> Response:
    return htmx.render(
        "books/months.html",
        "books/_months.html",
        status=status,
        problem=problem,
        closed=books.closing.closed(),
        next_month=books.closing.next_month(),
        open_months=pages.books.open_months(),
        exports=books.exports.newest(),
        currencies=books.exports.currencies(),
        forms_of_files=pages.books.FORMS,
        people={person.id: person.name for person in staff.search(limit=500).items},
    )


@blueprint.route("/accounts", methods=["GET", "POST"])
def accounts() -> Response:
    """What the accountant calls our accounts."""
    form = AccountsForm.of(books.accounts.find())

    def work() -> Response:
        books.accounts.put(form.accounts, by=actors.current())
        return htmx.redirect_to(url_for("books.accounts"), message=pages.books.saved_text())

    return pages.action.run(
        form,
        work,
        lambda status: htmx.render(
            "books/accounts.html",
            "books/_accounts.html",
            status=status,
            form=form,
            about_accounts=pages.books.ABOUT,
        ),
    )
