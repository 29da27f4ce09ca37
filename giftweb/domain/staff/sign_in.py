"""Signing in to the desk: the password, then the code when an authenticator is set up.

Guessing is slowed by address and by account, over all addresses. Nobody is ever locked out: the
wait of an account has a low ceiling, and a browser that its owner has used before has a count of
its own, which strangers' tries do not touch.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from giftweb import database, security_log
from giftweb.database import transactional
from giftweb.domain import audit, emails, throttle
from giftweb.domain.audit import seals
from giftweb.domain.audit.log import Actor
from giftweb.domain.staff import authenticator, notices, passkeys, passwords, people, sessions
from giftweb.domain.staff.passkeys import Site
from giftweb.domain.staff.sessions import Session
from giftweb.domain.throttle import Scope
from giftweb.errors import (
    CodeWrong,
    Invalid,
    NotAllowed,
    PasskeyRequired,
    PasswordWrong,
    SignInFailed,
)
from giftweb.language import gettext
from giftweb.models import Staff

_CAP = 5000
FROM_ADDRESS = Scope("sign_in_address", free=20, cap=_CAP)
ON_ACCOUNT = Scope("sign_in_account", free=8, cap=_CAP, longest_wait=60)
OF_CODES = Scope("sign_in_code", free=5, cap=_CAP, first_wait=4, memory=24 * 3600)
KNOWN_BROWSER = Scope("sign_in_known", free=8, cap=_CAP, longest_wait=300)

FACTOR_ROLES = frozenset({"customer_service_admin", "marketing", "finance", "root"})
"""Who can do harm enough that a password alone is too little."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A sign-in that succeeded so far: the cookie's key, and whether a code is still owed."""

    key: str
    staff_id: str
    owes_code: bool


@dataclass(frozen=True, slots=True)
class Visitor:
    """From where somebody tries: address, the browser's own words, and who signed in here before.

    ``known_as`` is that person's id, from a cookie that only a finished sign-in leaves.
    """

    address: str
    agent: str = ""
    known_as: str = ""


def with_password(email: str, *, password: str, visitor: Visitor, is_strict: bool = False) -> Entry:
    """Sign in by email and password. Unknown addresses cost the same work and time.

    ``is_strict``: roles that need a second factor get in by password only while they have none.

    Raises: SignInFailed (unknown, wrong or deactivated, all alike), PasskeyRequired, TooManyTries.
    """
    email = emails.folded(email)
    columns = (Staff.id, Staff.password_hash, Staff.is_active)
    found = Staff.select(*columns).where(Staff.email == email).tuples().first()
    person_id, stored, is_active = found or ("", "", False)
    is_known = person_id != "" and visitor.known_as == person_id
    with _heard(ON_ACCOUNT, email, visitor, is_known=is_known):
        if not passwords.verify(password, stored) or not is_active:
            raise SignInFailed(field="email")
        if not seals.holds(Staff, person_id):
            raise SignInFailed(field="email")
    fresh = passwords.hash_of(password) if passwords.is_outdated(stored) else stored
    return _open(person_id, stored, fresh, visitor, is_strict=is_strict)


@transactional
def _open(person_id: str, stored: str, fresh: str, visitor: Visitor, *, is_strict: bool) -> Entry:
    """Open the sign-in, unless the password was changed while it was being verified."""
    is_unchanged = (Staff.password_hash == stored) & Staff.is_active
    found = Staff.select(Staff.id).where(Staff.id == person_id, is_unchanged)
    if not database.locked(found).tuples().first():
        raise SignInFailed(field="email")
    if fresh != stored:
        seals.change(Staff, person_id, password_hash=fresh)
    owes_code = authenticator.is_set_up(person_id)
    if is_strict and not owes_code and _has_to_use_a_passkey(person_id):
        raise PasskeyRequired(field="email")
    key = sessions.open_for(person_id, agent=visitor.agent, owes_code=owes_code)
    if not owes_code:
        _note(person_id, "password", visitor)
    return Entry(key=key, staff_id=person_id, owes_code=owes_code)


def _has_to_use_a_passkey(person_id: str) -> bool:
    return people.find(person_id).role in FACTOR_ROLES and bool(passkeys.all_of(person_id))


def with_code(key: str, *, code: str, visitor: Visitor) -> Entry:
    """The second step: the authenticator's code or a recovery code. The key changes.

    Raises: NotAllowed (no sign-in waits for a code), CodeWrong on ``code``, TooManyTries.
    """
    person_id = sessions.owing_code(key)
    if person_id is None:
        raise NotAllowed(gettext("This took too long. Sign in again."))
    with _heard(OF_CODES, person_id, visitor, is_known=visitor.known_as == person_id):
        return _complete(key, person_id, code, visitor)


@transactional
def _complete(key: str, person_id: str, code: str, visitor: Visitor) -> Entry:
    if authenticator.accepts(person_id, code=code):
        means = "authenticator"
    elif authenticator.accepts_recovery(person_id, code=code):
        means = "recovery code"
        notices.to_person("staff.recovery_code_used", person_id=person_id, agent=visitor.agent)
    else:
        raise CodeWrong(field="code")
    sessions.close_key(key)
    fresh = sessions.open_for(person_id, agent=visitor.agent)
    _note(person_id, means, visitor)
    return Entry(key=fresh, staff_id=person_id, owes_code=False)


def with_passkey(answer: str, *, challenge: str, site: Site, visitor: Visitor) -> Entry:
    """Sign in by a passkey alone: it stands for both factors.

    Raises: SignInFailed, TooManyTries.
    """
    with throttle.every_try(FROM_ADDRESS, source=visitor.address, failures=(SignInFailed,)):
        return _enter_by_passkey(answer, challenge=challenge, site=site, visitor=visitor)


@transactional
def _enter_by_passkey(answer: str, *, challenge: str, site: Site, visitor: Visitor) -> Entry:
    person_id = passkeys.verify(answer, challenge=challenge, site=site)
    key = sessions.open_for(person_id, agent=visitor.agent)
    _note(person_id, "passkey", visitor)
    return Entry(key=key, staff_id=person_id, owes_code=False)


def confirm(session: Session, *, password: str, visitor: Visitor) -> None:
    """Check the password again, before an action that requires it.

    Raises: PasswordWrong on ``password``, TooManyTries.
    """
    with _heard(ON_ACCOUNT, session.email, visitor, is_known=True):
        if not people.is_password(session.staff_id, password=password):
            raise PasswordWrong(field="password")
    sessions.confirm(session.id)


def change_password(session: Session, *, current: str, new: str, visitor: Visitor) -> None:
    """Choose another password of one's own; every other sign-in ends.

    Raises: PasswordWrong on ``current``, PasswordTooWeak and Invalid on ``new``, TooManyTries.
    """
    with _heard(ON_ACCOUNT, session.email, visitor, is_known=True):
        if not people.is_password(session.staff_id, password=current):
            raise PasswordWrong(field="current")
    if new == current:
        raise Invalid(gettext("Choose another password than the one you have."), field="new")
    people.set_password(session.staff_id, password=new, session_id=session.id, by=session.actor)


@contextmanager
def _heard(scope: Scope, account: str, visitor: Visitor, *, is_known: bool) -> Iterator[None]:
    """Hear a try unless its address or account has to wait; it counts unless it succeeds."""
    failures = (SignInFailed, CodeWrong, PasswordWrong)
    with (
        throttle.every_try(FROM_ADDRESS, source=visitor.address, failures=failures),
        throttle.every_try(
            KNOWN_BROWSER if is_known else scope, name=account or "nobody", failures=failures
        ),
    ):
        yield


def _note(person_id: str, means: str, visitor: Visitor) -> None:
    """Record the sign-in; the person gets a mail when their browser is a new one."""
    person = people.find(person_id)
    by = Actor("staff", person.id, person.name, person.role, person.email)
    audit.record(by=by, action="staff.signed_in", subject=person_id, data={"with": means})
    is_new = visitor.known_as != person_id
    security_log.record("sign_in.succeeded", person=person_id, means=means, is_new_browser=is_new)
    if is_new:
        notices.to_person(notices.SIGNED_IN, person_id=person_id, agent=visitor.agent)
