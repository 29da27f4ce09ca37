"""Mails about accounts of the desk: to the person whose it is, and to every Root.

Each says what was done and when, so that whoever did not expect it can act before a day is over.
"""

from giftweb.domain import outbox
from giftweb.domain.audit.log import Actor
from giftweb.models import Staff


def to_roots(action: str, *, person_id: str, by: Actor) -> None:
    """Mail every Root what was done to a colleague's account; ``action`` as in the audit log."""
    if by.kind == "system":
        return
    is_root = (Staff.role == "root") & Staff.is_active & (Staff.id != person_id)
    data = {"person": person_id, "what": action, "by": by.id if by.kind == "staff" else by.kind}
    for (email,) in Staff.select(Staff.email).where(is_root).order_by(Staff.id).tuples():
        outbox.mail("staff_changed", to=email, data=data)


def to_person(action: str, *, person_id: str, agent: str = "") -> None:
    """Mail the person what was done to their own account, from which browser if it matters."""
    email = Staff.select(Staff.email).where(Staff.id == person_id).scalar()
    data = {"person": person_id, "what": action} | ({"agent": agent} if agent else {})
    outbox.mail("account_notice", to=email, data=data)
