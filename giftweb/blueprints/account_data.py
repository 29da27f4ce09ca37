"""A customer's own data: what is known of them, and being forgotten (B29, D18)."""

import json

from flask import Blueprint, Response, make_response, render_template, url_for

from giftweb.domain import customers, privacy
from giftweb.errors import NotAllowed
from giftweb.language import gettext
from giftweb.web import pages
from giftweb.web.access import shoppers
from giftweb.web.http import htmx

blueprint = Blueprint("account_data", __name__, url_prefix="/account/data")


@blueprint.get("/")
def index() -> Response:
    """What can be done with one's data."""
    customer = shoppers.current()
    if customer is None:
        return htmx.redirect_to(url_for("account.sign_in"))
    is_asked = customers.changes.has_asked_for_erasure(customer.id)
    page = render_template("account/data.html", customer=customer, shop=None, is_asked=is_asked)
    return make_response(page)


@blueprint.post("/download")
def download() -> Response:
    """All that is known, as a file. A POST: it stands in no history."""
    document = privacy.export.export(_own().email)
    return pages.downloads.document("my-data.json", json.dumps(document, indent=2))


@blueprint.post("/erasure")
def ask_for_erasure() -> Response:
    """Have the shop know that the customer wants to be forgotten."""
    customers.changes.ask_for_erasure(_own().id)
    return htmx.redirect_to(url_for("account_data.index"), message=gettext("Thank you."))


def _own() -> customers.Customer:
    customer = shoppers.current()
    if customer is None:
        raise NotAllowed
    return customer
