"""The desk's first page."""

from flask import Blueprint, Response, request

from giftweb.web import htmx, rights, templating

blueprint = Blueprint("home", __name__, url_prefix="/staff")


@blueprint.get("/")
def index() -> Response:
    """Where the work of the person's role begins."""
    menu = templating.side_menu(request.path, rights.may_open_address)
    places = [item for item in menu if item.href != "/staff/"]
    return htmx.render("home/index.html", "home/_places.html", places=places)
