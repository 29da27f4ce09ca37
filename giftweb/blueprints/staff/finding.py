"""One search over orders, gift cards and customers, from every page of the desk."""

from flask import Blueprint, Response, make_response, redirect, render_template, request, url_for

from giftweb.domain import desk
from giftweb.domain.cards.values import Card
from giftweb.domain.customers import Customer
from giftweb.domain.orders.values import Order
from giftweb.web import pages
from giftweb.web.http import htmx, requests

blueprint = Blueprint("finding", __name__, url_prefix="/staff/search")


@blueprint.get("")
def index() -> Response:
    """What was found of each kind, and where the rest is."""
    text = request.args.get("q", "")
    if text != pages.searches.without_code(text):
        address = url_for("finding.index", q=pages.searches.without_code(text))
        return make_response(redirect(address, 303))
    page = render_template("finding/index.html", found=desk.everywhere.find(text), text=text)
    return make_response(page)


@blueprint.post("")
def find() -> Response:
    """The page of the one thing that fits, or of the card of a typed code; else what was found."""
    text = requests.posted("q")
    hit = pages.searches.card_of_code(text) or desk.everywhere.find(text).only
    if hit is None:
        return htmx.redirect_to(url_for("finding.index", q=pages.searches.without_code(text)))
    return htmx.redirect_to(_address_of(hit))


def _address_of(hit: Order | Card | Customer) -> str:
    if isinstance(hit, Order):
        return url_for("orders.show", number=hit.number)
    if isinstance(hit, Card):
        return url_for("gift_cards.show", card_id=hit.id)
    return url_for("customers.show", customer_id=hit.id)
