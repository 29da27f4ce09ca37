"""Mails about the desk: to the person whose account it is, and to every Root.

Each says what was done and when, so that whoever did not expect it can act before a day is over.
"""

from typing import Any

import peewee

from giftweb import security_log
from giftweb.domain import outbox
from giftweb.domain.audit.log import Actor
from giftweb.models import Staff

SIGNED_IN = "staff.signed_in"
_AGENT_LENGTH = 200


def to_roots(action: str, *, person_id: str, by: Actor) -> None:
    """Mail every Root what was done to a colleague's account; ``action`` as in the audit log."""
    if by.kind == "system":
        return
    data = {"person": person_id, "what": action, "by": _name_of(by)}
    for email in _roots(Staff.id != person_id):
        outbox.mail("staff_changed", to=email, data=data)


def to_every_root(action: str, *, by: Actor, order_id: str | None = None, **data: Any) -> None:
    """Mail every Root, whoever did it too, what has become of the house's money.

    ``data``: ids, amounts and names of settings, as the mail needs them.
    """
    for email in _roots():
        about = {"what": action, "by": _name_of(by)} | data
        outbox.mail("house_notice", to=email, order_id=order_id, data=about)


def to_finance(what: str, **data: Any) -> None:
    """Mail everybody of Finance, or every Root where nobody has that role."""
    is_finance = (Staff.role == "finance") & Staff.is_active
    found = Staff.select(Staff.email).where(is_finance).order_by(Staff.id)
    for email in [email for (email,) in found.tuples()] or _roots():
        outbox.mail("house_notice", to=email, data={"what": what, "by": "system"} | data)


def _roots(*conditions: peewee.Expression) -> list[str]:
    is_root = (Staff.role == "root") & Staff.is_active
    found = Staff.select(Staff.email).where(is_root, *conditions).order_by(Staff.id)
    return [email for (email,) in found.tuples()]


def _name_of(by: Actor) -> str:
    return by.id if by.kind == "staff" else by.kind


def to_person(action: str, *, person_id: str, agent: str = "") -> None:
    """Mail the person what was done to their own account, from which browser if it matters."""
    if action != SIGNED_IN:
        security_log.record("account.changed", what=action, person=person_id)
    email = Staff.select(Staff.email).where(Staff.id == person_id).scalar()
    data = {"person": person_id, "what": action} | (
        {"agent": agent[:_AGENT_LENGTH]} if agent else {}
    )
    outbox.mail("account_notice", to=email, data=data)
