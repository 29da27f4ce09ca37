"""One thing done with many gift cards: a check page in numbers, then what became of them (B29)."""

from itertools import islice
from typing import Any

from flask import Blueprint, Response, make_response, render_template, request, url_for

from giftweb.domain import desk
from giftweb.domain.cards import search
from giftweb.domain.cards.search import Query
from giftweb.errors import DomainError
from giftweb.language import lazy_gettext, ngettext
from giftweb.web import pages
from giftweb.web.access import actors
from giftweb.web.forms.bulk import BulkForm, UndoForm
from giftweb.web.http import errors, requests

blueprint = Blueprint("bulk", __name__, url_prefix="/staff/gift-cards/together")

TITLES = {
    desk.bulk.TAG: lazy_gettext("Tag gift cards"),
    desk.bulk.EXTEND: lazy_gettext("Change the last day of gift cards"),
    desk.bulk.FREEZE: lazy_gettext("Freeze gift cards"),
    desk.bulk.RESEND: lazy_gettext("Send gift cards again"),
}


@blueprint.get("/")
def check() -> Response:
    """With how many cards it can be done, what they hold, and why others are left alone."""
    form = BulkForm(formdata=None, action=request.args.get("action", ""))
    return _check(form, _chosen())


@blueprint.post("/")
def do() -> Response:
    """Do it, once."""
    form, card_ids = BulkForm(), requests.posted_texts("card")

    def work() -> Response:
        found: list[desk.bulk.Plan] = []

        def verb() -> dict[str, Any]:
            found[:] = [desk.bulk.do(form.wish, card_ids=card_ids, by=actors.current())]
            return {
                "done": len(found[0].ready),
                "others": found[0].others,
                "trace": found[0].trace(form.wish),
            }

        return _done(form, pages.action.once(form, verb).body)

    return pages.action.run(form, work, lambda status: _check(form, card_ids, status=status))


@blueprint.post("/withdrawal")
def undo() -> Response:
    """Take it back, once."""
    form, by = UndoForm(), actors.current()

    def verb() -> dict[str, Any]:
        before = pages.action.answer_before("bulk.do", form.of.data or "")
        done, others = desk.bulk.take_back(before["trace"], by=by)
        return {"done": done, "others": others}

    def work() -> Response:
        body = pages.action.once(form, verb).body
        done = body["done"]
        message = ngettext(
            "Taken back from {count} gift card.", "Taken back from {count} gift cards.", done
        )
        empty_form = BulkForm(formdata=None, action="")
        return _page("done", empty_form, message=message, others=body["others"], undo=None)

    return pages.action.run(form, work, _nothing)


def _done(form: BulkForm, body: dict[str, Any]) -> Response:
    done, trace = body["done"], body.get("trace", {})
    message = ngettext("Done with {count} gift card.", "Done with {count} gift cards.", done)
    may_undo = trace.get("action") in desk.bulk.UNDONE and trace["cards"]
    undo = UndoForm(formdata=None, of=form.key.data) if may_undo else None
    return _page("done", form, message=message, others=body["others"], undo=undo)


def _nothing(status: int) -> Response:
    """The page without a plan."""
    return _page("check", BulkForm(formdata=None, action=""), status=status, plan=None)


def _chosen() -> list[str]:
    """The cards that were ticked, or with ``all`` those that the search finds."""
    if not request.args.get("all"):
        return request.args.getlist("card")
    values = pages.searches.query_values("issued", "status", "origin", "mode")
    query = search.known(Query(**values))
    return list(islice(search.ids_of(query), desk.bulk.MOST + 1))


def _check(form: BulkForm, card_ids: list[str], *, status: int = 200) -> Response:
    try:
        plan = desk.bulk.plan(form.action.data or "", card_ids)
    except DomainError as error:
        form.refuse(error)
        return _page("check", form, status=errors.status_of(error), plan=None)
    return _page("check", form, status=status, plan=plan)


def _page(name: str, form: BulkForm, *, status: int = 200, **values: Any) -> Response:
    title = TITLES.get(form.action.data or "", lazy_gettext("Gift cards"))
    away = url_for("gift_cards.index")
    page = render_template(f"bulk/{name}.html", form=form, title=title, away=away, **values)
    return make_response(page, status)
