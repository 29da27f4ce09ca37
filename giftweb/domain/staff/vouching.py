"""Who had a hand in whose account, so that the second pair of eyes is a second person's.

Whoever adds a person, resets what they sign in with, lets them in again or changes their role might
sign in as them. So neither of the two approves what the other asks for, and the account approves
nothing for a day, in which every Root has had a mail about it. It is read from the audit log, which
nobody rewrites. The command line counts for nobody: who holds it holds the house.
"""

from datetime import datetime, timedelta

import peewee
from peewee import fn

from giftweb import clock
from giftweb.domain.audit.log import Actor
from giftweb.errors import NotAllowed
from giftweb.language import gettext, ngettext
from giftweb.models import AuditEntry

WAIT = timedelta(hours=24)
"""How long a new, reset or changed account approves nothing."""

VOUCHES = (
    "staff.created",
    "staff.password_reset",
    "staff.totp_reset",
    "staff.role_changed",
    "staff.reactivated",
)
"""What makes whoever did it no second person beside the one it was done to."""


def require_second_person(by: Actor, *, beside: str) -> None:
    """Refuse to let a person decide beside another one who might be the same.

    Raises: NotAllowed.
    """
    if why := why_no_second_person(by, beside=beside):
        raise NotAllowed(why)


def why_no_second_person(by: Actor, *, beside: str) -> str:
    """Why a person decides nothing beside another one, in a sentence; "" when they may."""
    begins_at = approves_from(by.id)
    if begins_at is not None:
        hours = -((clock.now() - begins_at) // timedelta(hours=1))
        return ngettext(
            "Your account is new, or was reset: you approve nothing for an hour yet.",
            "Your account is new, or was reset: you approve nothing for {count} hours yet.",
            hours,
        )
    if _has_vouched(by.id, staff_id=beside) or _has_vouched(beside, staff_id=by.id):
        return gettext(
            "One of you two has added or reset the account of the other. Ask a third person."
        )
    return ""


def approves_from(staff_id: str) -> datetime | None:
    """From when on the person may approve; None when that time has come."""
    last = AuditEntry.select(fn.MAX(AuditEntry.at)).where(_vouches(staff_id)).scalar()
    return last + WAIT if last is not None and last + WAIT > clock.now() else None


def _has_vouched(actor_id: str, *, staff_id: str) -> bool:
    return AuditEntry.select().where(_vouches(staff_id), AuditEntry.actor_id == actor_id).exists()


def _vouches(staff_id: str) -> peewee.Expression:
    is_vouch = AuditEntry.action.in_(VOUCHES) & (AuditEntry.actor_kind == "staff")
    return (AuditEntry.subject == staff_id) & is_vouch
