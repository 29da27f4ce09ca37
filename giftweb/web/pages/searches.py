"""The search of a list: its query from the address, and its filters as chips."""

from collections.abc import Iterable
from datetime import date
from typing import Any

from flask import Response, make_response, redirect, request, url_for
from markupsafe import Markup

from giftweb import clock, codes
from giftweb.errors import CodeMalformed
from giftweb.web.text.templating import day, here


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
    filters: Iterable[tuple[str, Any, str]], *, first: date | None = None, last: date | None = None
) -> list[tuple[Any, str]]:
    """The filters that are on, each with the address without it.

    ``filters`` are (name, value, words); a filter without a value is off. ``first`` and ``last``
    are the days of the filters ``from`` and ``until``.
    """
    days = [
        ("from", first, Markup("From {}").format(day(first))),
        ("until", last, Markup("Until {}").format(day(last))),
    ]
    return [
        (text, here(**{name: None, "after": None}))
        for name, value, text in (*filters, *days)
        if value
    ]


def redirect_if_full_code() -> Response | None:
    """A whole code does not belong into an address: its last four take its place."""
    text = request.args.get("q", "")
    try:
        code = codes.normalise(text) if len(text) >= codes.LENGTH else ""
    except CodeMalformed:
        return None
    if not code or not codes.is_ours(code):
        return None
    return make_response(redirect(url_for(str(request.endpoint), q=code[-4:]), 303))
