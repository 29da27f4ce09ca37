"""What the search of a list reads out of its address, and how it shows the filters that are on."""

from collections.abc import Iterable
from datetime import date
from typing import Any

from flask import Response, make_response, redirect, request, url_for
from markupsafe import Markup

from giftweb import codes
from giftweb.errors import CodeMalformed
from giftweb.web.text.templating import day, here


def words(*names: str) -> dict[str, str]:
    """The filters of these names; what is not in the address is empty."""
    return {name: request.args.get(name, "") for name in names}


def day_of(name: str) -> date | None:
    """The day that the address gives, if it is one."""
    try:
        return date.fromisoformat(request.args.get(name, ""))
    except ValueError:
        return None


def chips(
    filters: Iterable[tuple[str, str, str]], *, first: date | None, last: date | None
) -> list[tuple[Any, str]]:
    """The filters that are on, each with the address without it.

    ``filters`` are (name, value, words); a filter without a value is off. ``first`` and ``last``
    are the days of the filters ``from`` and ``until``.
    """
    days = [
        ("from", first, Markup("From {}").format(day(first))),
        ("until", last, Markup("Until {}").format(day(last))),
    ]
    known: list[tuple[str, Any, Any]] = [*filters, *days]
    return [(told, here(**{name: None, "after": None})) for name, value, told in known if value]


def instead_of_a_code() -> Response | None:
    """A whole code does not belong into an address: what stays of it is its last four."""
    text = request.args.get("q", "")
    try:
        code = codes.squeeze(text) if len(text) >= codes.LENGTH else ""
    except CodeMalformed:
        return None
    if not code or not codes.is_ours(code):
        return None
    return make_response(redirect(url_for(str(request.endpoint), q=code[-4:]), 303))
