"""Sign-ins of staff: rows that can be revoked. The cookie holds their key, the row its hash."""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from giftweb import clock, database
from giftweb.database import transactional
from giftweb.domain import audit
from giftweb.domain.audit.log import Actor
from giftweb.errors import NotFound

IDLE_LIMIT = timedelta(minutes=30)
ABSOLUTE_LIMIT = timedelta(hours=12)
CONFIRMED_FOR = timedelta(minutes=5)
CODE_WAIT = timedelta(minutes=10)
"""How long a sign-in waits for its second factor."""

_TOUCH_EVERY = timedelta(minutes=1)
_AGENT_LENGTH = 200


@dataclass(frozen=True, slots=True)
class Session:
    """A sign-in that counts now, and whose it is."""

    id: str
    staff_id: str
    name: str
    email: str
    role: str
    password_is_temporary: bool
    created_at: datetime
    seen_at: datetime
    confirmed_at: datetime
    agent: str

    @property
    def is_in_time(self) -> bool:
        """Whether it was used, and opened, not too long ago."""
        now = clock.now()
        return now - self.seen_at < IDLE_LIMIT and now - self.created_at < ABSOLUTE_LIMIT

    @property
    def actor(self) -> Actor:
        """The person as the one who acts."""
        return Actor("staff", self.staff_id, self.name, self.role, self.email)

    @property
    def is_confirmed(self) -> bool:
        """Whether the password was given within the last minutes (DESIGN 5)."""
        return clock.now() - self.confirmed_at <= CONFIRMED_FOR


_COLUMNS = (
    "s.id, p.id, p.name, p.email, p.role, p.password_is_temporary,"
    " s.created_at, s.seen_at, s.confirmed_at, s.agent"
)
_ALIVE = (
    f"SELECT {_COLUMNS} FROM staff_session s JOIN staff p ON p.id = s.staff_id"
    " WHERE s.revoked_at IS NULL AND s.confirmed_at IS NOT NULL AND p.is_active"
)


def find(key: str) -> Session | None:
    """The sign-in that a cookie's key opens; None when it is revoked, timed out or unknown."""
    row = database.row(f"{_ALIVE} AND s.id = ?", _hash(key))
    found = _from_row(row) if row else None
    if found is None or not found.is_in_time:
        return None
    if clock.now() - found.seen_at > _TOUCH_EVERY:
        database.execute(
            "UPDATE staff_session SET seen_at = ? WHERE id = ?", clock.micros(), found.id
        )
    return found


def all_of(staff_id: str) -> list[Session]:
    """Every sign-in of a person that counts now, the one used last first."""
    found = database.rows(
        f"{_ALIVE} AND p.id = ? AND s.seen_at > ? ORDER BY s.seen_at DESC",
        staff_id,
        clock.to_micros(clock.now() - IDLE_LIMIT),
    )
    return [session for session in map(_from_row, found) if session.is_in_time]


@transactional
def open_for(staff_id: str, *, agent: str, owes_code: bool = False) -> str:
    """A new sign-in; its key, for the cookie. One that owes a code does not count yet."""
    key = secrets.token_urlsafe(32)
    now = clock.micros()
    database.insert(
        "staff_session",
        id=_hash(key),
        staff_id=staff_id,
        created_at=now,
        seen_at=now,
        confirmed_at=None if owes_code else now,
        agent=agent[:_AGENT_LENGTH],
    )
    return key


def owing_code(key: str) -> str | None:
    """Whose sign-in waits for its second factor under this key; None when none does."""
    return database.scalar(
        "SELECT p.id FROM staff_session s JOIN staff p ON p.id = s.staff_id WHERE s.id = ?"
        " AND s.revoked_at IS NULL AND s.confirmed_at IS NULL AND p.is_active"
        " AND s.created_at > ?",
        _hash(key),
        clock.to_micros(clock.now() - CODE_WAIT),
    )


@transactional
def confirm(session_id: str) -> None:
    """Note that the person has just given the password again."""
    database.execute(
        "UPDATE staff_session SET confirmed_at = ?"
        " WHERE id = ? AND revoked_at IS NULL AND confirmed_at IS NOT NULL",
        clock.micros(),
        session_id,
    )


@transactional
def close_key(key: str) -> None:
    """End the sign-in of a cookie's key, whatever its state."""
    _revoke("id = ?", _hash(key))


@transactional
def revoke(session_id: str, *, by: Actor) -> None:
    """End one of one's own sign-ins.

    Raises: NotFound (none of one's own, or over already).
    """
    if not _revoke("id = ? AND staff_id = ?", session_id, by.id):
        raise NotFound("This sign-in is over already.")
    audit.record(by=by, action="staff.session_revoked", subject=by.id)


@transactional
def revoke_others(session_id: str, *, by: Actor) -> None:
    """End every sign-in of one's own but this one."""
    if revoke_all(by.id, except_id=session_id):
        audit.record(by=by, action="staff.sessions_revoked", subject=by.id)


@transactional
def revoke_all(staff_id: str, *, except_id: str = "") -> int:
    """End every sign-in of a person, or all but one; how many there were."""
    return _revoke("staff_id = ? AND id <> ?", staff_id, except_id)


def _revoke(condition: str, *params: str) -> int:
    return database.execute(
        f"UPDATE staff_session SET revoked_at = ? WHERE {condition} AND revoked_at IS NULL",
        clock.micros(),
        *params,
    )


def _hash(key: str) -> str:
    return hashlib.sha256(key.encode()).hexdigest()


def _from_row(row: tuple) -> Session:
    return Session(
        id=row[0],
        staff_id=row[1],
        name=row[2],
        email=row[3],
        role=row[4],
        password_is_temporary=bool(row[5]),
        created_at=clock.from_micros(row[6]),
        seen_at=clock.from_micros(row[7]),
        confirmed_at=clock.from_micros(row[8]),
        agent=row[9],
    )
