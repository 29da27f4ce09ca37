"""The people of the desk and their roles (D14). Every change says who made it and why (I30)."""

from dataclasses import dataclass
from datetime import datetime

from giftweb import clock, database, ids
from giftweb.database import transactional
from giftweb.domain import audit, emails
from giftweb.domain.audit.log import Actor
from giftweb.domain.staff import passwords, sessions
from giftweb.errors import Invalid, LastRoot, NotFound, NotOneself

ROLES = ("customer_service", "customer_service_admin", "marketing", "finance", "root")


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


_SELECT = (
    "SELECT p.id, p.email, p.name, p.role, p.is_active, p.totp_step > 0,"
    " p.password_is_temporary, p.created_at,"
    " (SELECT MAX(s.created_at) FROM staff_session s"
    " WHERE s.staff_id = p.id AND s.confirmed_at IS NOT NULL) FROM staff p"
)


def find(person_id: str) -> Person:
    """A person by id.

    Raises: NotFound.
    """
    found = database.row(f"{_SELECT} WHERE p.id = ?", person_id)
    if found is None:
        raise NotFound("There is no such person.")
    return _from_row(found)


def search(
    text: str = "", *, role: str = "", is_active: bool | None = None, after: str = "", limit: int
) -> list[Person]:
    """People by a part of their name or address, in the order of their names."""
    condition, params = _conditions(text, role, is_active)
    if after:
        condition += " AND (lower(p.name), p.id) > (SELECT lower(name), id FROM staff WHERE id = ?)"
        params.append(after)
    query = f"{_SELECT} WHERE {condition} ORDER BY lower(p.name), p.id LIMIT ?"
    return [_from_row(row) for row in database.rows(query, *params, limit)]


def count(text: str = "", *, role: str = "", is_active: bool | None = None) -> int:
    """How many people ``search`` finds in all."""
    condition, params = _conditions(text, role, is_active)
    return database.scalar(f"SELECT COUNT(*) FROM staff p WHERE {condition}", *params)


def names(person_ids: list[str]) -> dict[str, str]:
    """The names of people by their ids, for pages that hold only ids."""
    if not person_ids:
        return {}
    query = f"SELECT id, name FROM staff WHERE id IN ({database.marks(person_ids)})"
    return dict(database.rows(query, *person_ids))


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
    made = database.execute(
        "INSERT INTO staff (id, email, name, role, password_hash, totp_step,"
        " password_is_temporary, is_active, created_at)"
        " VALUES (?, ?, ?, ?, ?, 0, ?, ?, ?) ON CONFLICT DO NOTHING",
        *(person_id, email, name, role, passwords.hash_of(password)),
        *(is_temporary, True, clock.micros()),
    )
    if not made:
        raise Invalid("Somebody signs in with this address already.", field="email")
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
    database.execute("UPDATE staff SET name = ?, role = ? WHERE id = ?", name, role, person_id)
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
        database.execute("UPDATE staff SET is_active = ? WHERE id = ?", False, person_id)
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
        database.execute("UPDATE staff SET is_active = ? WHERE id = ?", True, person_id)
        _note(by, "staff.reactivated", person_id, reason, role=person.role)
    return find(person_id)


@transactional
def reset_password(person_id: str, *, by: Actor, reason: str) -> str:
    """A generated password for somebody who lost theirs; told once, changed at first sign-in.

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
    stored = database.scalar("SELECT password_hash FROM staff WHERE id = ?", person_id)
    return passwords.verify(password, stored)


def _set_password(person_id: str, password: str, *, is_temporary: bool) -> None:
    database.execute(
        "UPDATE staff SET password_hash = ?, password_is_temporary = ? WHERE id = ?",
        passwords.hash_of(password),
        is_temporary,
        person_id,
    )


def _lock(person_id: str) -> Person:
    """Lock the person, and with them everybody who is Root: two changes that might together leave
    none wait for each other.
    """
    database.rows(
        "SELECT id FROM staff WHERE id = ? OR (role = 'root' AND is_active) ORDER BY id"
        + database.for_update(),
        person_id,
    )
    return find(person_id)


def _require_roots_after(person: Person) -> None:
    """Somebody must be left who can put things right."""
    left = "SELECT 1 FROM staff WHERE role = 'root' AND is_active LIMIT 1"
    if person.role == "root" and database.row(left) is None:
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


def _conditions(text: str, role: str, is_active: bool | None) -> tuple[str, list]:
    parts: list[str] = ["1 = 1"]
    params: list[object] = []
    if text:
        escaped = emails.folded(text).replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
        parts.append("(lower(p.name) LIKE ? ESCAPE '\\' OR p.email LIKE ? ESCAPE '\\')")
        params += [f"%{escaped}%"] * 2
    if role:
        parts.append("p.role = ?")
        params.append(role)
    if is_active is not None:
        parts.append("p.is_active = ?")
        params.append(is_active)
    return " AND ".join(parts), params


def _from_row(row: tuple) -> Person:
    person_id, email, name, role, active, totp, temporary, created, signed_in = row
    return Person(
        id=person_id,
        email=email,
        name=name,
        role=role,
        is_active=bool(active),
        has_totp=bool(totp),
        password_is_temporary=bool(temporary),
        created_at=clock.from_micros(created),
        signed_in_at=clock.from_micros(signed_in) if signed_in else None,
    )
