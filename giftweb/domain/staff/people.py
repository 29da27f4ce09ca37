"""The people of the desk and their roles (D14). Every change records who and why (I30)."""

import functools
import operator
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import peewee
from peewee import fn

from giftweb import clock, database, ids
from giftweb.database import constraints, records, transactional
from giftweb.database.listings import Listing, Page
from giftweb.domain import audit, emails
from giftweb.domain.audit.log import Actor
from giftweb.domain.staff import passwords, sessions
from giftweb.errors import Invalid, LastRoot, NotOneself
from giftweb.models import ROLES, Staff, StaffSession


@dataclass(frozen=True, slots=True)
class Person:
    """A member of staff."""

    id: str
    email: str
    name: str
    role: str
    is_active: bool
    has_totp: bool
    password_is_temporary: bool
    created_at: datetime
    signed_in_at: datetime | None


def _query() -> peewee.ModelSelect:
    sign_ins = StaffSession.select(fn.MAX(StaffSession.created_at)).where(
        StaffSession.staff == Staff.id, StaffSession.confirmed_at.is_null(False)
    )
    last = fn.COALESCE(sign_ins, peewee.SQL("NULL")).converter(StaffSession.created_at.python_value)
    has_totp = (Staff.totp_step > 0).converter(bool)
    return records.select(Person, Staff, has_totp=has_totp, signed_in_at=last)


LISTING: Listing[Person] = Listing(
    _query, key=Staff.id, sorts={"name": (fn.LOWER(Staff.name),)}, default="name"
)


def find(person_id: str) -> Person:
    """A person by id.

    Raises: NotFound.
    """
    return records.one(_query().where(Staff.id == person_id), "There is no such person.")


def search(
    text: str = "",
    *,
    role: str = "",
    is_active: bool | None = None,
    after: str | None = None,
    limit: int,
) -> Page[Person]:
    """People by a part of their name or address, in the order of their names."""
    found: list[peewee.Expression] = []
    if text:
        part = emails.folded(text)
        found.append(fn.LOWER(Staff.name).contains(part) | Staff.email.contains(part))
    if role:
        found.append(Staff.role == role)
    if is_active is not None:
        found.append(Staff.is_active == is_active)
    way = [functools.reduce(operator.and_, found)] if found else []
    return LISTING.page(*way, after=after, limit=limit)


def names(person_ids: Sequence[str]) -> dict[str, str]:
    """The names of people by their ids, for pages that hold only ids."""
    found = Staff.select(Staff.id, Staff.name).where(Staff.id.in_(person_ids))
    return dict(found.tuples())


def addresses() -> list[str]:
    """The addresses of all who can sign in."""
    found = Staff.select(Staff.email).where(Staff.is_active)
    return [email for (email,) in found.tuples()]


constraints.declare(
    "staff_email", Invalid, "Somebody signs in with this address already.", field="email"
)


@transactional
def create(
    *,
    email: str,
    name: str,
    role: str,
    password: str,
    by: Actor,
    reason: str | None = None,
    is_temporary: bool = False,
) -> Person:
    """A new person. With ``is_temporary`` they choose a password of their own at first sign-in.

    Raises: Invalid (email taken, name, role, reason), PasswordTooWeak.
    """
    email, name = emails.read(email), _name(name)
    _require_role(role)
    passwords.require_strong(password, email=email, name=name)
    person_id = ids.new("stf")
    Staff.insert(
        id=person_id,
        email=email,
        name=name,
        role=role,
        password_hash=passwords.hash_of(password),
        password_is_temporary=is_temporary,
        is_active=True,
        created_at=clock.now(),
    ).execute()
    _note(by, "staff.created", person_id, reason, role=role)
    return find(person_id)


@transactional
def change(person_id: str, *, name: str, role: str, by: Actor, reason: str) -> Person:
    """Correct a person's name or role. A new role ends every sign-in of theirs.

    Raises: NotFound, NotOneself (own role), LastRoot, Invalid (name, role, reason).
    """
    name, reason = _name(name), _reason(reason)
    _require_role(role)
    person = _lock(person_id)
    _update(person_id, name=name, role=role)
    if role != person.role:
        _require_other(person, by)
        _require_roots_after(person)
        sessions.revoke_all(person_id)
        _note(by, "staff.role_changed", person_id, reason, role=role, before=person.role)
    if name != person.name:
        _note(by, "staff.renamed", person_id, reason)
    return find(person_id)


@transactional
def deactivate(person_id: str, *, by: Actor, reason: str) -> Person:
    """Close the desk to a person and end every sign-in of theirs. What they did stays.

    Raises: NotFound, NotOneself, LastRoot, Invalid (reason).
    """
    reason, person = _reason(reason), _lock(person_id)
    _require_other(person, by)
    if person.is_active:
        _update(person_id, is_active=False)
        _require_roots_after(person)
        sessions.revoke_all(person_id)
        _note(by, "staff.deactivated", person_id, reason, role=person.role)
    return find(person_id)


@transactional
def reactivate(person_id: str, *, by: Actor, reason: str) -> Person:
    """Open the desk to a person again, with the role they had.

    Raises: NotFound, Invalid (reason).
    """
    reason, person = _reason(reason), _lock(person_id)
    if not person.is_active:
        _update(person_id, is_active=True)
        _note(by, "staff.reactivated", person_id, reason, role=person.role)
    return find(person_id)


@transactional
def reset_password(person_id: str, *, by: Actor, reason: str) -> str:
    """A generated password for somebody who lost theirs; shown once, changed at first sign-in.

    Raises: NotFound, NotOneself, Invalid (reason).
    """
    reason, person = _reason(reason), _lock(person_id)
    _require_other(person, by)
    password = passwords.generate()
    _set_password(person_id, password, is_temporary=True)
    sessions.revoke_all(person_id)
    _note(by, "staff.password_reset", person_id, reason)
    return password


@transactional
def set_password(person_id: str, *, password: str, session_id: str, by: Actor) -> None:
    """A password that the person chose; every sign-in but this one ends.

    Raises: NotFound, PasswordTooWeak on ``new``.
    """
    person = _lock(person_id)
    passwords.require_strong(password, email=person.email, name=person.name, field="new")
    _set_password(person_id, password, is_temporary=False)
    sessions.revoke_all(person_id, except_id=session_id)
    _note(by, "staff.password_changed", person_id, None)


def is_password(person_id: str, *, password: str) -> bool:
    """Whether it is the person's password."""
    stored = Staff.select(Staff.password_hash).where(Staff.id == person_id)
    return passwords.verify(password, stored.scalar())


def _set_password(person_id: str, password: str, *, is_temporary: bool) -> None:
    _update(
        person_id,
        password_hash=passwords.hash_of(password),
        password_is_temporary=is_temporary,
    )


def _update(person_id: str, **changes: str | bool) -> None:
    Staff.update(**changes).where(Staff.id == person_id).execute()


_IS_ROOT = (Staff.role == "root") & Staff.is_active


def _lock(person_id: str) -> Person:
    """Lock the person, and with them everybody who is Root: two changes that might together leave
    none wait for each other.
    """
    people = Staff.select(Staff.id).where((Staff.id == person_id) | _IS_ROOT)
    database.locked(people.order_by(Staff.id)).tuples().execute()
    return find(person_id)


def _require_roots_after(person: Person) -> None:
    """Somebody must be left who can put things right."""
    if person.role == "root" and not Staff.select().where(_IS_ROOT).exists():
        raise LastRoot


def _require_other(person: Person, by: Actor) -> None:
    if person.id == by.id:
        raise NotOneself


def _require_role(role: str) -> None:
    if role not in ROLES:
        raise Invalid(f"Choose one of the roles: {', '.join(ROLES)}.", field="role")


def _name(name: str) -> str:
    plain = " ".join(name.split())
    if not 1 <= len(plain) <= 120:
        raise Invalid("Enter a name of 1 to 120 letters.", field="name")
    return plain


def _reason(reason: str) -> str:
    if not reason.strip():
        raise Invalid("Say why; it is kept in the audit log.", field="reason")
    return reason.strip()


def _note(by: Actor, action: str, person_id: str, reason: str | None, **data: str) -> None:
    audit.record(by=by, action=action, subject=person_id, reason=reason, data=data or None)
