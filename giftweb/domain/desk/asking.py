"""Asking another person: what was above a limit is kept until somebody has looked."""

from typing import Any

from giftweb import clock, database, ids, models
from giftweb.database import transactional
from giftweb.database.guards import MOST_WAITING
from giftweb.domain import audit, notes, staff
from giftweb.domain.audit.log import Actor
from giftweb.domain.desk import approvals, snapshots
from giftweb.domain.limits import LimitExceeded, Request, verbs
from giftweb.errors import Invalid, Refused
from giftweb.language import gettext
from giftweb.money import LIMIT_MINOR, too_much

_SAYS_WHY = {verbs.TOP_UP: "reason", verbs.ISSUE: "note"}
"""Where it is said why, in forms that ask for it below the limits without insisting."""


def ask(exceeded: LimitExceeded, *, by: Actor) -> str:
    """Keep what was refused for another person's approval, and mail every Root that it waits; a
    sentence for who asks.

    Called once the verb's transaction has been rolled back. Asking twice is one request.

    Raises: LimitExceeded itself, when it is nothing that another person can approve; Invalid (more
    than any amount may be, or no word of why for whoever has to judge it).
    """
    request = exceeded.request
    if request is None:
        raise exceeded
    if abs(request.amount.minor) > LIMIT_MINOR:
        raise too_much(request.amount.currency)
    field = _SAYS_WHY.get(request.verb)
    if field and not (request.reason or "").strip():
        why = gettext("{limit} Say why: another person has to approve it.", limit=exceeded.sentence)
        raise Invalid(why, field=field)
    _keep_and_mail(request, by=by)
    return gettext("{limit} It waits for another person's approval.", limit=exceeded.sentence)


@transactional
def _keep_and_mail(request: Request, *, by: Actor) -> None:
    if keep(request, by=by):
        size, currency = abs(request.amount.minor), request.amount.currency
        staff.notices.to_every_root("approval.asked", by=by, amount=size, currency=currency)


@transactional
def keep(request: Request, *, by: Actor) -> bool:
    """Keep a request until another person has looked; whether it is a new one: the same is kept
    once."""
    amount = request.amount
    columns = {
        "verb": request.verb,
        "subject": request.subject,
        "currency": amount.currency,
        "amount_minor": abs(amount.minor),
        "arguments": _with_snapshot(request) | {"sign": -1 if amount.minor < 0 else 1},
        "asked_by_id": by.id,
    }
    same = [models.Approval._meta.columns[name] == content for name, content in columns.items()]
    if models.Approval.select().where(approvals.IS_WAITING, *same).exists():
        return False
    _require_few(by)
    approval_id = ids.new("apr")
    audit.seals.insert(
        models.Approval,
        id=approval_id,
        reason=request.reason,
        asked_at=clock.now(),
        status=approvals.WAITING,
        **columns,
    )
    data = {"verb": request.verb, "amount": amount.minor, "currency": amount.currency}
    audit.record(
        by=by,
        action="approval.asked",
        subject=approval_id,
        reason=request.reason,
        data=data | {"on": request.subject},
    )
    if request.verb in approvals.NOTED:
        asks = f"{by.name} asks for a gift card of {amount}: {request.reason}."
        order_id = approvals.order_of(request.verb, request.subject)
        notes.add(order_id, f"{asks} It waits for another person's approval.")
    return True


def _with_snapshot(request: Request) -> dict[str, Any]:
    if "snapshot" in request.arguments:
        return request.arguments
    return request.arguments | {"snapshot": snapshots.take(request)}


def _require_few(by: Actor) -> None:
    person = models.Staff.select(models.Staff.id).where(models.Staff.id == by.id)
    database.locked(person).first()
    own = models.Approval.asked_by == by.id
    if models.Approval.select().where(approvals.IS_WAITING, own).count() >= MOST_WAITING:
        raise Refused(
            gettext(
                "{most} of your requests wait for another person. Take some back, or wait until"
                " they are decided.",
                most=MOST_WAITING,
            )
        )
