"""The Gift Cards section of the desk: the dashboard and a card's own page (S13, S28)."""

from itertools import chain
from typing import Any

from flask import Blueprint, Response, request

from giftweb.domain.cards import exported, search
from giftweb.domain.cards.search import Query
from giftweb.domain.desk.bulk import MOST
from giftweb.language import gettext, lazy_gettext
from giftweb.web import pages
from giftweb.web.access import actors
from giftweb.web.http import htmx, requests
from giftweb.web.text.words import options, status_label, type_label

blueprint = Blueprint("gift_cards", __name__, url_prefix="/staff/gift-cards")

MODES = [("live", lazy_gettext("Live cards")), ("test", lazy_gettext("Test cards"))]


@blueprint.get("/")
def index() -> Response:
    """The dashboard: search fields, the list, **+ Create New**."""
    if response := pages.searches.redirect_if_full_code():
        return response
    query = _query()
    after = request.args.get("after")
    found = search.search(query, after=after)
    return htmx.render(
        "gift_cards/list.html",
        "gift_cards/_gift_cards.html",
        found=found,
        query=query,
        is_first=not after,
        chips=_chips(query),
        statuses=options(search.FILTERS),
        origins=options(search.ORIGINS),
        modes=MODES,
    )


@blueprint.post("/search")
def find() -> Response:
    """The list that the search asks for, or the card whose code was typed."""
    return pages.searches.redirect_to_found("gift_cards.index")


@blueprint.get("/gift-cards.<any(csv, xlsx):suffix>")
def download(suffix: str) -> Response:
    """Every card of the current search, or those that were chosen, as a file."""
    chosen = list(dict.fromkeys(request.args.getlist("card")))[:MOST]
    by = actors.current()
    portions = search.download_chosen(chosen, by=by) if chosen else search.download(_query(), by=by)
    rows = map(exported.row_of, chain.from_iterable(portions))
    return pages.downloads.of_list("gift-cards", suffix, exported.COLUMNS, rows)


@blueprint.get("/transfers.<any(csv, xlsx):suffix>")
def download_transfers(suffix: str) -> Response:
    """Every movement of money of the cards of the current search as a file."""
    portions = search.download(_query(), by=actors.current())
    rows = chain.from_iterable(map(exported.transfers_of, portions))
    return pages.downloads.of_list("transfers", suffix, exported.TRANSFER_COLUMNS, rows)


@blueprint.get("/<card_id>")
def show(card_id: str) -> Response:
    """A card: what is on it, its history, who did what, its mails, and what can be done now."""
    before = requests.number("after")
    return htmx.render(
        "gift_cards/show.html",
        "gift_cards/_statement.html",
        **pages.card.values(card_id, before=before),
    )


def _query() -> Query:
    values = pages.searches.query_values("issued", "status", "origin", "mode")
    return search.known(Query(sort=request.args.get("sort", search.NEWEST), **values))


def _chips(query: Query) -> list[tuple[Any, str]]:
    filters = (
        ("q", query.text, gettext("Search: {value}", value=query.text)),
        ("status", query.status, gettext("Status: {value}", value=status_label(query.status))),
        ("origin", query.origin, gettext("Origin: {value}", value=type_label(query.origin))),
        ("mode", query.mode, str(dict(MODES).get(query.mode, ""))),
    )
    return pages.searches.chips(filters, first=query.issued_from, last=query.issued_until)
