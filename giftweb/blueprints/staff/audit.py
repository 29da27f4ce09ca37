"""The audit log: who did what, when and why (B15)."""

from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode

from flask import Blueprint, Response, request

from giftweb import clock
from giftweb.domain import audit, staff
from giftweb.domain.audit.search import Wanted
from giftweb.language import gettext
from giftweb.web import pages
from giftweb.web.access import actors
from giftweb.web.http import htmx
from giftweb.web.text import audit_log

blueprint = Blueprint("audit", __name__, url_prefix="/staff")

HEADER = ("Time (UTC)", "Who", "Role", "What", "About", "Why", "Details", "Entry", "Subject id")


@blueprint.get("/audit")
def index() -> Response:
    """The log, newest first."""
    wanted, after = _wanted(), request.args.get("after")
    found = audit.search.search(wanted, after=after)
    return htmx.render(
        "audit/index.html",
        "audit/_entries.html",
        wanted=wanted,
        found=found,
        lines=audit_log.lines(found.items),
        is_first=not after,
        chips=_chips(wanted),
        file=f"/staff/audit.csv?{urlencode(_filters())}".rstrip("?"),
        nouns=list(audit_log.NOUNS.items()),
        actors=_actors(),
    )


@blueprint.get("/audit.csv")
def download() -> Response:
    """The entries of a search as a file; that it was taken is in the log too."""
    wanted = _wanted()
    audit.record(by=actors.current(), action="audit.downloaded", subject="audit")
    name = f"audit-{clock.today().isoformat()}.csv"
    return pages.downloads.download(name, HEADER, _rows(wanted))


@blueprint.get("/audit/books")
def books() -> Response:
    """When the audit ran, what it checked, and what it found."""
    runs = audit.runs.listed()
    last = runs[0] if runs else None
    return htmx.render(
        "audit/books.html",
        "audit/_books.html",
        last=last,
        runs=runs,
        last_full=audit.runs.newest(audit.runs.FULL),
        head=audit.anchors.newest(),
    )


def _rows(wanted: Wanted) -> Iterator[tuple[object, ...]]:
    for portion in audit.search.portions(wanted):
        for entry, line in zip(portion, audit_log.lines(portion), strict=True):
            words = (line.who, line.role, line.what, line.subject, line.reason, line.more)
            yield (entry.at, *words, entry.id, entry.subject)


def _filters() -> dict[str, str]:
    names = ("q", "actor", "action", "from", "to")
    return {name: request.args[name].strip() for name in names if request.args.get(name)}


def _wanted() -> Wanted:
    filters = _filters()
    return Wanted(
        actor=filters.get("actor", ""),
        action=filters.get("action", ""),
        subject=filters.get("q", ""),
        first_on=pages.searches.day_of("from"),
        last_on=pages.searches.day_of("to"),
    )


def _actors() -> list[tuple[str, str]]:
    people = staff.search(limit=500).items
    return [(person.id, person.name) for person in people] + [
        (kind, str(words)) for kind, words in audit_log.ACTORS.items()
    ]


def _chips(wanted: Wanted) -> list[tuple[Any, str]]:
    """The filters that are on, each with the address without it."""
    who = dict(_actors()).get(wanted.actor, wanted.actor)
    what = audit_log.NOUNS.get(wanted.action, wanted.action)
    return pages.searches.chips(
        [
            ("q", wanted.subject, gettext("About: {value}", value=wanted.subject)),
            ("actor", wanted.actor, gettext("Who: {value}", value=who)),
            ("action", wanted.action, gettext("What: {value}", value=what)),
        ],
        first=wanted.first_on,
        last=wanted.last_on,
        until="to",
    )
