"""The people of the desk and their roles (D14). Every change records who and why (I30)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import peewee
from peewee import fn

from giftweb import clock, database, ids
from giftweb.database import constraints, records, transactional
from giftweb.database.listings import Listing, Page, combine
from giftweb.domain import audit, emails
from giftweb.domain.audit import seals
from giftweb.domain.audit.log import Actor
from giftweb.domain.staff import links, notices, passwords, sessions
from giftweb.errors import Invalid, LastRoot, NotOneself, Refused
from giftweb.language import gettext, lazy_gettext
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
    has_password: bool
    created_at: datetime
    signed_in_at: datetime | None


def _query() -> peewee.ModelSelect:
    sign_ins = StaffSession.select(fn.MAX(StaffSession.created_at)).where(
        StaffSession.staff == Staff.id, StaffSession.confirmed_at.is_null(False)
    )
    last = fn.COALESCE(sign_ins, peewee.SQL("NULL")).converter(StaffSession.created_at.python_value)
    computed = {
        "has_totp": (Staff.totp_step > 0).converter(bool),
        "has_password": (Staff.password_hash != "").converter(bool),
    }
    return records.select(Person, Staff, **computed, signed_in_at=last)


LISTING: Listing[Person] = Listing(
    _query, key=Staff.id, sorts={"name": (fn.LOWER(Staff.name),)}, default="name"
)


def find(person_id: str) -> Person:
    """A person by id.

    Raises: NotFound.
    """
    return records.one(_query().where(Staff.id == person_id), gettext("There is no such person."))


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
    return LISTING.page(combine(filters=found), after=after, limit=limit)


def names(person_ids: Sequence[str]) -> dict[str, str]:
    """The names of people by their ids, for pages that hold only ids."""
    found = Staff.select(Staff.id, Staff.name).where(Staff.id.in_(person_ids))
    return dict(found.tuples())


def addresses() -> list[str]:
    """The addresses of all who can sign in."""
    found = Staff.select(Staff.email).where(Staff.is_active)
    return [email for (email,) in found.tuples()]


constraints.declare(
    "staff_email",
    Invalid,
    lazy_gettext("Somebody signs in with this address already."),
    field="email",
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
) -> Person:
    """A new person with a password that whoever adds them knows, as on the command line.

    Raises: Invalid (email taken, name, role), PasswordTooWeak.
    """
    email, name = emails.read(email), _name(name)
    passwords.require_strong(password, email=email, name=name)
    person_id = _insert(email, name, role, password_hash=passwords.hash_of(password))
    _vouch(by, "staff.created", person_id, reason, role=role)
    return find(person_id)


@transactional
def invite(*, email: str, name: str, role: str, by: Actor, reason: str) -> Person:
    """A new person, who chooses a password by a link that is mailed to them.

    Raises: Invalid (email taken, name, role, reason).
    """
    email, name, reason = emails.read(email), _name(name), _reason(reason)
    person_id = _insert(email, name, role, password_hash="")
    links.send(person_id, email=email, purpose=links.INVITATION)
    _vouch(by, "staff.created", person_id, reason, role=role)
    return find(person_id)


def _insert(email: str, name: str, role: str, *, password_hash: str) -> str:
    _require_role(role)
    person_id = ids.new("stf")
    seals.insert(
        Staff,
        id=person_id,
        email=email,
        name=name,
        role=role,
        password_hash=password_hash,
        created_at=clock.now(),
    )
    return person_id


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
        _vouch(by, "staff.role_changed", person_id, reason, role=role, before=person.role)
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
        links.end_all(person_id)
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
        _vouch(by, "staff.reactivated", person_id, reason, role=person.role)
    return find(person_id)


@transactional
def reset_password(person_id: str, *, by: Actor, reason: str) -> Person:
    """Mail a link to somebody who lost their password: the old one is worth nothing any more, and
    every sign-in ends. Whoever never chose one gets another invitation.

    Raises: NotFound, NotOneself, Refused (deactivated), Invalid (reason).
    """
    reason, person = _reason(reason), _lock(person_id)
    _require_other(person, by)
    if not person.is_active:
        raise Refused(gettext("This account is deactivated. Let the person sign in again first."))
    _update(person_id, password_hash="")
    sessions.revoke_all(person_id)
    purpose = links.INVITATION if links.is_invited(person_id) else links.RESET
    links.send(person_id, email=person.email, purpose=purpose)
    _vouch(by, "staff.password_reset", person_id, reason)
    return find(person_id)


def owner_of_link(secret: str) -> Person:
    """Whose mailed link it is.

    Raises: LinkIsOver.
    """
    return find(links.owner_of(secret))


@transactional
def choose_password(secret: str, *, password: str) -> Person:
    """Use a mailed link, once: the person has this password now, and every sign-in ends.

    Raises: LinkIsOver, PasswordTooWeak.
    """
    person = _lock(links.owner_of(secret))
    passwords.require_strong(password, email=person.email, name=person.name)
    links.use(secret)
    _update(person.id, password_hash=passwords.hash_of(password))
    sessions.revoke_all(person.id)
    by = Actor("staff", person.id, person.name, person.role, person.email)
    _note(by, "staff.password_chosen", person.id, None)
    notices.to_person("staff.password_chosen", person_id=person.id)
    return find(person.id)


@transactional
def set_password(person_id: str, *, password: str, session_id: str, by: Actor) -> None:
    """A password that the person chose; every sign-in but this one ends.

    Raises: NotFound, PasswordTooWeak on ``new``.
    """
    person = _lock(person_id)
    passwords.require_strong(password, email=person.email, name=person.name, field="new")
    _update(person_id, password_hash=passwords.hash_of(password))
    sessions.revoke_all(person_id, except_id=session_id)
    links.end_all(person_id)
    _note(by, "staff.password_changed", person_id, None)
    notices.to_person("staff.password_changed", person_id=person_id)


def is_password(person_id: str, *, password: str) -> bool:
    """Whether it is the person's password."""
    stored = Staff.select(Staff.password_hash).where(Staff.id == person_id)
    return passwords.verify(password, stored.scalar())


def _update(person_id: str, **changes: str | bool) -> None:
    seals.change(Staff, person_id, **changes)


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
        raise Invalid(
            gettext("Choose one of the roles: {roles}.", roles=", ".join(ROLES)), field="role"
        )


def _name(name: str) -> str:
    plain = " ".join(name.split())
    if not 1 <= len(plain) <= 120:
        raise Invalid(gettext("Enter a name of 1 to 120 letters."), field="name")
    return plain


def _reason(reason: str) -> str:
    if not reason.strip():
        raise Invalid(gettext("Say why; it is kept in the audit log."), field="reason")
    return reason.strip()


def _vouch(by: Actor, action: str, person_id: str, reason: str | None, **data: str) -> None:
    """Record what makes ``by`` no second person beside this one, and mail it to all Roots."""
    _note(by, action, person_id, reason, **data)
    notices.to_roots(action, person_id=person_id, by=by)


def _note(by: Actor, action: str, person_id: str, reason: str | None, **data: str) -> None:
    audit.record(by=by, action=action, subject=person_id, reason=reason, data=data or None)
