"""The search of a list: its query from the address, and its filters as chips."""

from collections.abc import Iterable
from datetime import date
from typing import Any
from urllib.parse import urlencode

from flask import Response, make_response, redirect, request, url_for

from giftweb import clock, codes
from giftweb.days import day_text
from giftweb.domain import cards
from giftweb.domain.cards.values import Card
from giftweb.errors import CodeMalformed, UnknownCode
from giftweb.language import gettext
from giftweb.web.http import htmx, requests
from giftweb.web.text.templating import here


def query_values(dates: str, *filters: str) -> dict[str, Any]:
    """The text, the first and last day, and the filters of these names, as the address has them.

    ``dates`` is the noun of the days: ``placed`` for ``placed_from`` and ``placed_until``.
    """
    return {
        "text": request.args.get("q", ""),
        f"{dates}_from": day_of("from"),
        f"{dates}_until": day_of("until"),
        **{name: request.args.get(name, "") for name in filters},
    }


def day_of(name: str) -> date | None:
    """The day that the address gives, if it is one; never before or after all days there are."""
    try:
        chosen = date.fromisoformat(request.args.get(name, ""))
    except ValueError:
        return None
    return min(max(chosen, clock.FIRST_DAY), clock.LAST_DAY)


def chips(
    filters: Iterable[tuple[str, Any, str]],
    *,
    first: date | None = None,
    last: date | None = None,
    until: str = "until",
) -> list[tuple[Any, str]]:
    """The filters that are on, each with the address without it.

    ``filters`` are (name, value, words); a filter without a value is off. ``first`` and ``last``
    are the days of the filters ``from`` and ``until``, or whatever the name of the last is.
    """
    days = [
        ("from", first, gettext("From {day}", day=day_text(first)) if first else ""),
        (until, last, gettext("Until {day}", day=day_text(last)) if last else ""),
    ]
    return [
        (text, here(**{name: None, "after": None}))
        for name, value, text in (*filters, *days)
        if value
    ]


def redirect_to_found(index: str) -> Response:
    """From a posted search to the list ``index`` with its filters, or to the card of a typed code.

    A code of ours that no card has is searched by its last four.
    """
    form = requests.form()
    text = form.get("q", "")
    if card := card_of_code(text):
        return htmx.redirect_to(url_for("gift_cards.show", card_id=card.id))
    filters = {**form.to_dict(), "q": without_code(text), "csrf_token": ""}
    query = urlencode({name: value for name, value in filters.items() if value})
    return make_response(redirect(url_for(index) + (f"?{query}" if query else ""), 303))


def card_of_code(text: str) -> Card | None:
    """The card whose whole code was typed, if it is one."""
    try:
        return cards.find_by_code(text)
    except (CodeMalformed, UnknownCode):
        return None


def without_code(text: str) -> str:
    """The text as it may stand in an address: a whole code is its last four."""
    code = _full_code(text)
    return code[-4:] if code else text


def redirect_if_full_code() -> Response | None:
    """A whole code does not belong into an address: its last four take its place."""
    code = _full_code(request.args.get("q", ""))
    return (
        make_response(redirect(url_for(str(request.endpoint), q=code[-4:]), 303)) if code else None
    )


def _full_code(text: str) -> str:
    """The code of ours that the text is; empty when it is something else."""
    try:
        code = codes.normalise(text) if len(text) >= codes.LENGTH else ""
    except CodeMalformed:
        return ""
    return code if codes.is_ours(code) else ""
