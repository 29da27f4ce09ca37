"""The audit log in words: who, what, on what, and further details."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import current_app

from giftweb import ids
from giftweb.domain import audit
from giftweb.domain.audit.log import Entry
from giftweb.language import gettext, lazy_gettext
from giftweb.web.text.audit_actions import what
from giftweb.web.text.audit_details import details_text
from giftweb.web.text.words import status_label

NOUNS = {
    "gift_card": lazy_gettext("Gift cards"),
    "order": lazy_gettext("Orders"),
    "payment": lazy_gettext("Payments and refunds"),
    "customer": lazy_gettext("Customers"),
    "campaign": lazy_gettext("Campaigns"),
    "api_key": lazy_gettext("API keys"),
    "webhook": lazy_gettext("Webhooks"),
    "event": lazy_gettext("Events sent again"),
    "mail": lazy_gettext("Mails"),
    "staff": lazy_gettext("People and sign-ins"),
    "rights": lazy_gettext("Refused attempts"),
    "limit": lazy_gettext("Limits"),
    "audit": lazy_gettext("This log"),
    "books": lazy_gettext("Closed months and files for the accountant"),
}
"""What an action is about -> the words of the filter."""

ACTORS = {
    "api": lazy_gettext("Any shop, by the API"),
    "customer": lazy_gettext("Any customer"),
    "cli": lazy_gettext("Command line"),
    "system": lazy_gettext("The system itself"),
}
"""The kinds of actors that the filter offers beside the people by name."""

_PAGES = {
    "gc": "/staff/gift-cards/{id}",
    "stf": "/staff/people/{id}",
    "cus": "/staff/customers/{id}",
    "mail": "/staff/outbox/{id}",
    "cmp": "/staff/campaigns/{id}",
    "ord": "/staff/orders/{name}",
}
_ACTOR_WORDS = {
    "cli": lazy_gettext("Command line"),
    "system": lazy_gettext("System"),
    "shop": lazy_gettext("Shop"),
    "customer": lazy_gettext("Customer"),
}


@dataclass(frozen=True, slots=True)
class Line:
    """One entry as a person reads it. ``href`` leads to what it is about; what somebody does to
    themselves has no ``subject``.
    """

    id: str
    at: datetime
    who: str
    role: str
    what: str
    subject: str
    href: str
    reason: str
    more: str


def lines(entries: Sequence[Entry]) -> list[Line]:
    """Entries in words, with the names of today."""
    names = audit.search.names_of(_mentioned(entries))
    return [_line(entry, names) for entry in entries]


def timeline(entries: Sequence[Entry]) -> list[dict[str, Any]]:
    """Entries for the part ``timeline`` of a page about one thing."""
    return [
        {
            "text": line.what,
            "at": line.at,
            "by": f"{line.who} · {line.role}" if line.role else line.who,
            "more": " · ".join(part for part in (line.reason, line.more) if part),
        }
        for line in lines(entries)
    ]


def _line(entry: Entry, names: dict[str, str]) -> Line:
    subject, href = _subject(entry.subject, names)
    return Line(
        id=entry.id,
        at=entry.at,
        who=_who(entry, names),
        role=status_label(entry.actor_role) if entry.actor_role else "",
        what=what(entry.action),
        subject="" if entry.subject == entry.actor_id else subject,
        href=href,
        reason=entry.reason or "",
        more=details_text(entry.data or {}, names),
    )


def _subject(subject_id: str, names: dict[str, str]) -> tuple[str, str]:
    """What people call it, and the address of its page; for lack of a name the id and none.

    A page that somebody tried to open is named by its address.
    """
    name = names.get(subject_id)
    if name is None:
        return _address_of(subject_id), ""
    kind = subject_id.partition("_")[0]
    href = _PAGES[kind].format(id=subject_id, name=name) if kind in _PAGES else ""
    return (f"•••• {name}" if kind == "gc" else name), href


def _address_of(endpoint: str) -> str:
    try:
        return next(current_app.url_map.iter_rules(endpoint)).rule
    except KeyError:
        return endpoint


def _who(entry: Entry, names: dict[str, str]) -> str:
    name = names.get(entry.actor_id, "")
    if entry.actor_kind == "api":
        return gettext("{name} by the API", name=name or entry.actor_id)
    return str(name or _ACTOR_WORDS.get(entry.actor_kind) or entry.actor_id)


def _mentioned(entries: Iterable[Entry]) -> Iterable[str]:
    for entry in entries:
        yield from (entry.actor_id, entry.subject)
        for key, value in (entry.data or {}).items():
            ones = [*key.split(" "), *(value if isinstance(value, list) else [value])]
            yield from (one for one in ones if isinstance(one, str) and ids.SHAPE.fullmatch(one))
