"""Awaited payments at the desk: the list, and several at once from a bank statement (D21)."""

from typing import Any

from flask import Blueprint, Response, make_response, render_template, request, url_for

from giftweb.domain import awaited, desk
from giftweb.domain.awaited.statement import Line
from giftweb.domain.limits import LimitExceeded
from giftweb.errors import DomainError
from giftweb.language import gettext, lazy_gettext
from giftweb.web import pages
from giftweb.web.access import actors
from giftweb.web.forms.orders import StatementForm
from giftweb.web.http import htmx, requests
from giftweb.web.text import statement_lines

blueprint = Blueprint("awaited_payments", __name__, url_prefix="/staff/awaited-payments")

MODES = [("live", lazy_gettext("Live payments")), ("test", lazy_gettext("Test payments"))]


@blueprint.get("/")
def index() -> Response:
    """Every payment that somebody has to look for, those that wait longest first."""
    text, mode, after = (request.args.get(name, "") for name in ("q", "mode", "after"))
    mode = mode if mode in dict(MODES) else ""
    sort = request.args.get("sort", "")
    found = awaited.search.search(text, mode=mode, sort=sort, after=after or None)
    filters = [
        ("q", text, gettext("Search: {value}", value=text)),
        ("mode", mode, str(dict(MODES).get(mode, ""))),
    ]
    return htmx.render(
        "awaited_payments/list.html",
        "awaited_payments/_awaited_payments.html",
        found=found,
        text=text,
        mode=mode,
        modes=MODES,
        is_first=not after,
        chips=pages.searches.chips(filters),
    )


@blueprint.route("/statement", methods=["GET", "POST"])
def statement() -> Response:
    """Paste a statement's lines, look at what they pay, then record it."""
    form = StatementForm()
    if not form.is_submitted() or form.step.data == "change":
        return _page("statement", form)

    def work() -> Response:
        lines = awaited.statement.read(form.statement.data)
        if form.step.data == "record":
            return _page("statement_done", form, **_record(lines, requests.posted_texts("payment")))
        form.step.data = "record"
        return _page("statement_check", form, **_fits(lines))

    return pages.action.run(form, work, lambda status: _page("statement", form, status=status))


def _fits(lines: list[Line]) -> dict[str, Any]:
    return {
        "fitting": [line for line in lines if line.payment],
        "others": [(line, statement_lines.problem_of(line)) for line in lines if line.problem],
    }


def _record(lines: list[Line], chosen: list[str]) -> dict[str, Any]:
    """Record each chosen payment that a line pays by itself: one that cannot be stops no other."""
    received, waiting, refused = [], [], []
    for line in lines:
        if line.payment is None or line.payment.id not in chosen:
            continue
        by = actors.current()
        try:
            awaited.receive(line.payment.id, by=by)
        except LimitExceeded as exceeded:
            waiting.append((line, desk.asking.ask(exceeded, by=by)))
        except DomainError as error:
            refused.append((line, error.sentence))
        else:
            received.append(line)
    others = [(line, statement_lines.problem_of(line)) for line in lines if line.problem]
    return {"received": received, "waiting": waiting, "refused": refused, "others": others}


def _page(name: str, form: StatementForm, *, status: int = 200, **values: Any) -> Response:
    address = url_for("awaited_payments.statement")
    page = render_template(f"awaited_payments/{name}.html", form=form, address=address, **values)
    return htmx.kept_for_back(make_response(page, status))
