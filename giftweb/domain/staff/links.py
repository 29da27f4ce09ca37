"""Links mailed to members of staff: to choose a first password, or another one for a lost one.

The secret lies sealed in the mail's row and hashed in its own, works once, and is not shown at the
desk. Customers have links of their own (domain.customers.sign_in).
"""

import hashlib
import secrets
from datetime import datetime, timedelta

import peewee

from giftweb import clock, codes, database, security_log
from giftweb.database import transactional
from giftweb.domain import outbox
from giftweb.domain.audit import seals
from giftweb.errors import LinkIsOver
from giftweb.models import Staff, StaffLink

INVITATION, RESET = "invitation", "reset"
LIFE = {INVITATION: timedelta(days=3), RESET: timedelta(hours=1)}
PATH = "/login/link"
LINKS_KEPT = timedelta(days=30)
"""How long a link that has ended stays in its table."""


def send(staff_id: str, *, email: str, purpose: str) -> None:
    """Mail a link to the person; one that was mailed before ends."""
    end_all(staff_id)
    secret, now = secrets.token_urlsafe(32), clock.now()
    expires_at = now + LIFE[purpose]
    seals.insert(
        StaffLink,
        id=_hash(secret),
        staff_id=staff_id,
        purpose=purpose,
        created_at=now,
        expires_at=expires_at,
    )
    data = {
        "person": staff_id,
        "path": PATH,
        "token_sealed": codes.seal(secret, email).hex(),
        "expires_at": clock.to_micros(expires_at),
    }
    outbox.mail(f"staff_{purpose}", to=email, data=data)


def end_all(staff_id: str) -> None:
    """End the links of a person that wait."""
    waiting = StaffLink.select(StaffLink.id).where(StaffLink.staff == staff_id, _waits())
    for (link_id,) in list(database.locked(waiting).tuples()):
        seals.change(StaffLink, link_id, expires_at=clock.now())


def owner_of(secret: str) -> str:
    """Whose link it is.

    Raises: LinkIsOver (used, ended or unknown; of a deactivated person).
    """
    found = StaffLink.select(StaffLink.staff).join(Staff)
    owner = found.where(StaffLink.id == _hash(secret), _waits(), Staff.is_active).scalar()
    if owner is None or not seals.holds(StaffLink, _hash(secret)):
        security_log.record("link.refused", what="staff")
        raise LinkIsOver
    return owner


def use(secret: str) -> None:
    """Use the link up.

    Raises: LinkIsOver.
    """
    link_id = _hash(secret)
    waiting = StaffLink.select(StaffLink.id).where(StaffLink.id == link_id, _waits())
    if not database.locked(waiting).first() or not seals.holds(StaffLink, link_id):
        raise LinkIsOver
    seals.change(StaffLink, link_id, used_at=clock.now())


def waiting_until(staff_id: str) -> datetime | None:
    """When the person's link ends; None when none waits."""
    return (
        StaffLink.select(StaffLink.expires_at).where(StaffLink.staff == staff_id, _waits()).scalar()
    )


def is_invited(staff_id: str) -> bool:
    """Whether the person has yet to choose a first password."""
    of_person = StaffLink.select().where(StaffLink.staff == staff_id)
    used = of_person.where(StaffLink.used_at.is_null(False))
    invited = of_person.where(StaffLink.purpose == INVITATION)
    return invited.exists() and not used.exists()


@transactional
def prune() -> int:
    """Drop links that ended long ago and that nothing depends on; how many."""
    is_old = StaffLink.expires_at < clock.now() - LINKS_KEPT
    return StaffLink.delete().where(is_old).execute()


def _waits() -> peewee.Expression:
    return StaffLink.used_at.is_null() & (StaffLink.expires_at > clock.now())


def _hash(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
