"""Many orders marked as shipped: a check page in numbers, then each with its undo."""

from flask import Blueprint, Response, make_response, render_template, url_for

from giftweb.domain import desk, orders
from giftweb.errors import Refused
from giftweb.language import gettext
from giftweb.web.access import actors
from giftweb.web.forms.fields import Form
from giftweb.web.forms.orders import LONGEST_TRACKING
from giftweb.web.http import htmx, requests

blueprint = Blueprint("shipments", __name__, url_prefix="/staff/orders/shipments")


@blueprint.get("/")
def check() -> Response:
    """What will be marked as shipped, and what cannot be, with the reason."""
    checked = desk.shipments.check(requests.numbers("order"))
    values = {
        "form": Form(),
        "ready": [each.order for each in checked if not each.problem],
        "others": [each for each in checked if each.problem],
    }
    return make_response(render_template("shipments/check.html", **values))


@blueprint.post("/")
def ship() -> Response:
    """Mark the orders shipped that were looked at and are still chosen."""
    numbers = requests.posted_numbers("order")
    trackings = {number: requests.posted(f"tracking-{number}") for number in numbers}
    if any(len(tracking) > LONGEST_TRACKING for tracking in trackings.values()):
        sentence = gettext("Use at most {most} characters.", most=LONGEST_TRACKING)
        return htmx.redirect_to(url_for("shipments.check", order=numbers), message=sentence)
    desk.shipments.ship(numbers, trackings=trackings, by=actors.current())
    return htmx.redirect_to(url_for("shipments.done", order=numbers))


@blueprint.get("/done")
def done() -> Response:
    """The orders as they stand now: each that is shipped can be taken back."""
    numbers = requests.numbers("order")
    checked = desk.shipments.check(numbers)
    values = {
        "numbers": numbers,
        "shipped": [each.order for each in checked if each.is_shipped],
        "others": [each for each in checked if not each.is_shipped],
    }
    return make_response(render_template("shipments/done.html", **values))


@blueprint.post("/<int:number>/withdrawal")
def undo(number: int) -> Response:
    """Take **Mark shipped** back for one of them."""
    message = gettext("Order {number} is not marked shipped any more.", number=number)
    try:
        desk.orders.unship(orders.find_by_number(number).id, by=actors.current())
    except Refused as problem:
        message = problem.sentence
    back_to = url_for("shipments.done", order=requests.posted_numbers("order"))
    return htmx.redirect_to(back_to, message=message)
