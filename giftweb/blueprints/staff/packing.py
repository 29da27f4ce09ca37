"""What is to be packed: the orders that wait, and an order's parcel with its codes (S72)."""

from flask import Blueprint, Response, make_response, render_template

from giftweb.domain import desk, orders
from giftweb.errors import DomainError
from giftweb.web.access import actors
from giftweb.web.access.confirmation import confirmed
from giftweb.web.forms.once import ReasonForm
from giftweb.web.http import errors, htmx, requests

blueprint = Blueprint("packing", __name__, url_prefix="/staff")


@blueprint.get("/packing/")
def index() -> Response:
    """The orders whose parcels are to be packed now, those that wait longest first."""
    after = requests.number("after")
    found = desk.packing.waiting(after=after)
    return htmx.render(
        "packing/list.html", "packing/_to_pack.html", found=found, is_first=after is None
    )


@blueprint.get("/packing/labels")
def labels() -> Response:
    """The addresses of the chosen orders, to be printed and stuck on."""
    checked = desk.shipments.check(requests.numbers("order"))
    addressed = [each.order for each in checked if each.order.shipping_address]
    without = [each.order for each in checked if not each.order.shipping_address]
    page = render_template("packing/labels.html", orders=addressed, without=without)
    return make_response(page)


@blueprint.route("/orders/<int:number>/packing", methods=["GET", "POST"])
@confirmed
def show(number: int) -> Response:
    """The order's parcel; its codes once for the whole order, for a reason that is kept (I30)."""
    order = orders.find_by_number(number)
    form = ReasonForm(reason="To pack the order")
    codes: dict[str, str] = {}
    status = 422 if form.is_submitted() else 200
    if form.validate_on_submit():
        try:
            codes = desk.packing.reveal(order.id, by=actors.current(), reason=form.reason.data)
            status = 200
        except DomainError as error:
            form.refuse(error)
            status = errors.status_of(error)
    parcel = desk.packing.parcel_of(order.id)
    values = {"order": order, "parcel": parcel, "codes": codes, "form": form}
    response = htmx.render("packing/show.html", "packing/show.html", status=status, **values)
    response.headers["Cache-Control"] = "no-store"
    return response
