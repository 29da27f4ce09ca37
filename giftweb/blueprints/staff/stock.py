"""Printed cards that wait to be activated; those that are lost are cancelled by range (B22)."""

from typing import Any

from flask import Blueprint, Response, make_response, render_template, url_for

from giftweb.domain import desk
from giftweb.errors import DomainError
from giftweb.language import ngettext
from giftweb.web import pages
from giftweb.web.access import actors
from giftweb.web.forms.stock import LostForm, RangeForm
from giftweb.web.http import errors, htmx

blueprint = Blueprint("stock", __name__, url_prefix="/staff/stock")


@blueprint.get("/")
def index() -> Response:
    """What waits, and the form for a range that is lost."""
    return _index(RangeForm(formdata=None))


@blueprint.route("/lost", methods=["GET", "POST"])
def look() -> Response:
    """How many cards the range has, before anything is done with them."""
    form = RangeForm()
    if not form.is_submitted():
        return htmx.redirect_to(url_for("stock.index"))

    def work() -> Response:
        sent = LostForm(formdata=None, first=form.first.data, last=form.last.data)
        return _check(sent)

    return pages.action.run(form, work, lambda status: _index(form, status=status))


@blueprint.route("/lost/cancellation", methods=["GET", "POST"])
def cancel() -> Response:
    """**Cancel** what waits of the range."""
    form = LostForm()
    if not form.is_submitted():
        return htmx.redirect_to(url_for("stock.index"))

    def work() -> Response:
        codes = (form.first.data or "", form.last.data or "")
        done = desk.stock.cancel(*codes, by=actors.current(), reason=form.reason.data or "")
        message = ngettext(
            "{count} card is cancelled.", "{count} cards are cancelled.", len(done.waiting)
        )
        return htmx.redirect_to(url_for("stock.index"), message=message)

    return pages.action.run(form, work, lambda status: _check(form, status=status))


def _check(form: LostForm, *, status: int = 200) -> Response:
    """The page in numbers; codes that make no range any more are asked for again."""
    codes = (form.first.data or "", form.last.data or "")
    try:
        found = desk.stock.look_up(*codes, by=actors.current())
    except DomainError as error:
        again = RangeForm(formdata=None, first=codes[0], last=codes[1])
        again.refuse(error)
        return _index(again, status=errors.status_of(error))
    return _page("check", status=status, form=form, found=found)


def _index(form: RangeForm, *, status: int = 200) -> Response:
    return _page("index", status=status, form=form, on_hand=desk.stock.on_hand())


def _page(name: str, *, status: int, **values: Any) -> Response:
    return make_response(render_template(f"stock/{name}.html", **values), status)
