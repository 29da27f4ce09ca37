"""Notes on an order or a customer, by people and by the system, in time order (S5)."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from giftweb import clock, database, ids
from giftweb.database import transactional
from giftweb.domain import json_values
from giftweb.domain.audit.log import Actor
from giftweb.errors import Invalid, NotFound

LONGEST = 4000
UNDO_FOR = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class Note:
    """One note; ``author`` is None for the system's own."""

    id: str
    text: str
    author: str | None
    created_at: datetime

    def to_object(self) -> dict[str, Any]:
        """The note as other programs see it: what and when; not which person."""
        return {
            "id": self.id,
            "text": self.text,
            "by": "staff" if self.author else "system",
            "created_at": json_values.instant(self.created_at),
        }


COLUMNS = "n.id, n.text, s.name, n.created_at"
FROM = "FROM note n LEFT JOIN staff s ON s.id = n.staff_id"
SELECT = f"SELECT {COLUMNS} {FROM}"


def of(subject: str) -> list[Note]:
    """All notes of an order or a customer, oldest first."""
    found = database.rows(f"{SELECT} WHERE n.subject = ? ORDER BY n.id", subject)
    return [from_row(row) for row in found]


def from_row(row: tuple) -> Note:
    """A row of COLUMNS as a Note."""
    note_id, text, author, at = row
    return Note(note_id, text, author, clock.from_micros(at))


def add(subject: str, text: str) -> None:
    """A note by the system, in the transaction of what it tells."""
    _insert(subject, text, None)


@transactional
def write(subject: str, *, text: str, by: Actor) -> str:
    """A note by a person; its id.

    Raises: Invalid (text).
    """
    if not 0 < len(text.strip()) <= LONGEST:
        raise Invalid(f"Write a note of 1 to {LONGEST} characters.", field="text")
    return _insert(subject, text.strip(), by.id if by.kind == "staff" else None)


@transactional
def withdraw(subject: str, *, note_id: str, by: Actor) -> None:
    """Take one's own note back, as long as it is fresh.

    Raises: NotFound (none, another's, the system's, or too old).
    """
    freshest = clock.to_micros(clock.now() - UNDO_FOR)
    if not database.execute(
        "DELETE FROM note WHERE id = ? AND subject = ? AND staff_id = ? AND created_at > ?",
        note_id,
        subject,
        by.id,
        freshest,
    ):
        raise NotFound("This note cannot be taken back any more.")


def _insert(subject: str, text: str, staff_id: str | None) -> str:
    note_id = ids.new("not")
    database.insert(
        "note",
        id=note_id,
        subject=subject,
        text=text,
        staff_id=staff_id,
        created_at=clock.micros(),
    )
    return note_id
