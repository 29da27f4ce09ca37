"""Resets of those who approve for others: another one of them has to look.

Whoever resets an account might sign in to it. The account approves nothing for a day then, and
never what the other one asks for (``staff.vouching``). Where there are three who approve, it also
takes two of them to reset the third.
"""

from giftweb.database import transactional
from giftweb.domain import limits, staff
from giftweb.domain.audit.log import Actor
from giftweb.domain.desk import asking, second_person
from giftweb.domain.limits import Request, details
from giftweb.errors import Invalid
from giftweb.language import gettext, lazy_gettext
from giftweb.money import Money


@transactional
def reset_password(person_id: str, *, reason: str, by: Actor) -> bool:
    """Mail a link to choose another password; whether that waits for another person.

    Raises: as ``staff.reset_password``.
    """
    if waits := _waits(person_id, by):
        _ask(person_id, reason, by=by, factors=False)
    else:
        staff.reset_password(person_id, by=by, reason=reason)
    return waits


@transactional
def reset_factors(person_id: str, *, reason: str, by: Actor) -> bool:
    """Take a lost authenticator and passkeys away; whether that waits for another person.

    Raises: as ``staff.authenticator.reset``.
    """
    if waits := _waits(person_id, by):
        _ask(person_id, reason, by=by, factors=True)
    else:
        staff.authenticator.reset(person_id, by=by, reason=reason)
    return waits


def _waits(person_id: str, by: Actor) -> bool:
    person = staff.find(person_id)
    is_approver = person.is_active and person.role in second_person.MAY_DECIDE
    return is_approver and person_id != by.id and second_person.exists(by, besides=person_id)


def _ask(person_id: str, reason: str, *, by: Actor, factors: bool) -> None:
    if not reason.strip():
        raise Invalid(gettext("Say why; it is kept in the audit log."), field="reason")
    what = lazy_gettext("Authenticator and passkeys") if factors else lazy_gettext("Password")
    request = Request(
        verb=limits.verbs.RESET,
        subject=person_id,
        amount=Money(0, "USD"),
        reason=reason.strip(),
        arguments={
            "factors": factors,
            "details": [
                details.row(lazy_gettext("Person"), staff.find(person_id).name),
                details.row(lazy_gettext("Reset"), what),
            ],
        },
    )
    asking.keep(request, by=by)
    staff.notices.to_every_root("staff.reset_asked", by=by, person=person_id)
