"""Notes on an order or a customer, by people and by the system, in time order (S5)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from giftweb import clock, database, ids, models
from giftweb.database import records, transactional
from giftweb.domain.audit.log import Actor
from giftweb.errors import Invalid, NotFound
from giftweb.language import gettext

LONGEST = 4000
UNDO_FOR = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class Note:
    """One note; ``author`` is None for the system's own."""

    id: str
    subject: str
    text: str
    author: str | None
    created_at: datetime


def of(subject: str) -> list[Note]:
    """All notes of an order or a customer, oldest first."""
    return of_each([subject])


def add(
    subject: str, text: str, *, by: Actor | None = None, reason: str | None = None, more: str = ""
) -> None:
    """A note by the system, in the transaction of what it reports.

    ``by`` and ``reason``: which person did it, and why, at the end of the sentence; nobody is named
    for what the system or a program did. ``more``: a sentence after it.
    """
    sentence = text.removesuffix(".")
    sentence += f" by {by.name}" if by and by.kind == "staff" else ""
    sentence += f": {reason.strip().rstrip('.')}" if reason and reason.strip() else ""
    _insert(subject, f"{sentence}.{f' {more}' if more else ''}", None)


@transactional
def write(subject: str, *, text: str, by: Actor) -> str:
    """A note by a person; its id.

    Raises: Invalid (text).
    """
    if not 0 < len(text.strip()) <= LONGEST:
        raise Invalid(
            gettext("Write a note of 1 to {longest} characters.", longest=LONGEST), field="text"
        )
    return _insert(subject, text.strip(), by.id if by.kind == "staff" else None)


@transactional
def withdraw(subject: str, *, note_id: str, by: Actor) -> None:
    """Take one's own note back, as long as it is fresh.

    Raises: NotFound (none, another's, the system's, or too old).
    """
    freshest = clock.now() - UNDO_FOR
    note = models.Note
    own = (note.id == note_id) & (note.subject == subject) & (note.staff == by.id)
    if not note.delete().where(own & (note.created_at > freshest)).execute():
        raise NotFound(gettext("This note cannot be taken back any more."))


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


# Hot: each capture over HTTP reads the notes of its order for the answer and the event, at 0.5
# (SQLite) and 0.7 of the bare driver's rate.

_READER = records.Reader(Note, {"author": "s.name"}, n=models.Note)


def of_each(subjects: Sequence[str]) -> list[Note]:
    """All notes of several orders or customers, oldest first."""
    found = database.rows(
        f"SELECT {_READER.columns} FROM note n LEFT JOIN staff s ON s.id = n.staff_id"
        f" WHERE n.subject IN ({database.placeholders(subjects)}) ORDER BY n.id",
        *subjects,
    )
    return [_READER.read(row) for row in found]
