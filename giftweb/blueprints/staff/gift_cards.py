"""The Gift Cards section of the desk: the dashboard and a card's own page (S13, S28)."""

from datetime import date
from typing import Any

from flask import Blueprint, Response, make_response, redirect, request, url_for
from markupsafe import Markup

from giftweb import clock, codes
from giftweb.domain import card_search, card_values
from giftweb.domain.card_search import Query
from giftweb.errors import CodeMalformed
from giftweb.web import actors, card_pages, csv_files, htmx
from giftweb.web.templating import day, here, status_label, type_label

blueprint = Blueprint("gift_cards", __name__, url_prefix="/staff/gift-cards")

STATUSES = [(status, status_label(status)) for status in card_values.STATUSES]
ORIGINS = [(origin, type_label(origin)) for origin in card_search.ORIGINS]
MODES = [("live", "Live"), ("test", "Test")]


@blueprint.get("/")
def index() -> Response:
    """The dashboard: search fields, the list, **+ Create New**."""
    if four := _last_four_of_a_code(request.args.get("q", "")):
        return make_response(redirect(url_for("gift_cards.index", q=four), 303))
    query = _query()
    after = request.args.get("after")
    found = card_search.search(query, after=after)
    return htmx.render(
        "gift_cards/list.html",
        "gift_cards/_gift_cards.html",
        found=found,
        query=query,
        is_first=not after,
        chips=_chips(query),
        statuses=STATUSES,
        origins=ORIGINS,
        modes=MODES,
    )


@blueprint.get("/gift-cards.csv")
def download() -> Response:
    """Every card of the current search as a CSV file."""
    portions = card_search.download(_query(), by=actors.current())
    rows = (card_search.row_of(card) for cards in portions for card in cards)
    return csv_files.download(f"gift-cards-{clock.today()}.csv", card_search.COLUMNS, rows)


@blueprint.get("/<card_id>")
def show(card_id: str) -> Response:
    """A card: what is on it, its history, who did what, its mails, and what can be done now."""
    before = request.args.get("after", type=int)
    return htmx.render(
        "gift_cards/show.html",
        "gift_cards/_statement.html",
        **card_pages.values(card_id, before=before),
    )


def _query() -> Query:
    words = {name: request.args.get(name, "") for name in ("status", "origin", "mode")}
    return card_search.known(
        Query(
            text=request.args.get("q", ""),
            issued_from=_day("from"),
            issued_until=_day("until"),
            sort=request.args.get("sort", card_search.NEWEST),
            **words,
        )
    )


def _day(name: str) -> date | None:
    try:
        return date.fromisoformat(request.args.get(name, ""))
    except ValueError:
        return None


def _chips(query: Query) -> list[tuple[str, Any]]:
    """The filters that are on, each with the address without it."""
    known = [
        ("q", query.text, f"Search: {query.text}"),
        ("status", query.status, f"Status: {status_label(query.status)}"),
        ("origin", query.origin, f"Origin: {type_label(query.origin)}"),
        ("mode", query.mode, f"{query.mode.capitalize()} cards"),
        ("from", query.issued_from, Markup("From {}").format(day(query.issued_from))),
        ("until", query.issued_until, Markup("Until {}").format(day(query.issued_until))),
    ]
    return [(words, here(**{name: None, "after": None})) for name, value, words in known if value]


def _last_four_of_a_code(text: str) -> str | None:
    """A whole code does not belong into an address: what stays of it is its last four."""
    try:
        code = codes.squeeze(text) if len(text) >= codes.LENGTH else ""
    except CodeMalformed:
        return None
    return code[-4:] if code and codes.is_ours(code) else None
