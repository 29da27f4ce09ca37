"""Who did what, when and why (I30, B15). Every transfer names its entry."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from giftweb import clock, database, ids, keys
from giftweb.domain.audit import chains


@dataclass(frozen=True, slots=True)
class Caps:
    """What an API key gives at most, in minor units of its currency: on one card, and in a day."""

    currency: str
    card_minor: int | None
    day_minor: int | None


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts: ``kind`` is staff, api, customer, shop, cli or system; ``id`` names which one.

    ``approved_by``: who has approved, where another person had to look. ``caps``: of an API key.
    """

    kind: str
    id: str
    name: str
    role: str | None = None
    email: str | None = None
    approved_by: str | None = None
    caps: Caps | None = None


SYSTEM = Actor(kind="system", id="system", name="System")


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the audit log."""

    id: str
    at: datetime
    actor_kind: str
    actor_id: str
    actor_role: str | None
    action: str
    subject: str
    reason: str | None
    data: dict[str, Any] | None


def new_id() -> str:
    """An id for an entry that is recorded later, after rows that name it were made ready."""
    return ids.new("aud")


def record(
    *,
    by: Actor,
    action: str,
    subject: str,
    reason: str | None = None,
    data: dict[str, Any] | None = None,
    is_test: bool = False,
    entry_id: str | None = None,
) -> str:
    """Write an entry in the transaction of what it records; its id, for the transfers.

    ``data`` holds ids and amounts, never names, addresses or codes (I6). ``entry_id``: of
    ``new_id``.
    """
    row: dict[str, Any] = {
        "id": entry_id or new_id(),
        "at": clock.micros(),
        "actor_kind": by.kind,
        "actor_id": by.id,
        "actor_role": by.role,
        "action": action,
        "subject": subject,
        "reason": reason,
        "data": None if data is None else database.to_json(data),
        "is_test": is_test,
    }
    with database.transaction():
        previous = b""
        if not is_test:
            end = chains.end()
            row |= {"chain": end.chain, "link": end.link + 1}
            previous = end.seal
        sealed = seal(previous, *row.values())
        if not is_test:
            chains.extend(end, row["id"], sealed)
        database.insert("audit_entry", **row, seal=sealed)
    return row["id"]


def seal(previous: bytes, *fields: object) -> bytes:
    """A keyed digest over a row and the one before it; 32 bytes (I7)."""
    return keys.ring().seal_of(previous + b"\x1e" + canonical_text(fields).encode())


_NULL, _SEPARATOR = "\x00", "\x1f"


def canonical_text(values: Iterable[object]) -> str:
    """The text that a row's seal covers; the same for values to write and for values read back."""
    return _SEPARATOR.join(
        [
            value if type(value) is str else _NULL if value is None else _canonical(value)
            for value in values
        ]
    )


def _canonical(value: object) -> str:
    # SQLite returns booleans as 0 and 1.
    return str(int(value) if value is True or value is False else value)
