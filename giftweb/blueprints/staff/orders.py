"""Orders at the desk: the list, the page, its notes, shipping and cancelling."""

from typing import Any

from flask import Blueprint, Response, request, url_for

from giftweb.domain import desk, notes, orders, refunds
from giftweb.domain.orders.search import Query
from giftweb.domain.payments.refund_values import REQUESTED
from giftweb.errors import Refused
from giftweb.language import gettext, lazy_gettext
from giftweb.web import pages
from giftweb.web.access import actors
from giftweb.web.forms.once import ReasonForm
from giftweb.web.forms.orders import NoteForm, ShipForm
from giftweb.web.http import htmx, requests
from giftweb.web.text import order_effects
from giftweb.web.text.words import options, status_label

blueprint = Blueprint("orders", __name__, url_prefix="/staff/orders")

MODES = [("live", lazy_gettext("Live orders")), ("test", lazy_gettext("Test orders"))]


@blueprint.get("/")
def index() -> Response:
    """The list, with search and filters."""
    if response := pages.searches.redirect_if_full_code():
        return response
    query, after = _query(), requests.number("after")
    return htmx.render(
        "orders/list.html",
        "orders/_orders.html",
        found=orders.search.search(query, after=after),
        query=query,
        is_first=after is None,
        chips=_chips(query),
        statuses=options(orders.search.STATUSES),
        fulfilments=options(orders.search.FULFILMENTS),
        modes=MODES,
    )


@blueprint.post("/search")
def find() -> Response:
    """The list that the search asks for, or the card whose code was typed."""
    return pages.searches.redirect_to_found("orders.index")


@blueprint.get("/orders.<any(csv, xlsx):suffix>")
def download(suffix: str) -> Response:
    """Every order of the current search as a file."""
    rows = orders.search.download(_query(), by=actors.current())
    return pages.downloads.of_list("orders", suffix, orders.search.COLUMNS, rows)


@blueprint.get("/<int:number>")
def show(number: int) -> Response:
    """One order: what was paid, by what, what went back, its cards and notes."""
    return pages.order.page(number)


@blueprint.post("/<int:number>/notes")
def write_note(number: int) -> Response:
    """Add a note."""
    order, form = orders.find_by_number(number), NoteForm()

    def work() -> Response:
        note_id = notes.write(order.id, text=form.text.data, by=actors.current())
        undo = url_for("orders.withdraw_note", number=number, note_id=note_id)
        return _replaced_notes(number, gettext("Note added."), undo)

    return pages.action.run(form, work, lambda status: _refused_note(number, form, status))


@blueprint.post("/<int:number>/notes/<note_id>/withdrawal")
def withdraw_note(number: int, note_id: str) -> Response:
    """Take one's own fresh note back."""
    order = orders.find_by_number(number)
    notes.withdraw(order.id, note_id=note_id, by=actors.current())
    return _replaced_notes(number, gettext("The note is gone."))


def _replaced_notes(number: int, message: str, undo: str = "") -> Response:
    return htmx.replaced(
        "orders/_notes.html",
        "notes",
        back_to=url_for("orders.show", number=number, _anchor="notes"),
        message=message,
        undo=undo,
        **pages.order.values(number),
    )


def _refused_note(number: int, form: NoteForm, status: int) -> Response:
    values = pages.order.values(number) | {"note_form": form}
    response = htmx.render("orders/show.html", "orders/_notes.html", status=status, **values)
    response.headers["HX-Retarget"], response.headers["HX-Reswap"] = "#notes", "outerHTML"
    return response


@blueprint.route("/<int:number>/shipment", methods=["GET", "POST"])
def ship(number: int) -> Response:
    """Mark the order shipped."""
    order = orders.find_by_number(number)
    form = ShipForm(tracking=order.tracking)

    def work() -> str:
        desk.orders.ship(order.id, tracking=form.tracking.data or None, by=actors.current())
        return (
            gettext("Marked shipped.") if is_first else gettext("The tracking number is changed.")
        )

    is_first = order.fulfilment == orders.PENDING
    undo = url_for("orders.unship", number=number) if is_first else ""
    return pages.order.run_action("ship", order, form, work, undo=undo, is_first=is_first)


@blueprint.post("/<int:number>/shipment/withdrawal")
def unship(number: int) -> Response:
    """Undo **Mark shipped**."""
    order = orders.find_by_number(number)
    desk.orders.unship(order.id, by=actors.current())
    return pages.order.replaced(order, gettext("It is not marked shipped any more."))


@blueprint.route("/<int:number>/cancellation", methods=["GET", "POST"])
def cancel(number: int) -> Response:
    """Cancel the order: everything that was paid goes back."""
    order, form = orders.find_by_number(number), ReasonForm()
    if order.is_over:
        return pages.order.refused(
            order, form, gettext("This order is over: nothing is left to cancel.")
        )

    def work() -> str:
        claimed = desk.orders.cancel(order.id, by=actors.current(), reason=form.reason.data)
        refunds.send([refund.id for refund in claimed])
        is_over = orders.find(order.id).is_over
        return (
            gettext("The order is cancelled.")
            if is_over
            else gettext("Not every refund is through yet.")
        )

    effects = order_effects.of_everything(order)
    return pages.order.run_action("cancel", order, form, work, effects=effects)


@blueprint.route("/<int:number>/items/<line_id>/removal", methods=["GET", "POST"])
def take_off(number: int, line_id: str) -> Response:
    """**Take off** an item: what was paid for it goes back."""
    order, form = orders.find_by_number(number), ReasonForm()
    line = refunds.lines.find(order, line_id)
    if not form.is_submitted():
        try:
            refunds.lines.require_removable(order, line)
        except Refused as problem:
            return pages.order.refused(order, form, problem.sentence)

    def work() -> str:
        claimed = refunds.lines.take_off(
            order.id, line_id=line.id, by=actors.current(), reason=form.reason.data
        )
        done = refunds.send([refund.id for refund in claimed])
        if any(refund.status == REQUESTED for refund in done):
            return gettext("{item} is taken off. Its refund is not through yet.", item=line.name)
        return gettext("{item} is taken off.", item=line.name)

    effects = order_effects.of_line_off(order, line)
    return pages.order.run_action("take_off", order, form, work, line=line, effects=effects)


def _query() -> Query:
    values = pages.searches.query_values("placed", "status", "fulfilment", "mode")
    sort = request.args.get("sort", orders.search.LISTING.default)
    return orders.search.known(Query(sort=sort, **values))


def _chips(query: Query) -> list[tuple[Any, str]]:
    filters = (
        ("q", query.text, gettext("Search: {value}", value=query.text)),
        ("status", query.status, gettext("Status: {value}", value=status_label(query.status))),
        (
            "fulfilment",
            query.fulfilment,
            gettext("Fulfilment: {value}", value=status_label(query.fulfilment)),
        ),
        ("mode", query.mode, str(dict(MODES).get(query.mode, ""))),
    )
    return pages.searches.chips(filters, first=query.placed_from, last=query.placed_until)
