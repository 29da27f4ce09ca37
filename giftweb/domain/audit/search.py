"""Reading the audit log: who did what, when and why (B15)."""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from giftweb import clock, database, ids
from giftweb.domain import emails
from giftweb.domain.audit.log import Entry


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is looked for; an empty field asks for nothing.

    ``actor`` is an id or one of KINDS, ``action`` an action or its noun (``gift_card``),
    ``subject`` whatever ``subjects_named`` understands; both days count.
    """

    actor: str = ""
    action: str = ""
    subject: str = ""
    first_on: date | None = None
    last_on: date | None = None


_SELECT = (
    "SELECT id, at, actor_kind, actor_id, actor_role, action, subject, reason, data"
    " FROM audit_entry"
)
KINDS = ("staff", "api", "customer", "shop", "cli", "system")
_PIECE = 500
_MOST_SUBJECTS = 50
_SLACK = 60_000_000


def search(wanted: Wanted, *, after: str = "", limit: int) -> list[Entry]:
    """Entries that fit, newest first, from the one ``after`` on."""
    condition, params = _conditions(wanted, after)
    query = f"{_SELECT} WHERE {condition} ORDER BY id DESC LIMIT ?"
    return [_from_row(row) for row in database.rows(query, *params, limit)]


def pieces(wanted: Wanted) -> Iterator[list[Entry]]:
    """All entries that fit, newest first, a few hundred at a time."""
    after = ""
    while found := search(wanted, after=after, limit=_PIECE):
        yield found
        after = found[-1].id


def count(wanted: Wanted, *, limit: int) -> int:
    """How many entries fit; counted no further than ``limit``."""
    condition, params = _conditions(wanted, "")
    query = f"SELECT COUNT(*) FROM (SELECT 1 FROM audit_entry WHERE {condition} LIMIT ?) AS found"
    return database.scalar(query, *params, limit)


def subjects_named(text: str) -> list[str]:
    """The ids that somebody may mean by what they typed: an id, an order's number, the last four
    characters of a card, or an address."""
    typed = text.strip()
    if ids.SHAPE.fullmatch(typed):
        return [typed]
    if typed.lstrip("#").isdecimal() and len(typed) > 4:
        found = database.rows("SELECT id FROM orders WHERE number = ?", int(typed.lstrip("#")))
    elif "@" in typed:
        found = database.rows(
            "SELECT id FROM staff WHERE email = ? UNION SELECT id FROM customer WHERE email = ?",
            *[emails.folded(typed)] * 2,
        )
    else:
        found = database.rows(
            "SELECT id FROM gift_card WHERE last4 = ? ORDER BY id DESC LIMIT ?",
            typed.upper(),
            _MOST_SUBJECTS,
        )
    return [one for (one,) in found] or [typed]


def names_of(mentioned: Iterable[str]) -> dict[str, str]:
    """What people call the things behind ids: names, an order's number, a card's last four."""
    by_kind: dict[str, set[str]] = {}
    for one in mentioned:
        by_kind.setdefault(one.partition("_")[0], set()).add(one)
    named: dict[str, str] = {}
    for kind, query in _NAMES.items():
        if wanted := sorted(by_kind.get(kind, ())):
            found = database.rows(f"{query} IN ({database.marks(wanted)})", *wanted)
            named.update((one, str(name)) for one, name in found)
    return named


_NAMES = {
    "stf": "SELECT id, name FROM staff WHERE id",
    "cus": "SELECT id, name FROM customer WHERE id",
    "cmp": "SELECT id, name FROM campaign WHERE id",
    "gc": "SELECT id, last4 FROM gift_card WHERE id",
    "ord": "SELECT id, number FROM orders WHERE id",
    "key": "SELECT k.id, c.name FROM api_key k JOIN campaign c ON c.id = k.campaign_id WHERE k.id",
}


def _conditions(wanted: Wanted, after: str) -> tuple[str, list[object]]:
    parts: list[tuple[str, list[object]]] = [("1 = 1", [])]
    if wanted.actor in KINDS:
        parts.append(("actor_kind = ?", [wanted.actor]))
    elif wanted.actor:
        # People of the desk have an index of their own; it covers their rows alone.
        is_staff = " AND actor_kind = 'staff'" if wanted.actor.startswith("stf_") else ""
        parts.append((f"actor_id = ?{is_staff}", [wanted.actor]))
    if wanted.action:
        noun = (f"{wanted.action}.", f"{wanted.action}/")
        parts.append(("(action = ? OR action >= ? AND action < ?)", [wanted.action, *noun]))
    if wanted.subject:
        found = subjects_named(wanted.subject)
        parts.append((f"subject IN ({database.marks(found)})", list(found)))
    if wanted.first_on:
        start = _start_of(wanted.first_on)
        # An id is never older than its row, and ids have an index.
        parts.append(("at >= ?", [start]))
        parts.append(("id >= ?", [ids.earliest("aud", start - _SLACK)]))
    if wanted.last_on:
        parts.append(("at < ?", [_start_of(wanted.last_on + timedelta(days=1))]))
    if after:
        parts.append(("id < ?", [after]))
    return " AND ".join(text for text, _ in parts), [one for _, many in parts for one in many]


def _start_of(day: date) -> int:
    return clock.to_micros(datetime.combine(day, time(), UTC))


def _from_row(row: tuple) -> Entry:
    entry_id, at, kind, actor_id, role, action, subject, reason, data = row
    return Entry(
        id=entry_id,
        at=clock.from_micros(at),
        actor_kind=kind,
        actor_id=actor_id,
        actor_role=role,
        action=action,
        subject=subject,
        reason=reason,
        data=json.loads(data) if data else None,
    )
