"""The packing view of an order: what goes into the parcel, with codes to write on cards (S72)."""

from flask import Blueprint, Response

from giftweb.domain import desk, orders
from giftweb.errors import DomainError
from giftweb.web.access import actors
from giftweb.web.access.confirmation import confirmed
from giftweb.web.forms.once import ReasonForm
from giftweb.web.http import errors, htmx

blueprint = Blueprint("packing", __name__, url_prefix="/staff/orders/<int:number>/packing")


@blueprint.route("", methods=["GET", "POST"])
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
    response = htmx.render("orders/packing.html", "orders/packing.html", status=status, **values)
    response.headers["Cache-Control"] = "no-store"
    return response
