"""Sign-ins of staff: rows that can be revoked. The cookie holds their key, the row its hash."""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

import peewee
from peewee import fn

from giftweb import clock, database
from giftweb.database import records, transactional
from giftweb.domain import audit
from giftweb.domain.audit import seals
from giftweb.domain.audit.log import Actor
from giftweb.errors import NotFound
from giftweb.language import gettext
from giftweb.models import Passkey, Staff, StaffSession

IDLE_LIMIT = timedelta(minutes=30)
ABSOLUTE_LIMIT = timedelta(hours=12)
CONFIRMED_FOR = timedelta(minutes=5)
CODE_WAIT = timedelta(minutes=10)
"""How long a sign-in waits for its second factor."""

_TOUCH_EVERY = timedelta(minutes=1)
_AGENT_LENGTH = 200


@dataclass(frozen=True, slots=True)
class Session:
    """A sign-in that counts now, and whose it is. ``has_factor``: an authenticator or a passkey.
    ``language``: what they have chosen to read the desk in.
    """

    id: str
    staff_id: str
    name: str
    email: str
    role: str
    created_at: datetime
    seen_at: datetime
    confirmed_at: datetime
    agent: str
    has_factor: bool
    language: str | None

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
        """Whether the password was entered within the last minutes."""
        return clock.now() - self.confirmed_at <= CONFIRMED_FOR


def find(key: str) -> Session | None:
    """The sign-in that a cookie's key opens; None when it is revoked, timed out or unknown."""
    found = _active().where(StaffSession.id == _hash(key)).first()
    if found is None or not found.is_in_time or not seals.holds(StaffSession, found.id):
        return None
    if clock.now() - found.seen_at > _TOUCH_EVERY:
        StaffSession.update(seen_at=clock.now()).where(StaffSession.id == found.id).execute()
    return found


def all_of(staff_id: str) -> list[Session]:
    """Every sign-in of a person that counts now, the one used last first."""
    recent = StaffSession.seen_at > clock.now() - IDLE_LIMIT
    found = _active().where(StaffSession.staff == staff_id, recent)
    return [each for each in found.order_by(StaffSession.seen_at.desc()) if each.is_in_time]


def _active() -> peewee.ModelSelect:
    """Sign-ins that are complete and not revoked, of people who may sign in."""
    is_complete = StaffSession.confirmed_at.is_null(False)
    has_passkey = fn.EXISTS(Passkey.select(peewee.SQL("1")).where(Passkey.staff == Staff.id))
    has_factor = ((Staff.totp_step > 0) | has_passkey).converter(bool)
    return (
        records.select(Session, StaffSession, Staff, has_factor=has_factor)
        .join(Staff)
        .where(StaffSession.revoked_at.is_null(), is_complete, Staff.is_active)
    )


@transactional
def open_for(staff_id: str, *, agent: str, owes_code: bool = False) -> str:
    """A new sign-in; its key, for the cookie. One that owes a code does not count yet."""
    key = secrets.token_urlsafe(32)
    now = clock.now()
    seals.insert(
        StaffSession,
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
    is_waiting = StaffSession.revoked_at.is_null() & StaffSession.confirmed_at.is_null()
    found = (
        StaffSession.select(Staff.id)
        .join(Staff)
        .where(StaffSession.id == _hash(key), is_waiting, Staff.is_active)
        .where(StaffSession.created_at > clock.now() - CODE_WAIT)
    )
    owner: str | None = found.scalar()
    return owner if owner and seals.holds(StaffSession, _hash(key)) else None


@transactional
def confirm(session_id: str) -> None:
    """Note that the person has just entered the password again."""
    is_complete = StaffSession.revoked_at.is_null() & StaffSession.confirmed_at.is_null(False)
    found = StaffSession.select(StaffSession.id).where(StaffSession.id == session_id, is_complete)
    if database.locked(found).first():
        seals.change(StaffSession, session_id, confirmed_at=clock.now())


@transactional
def close_key(key: str) -> None:
    """End the sign-in of a cookie's key, whatever its state."""
    _revoke(StaffSession.id == _hash(key))


@transactional
def revoke(session_id: str, *, by: Actor) -> None:
    """End one of one's own sign-ins.

    Raises: NotFound (none of one's own, or over already).
    """
    if not _revoke(StaffSession.id == session_id, StaffSession.staff == by.id):
        raise NotFound(gettext("This sign-in is over already."))
    audit.record(by=by, action="staff.session_revoked", subject=by.id)


@transactional
def revoke_others(session_id: str, *, by: Actor) -> None:
    """End every sign-in of one's own but this one."""
    if revoke_all(by.id, except_id=session_id):
        audit.record(by=by, action="staff.sessions_revoked", subject=by.id)


@transactional
def revoke_all(staff_id: str, *, except_id: str = "") -> int:
    """End every sign-in of a person, or all but one; how many there were."""
    return _revoke(StaffSession.staff == staff_id, StaffSession.id != except_id)


def _revoke(*conditions: peewee.Expression) -> int:
    found = StaffSession.select(StaffSession.id).where(
        *conditions, StaffSession.revoked_at.is_null()
    )
    ended = [session_id for (session_id,) in database.locked(found).tuples()]
    for session_id in ended:
        seals.change(StaffSession, session_id, revoked_at=clock.now())
    return len(ended)


def _hash(key: str) -> str:
    return hashlib.sha256(key.encode()).hexdigest()
