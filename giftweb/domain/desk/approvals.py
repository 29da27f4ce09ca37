"""A second pair of eyes: what staff do above Root's limit waits for another person.

Only live money is watched. What waits is done when it is approved, in the name of who asked for
it and by the rules of that moment; nobody approves their own, or money to their own address.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import peewee
from peewee import JOIN

from giftweb import clock, database, ids, models
from giftweb.database import records, transactional
from giftweb.domain import audit, awaited, cards, notes, orders, payments, staff
from giftweb.domain.audit.log import Actor
from giftweb.domain.cards.values import Card
from giftweb.domain.desk import approval_limits, batches, order_cards
from giftweb.domain.desk.batches import Draft, Row
from giftweb.domain.payments.payments import Payment
from giftweb.errors import ApprovalNeeded, NotAllowed, Refused
from giftweb.models import Staff
from giftweb.money import LIMIT_MINOR, Money

ISSUE, TOP_UP, ADJUST, ORDER_CARD = "issue", "top_up", "adjust", "order_card"
RECEIVE = "receive"
WAITING, APPROVED, DECLINED = "waiting", "approved", "declined"
MAY_DECIDE = frozenset({"customer_service_admin", "root"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Approval:
    """Something that waits, or waited. ``subject``: a card, an order, a payment, or ``new``."""

    id: str
    verb: str
    subject: str
    currency: str
    amount_minor: int
    arguments: dict[str, Any]
    reason: str | None
    asked_by_id: str
    asked_by_name: str
    asked_at: datetime
    status: str
    decided_by_name: str | None
    decided_at: datetime | None

    @property
    def amount(self) -> Money:
        """Below zero where money is to be taken off a card."""
        return Money(self.amount_minor * self.arguments.get("sign", 1), self.currency)

    @property
    def emails(self) -> tuple[str, ...]:
        """Who would get the money, as far as the request says it."""
        rows = self.arguments.get("rows") or [[self.arguments.get("email"), ""]]
        return tuple(email for email, _ in rows if email)


# Ask


def require_none(
    verb: str,
    *,
    subject: str,
    amount: Money,
    by: Actor,
    reason: str | None,
    arguments: dict[str, Any],
    is_test: bool = False,
) -> None:
    """Let an action of staff go on, or keep it for another person's approval.

    Called before the action and outside its transaction: what waits is committed.

    Raises: ApprovalNeeded when it waits.
    """
    limit = approval_limits.of(amount.currency)
    size = Money(abs(amount.minor), amount.currency)
    if by.kind != "staff" or is_test or limit is None or size <= limit:
        return
    if size.minor <= LIMIT_MINOR:
        _ask(verb, subject=subject, amount=amount, by=by, reason=reason, arguments=arguments)
    raise ApprovalNeeded(limit=limit)


def require_none_for_card(
    verb: str, *, card: Card, amount: Money, by: Actor, reason: str | None
) -> None:
    """``require_none`` for a recharge or an adjustment (``amount`` signed) of a card.

    Raises: ApprovalNeeded; NotAllowed (money to one's own address).
    """
    cards.require_not_oneself(card.holder_email, by)
    require_none(
        verb,
        subject=card.id,
        amount=amount,
        by=by,
        reason=reason,
        arguments={},
        is_test=card.is_test,
    )


def require_none_for_batch(draft: Draft, *, by: Actor) -> None:
    """``require_none`` for cards about to be issued; all of the batch count together.

    Raises: ApprovalNeeded; Invalid as ``batches.check``.
    """
    checked = batches.check(draft, by=by)
    if checked.repeated and not draft.repeats:
        return
    arguments = {
        "is_customer": draft.is_customer,
        "is_batch": draft.is_batch,
        "rows": [[row.email, row.name] for row in draft.rows],
        "each": draft.amount.minor,
        "message": draft.message,
        "note": draft.note,
        "expires_on": draft.expires_on.isoformat() if draft.expires_on else None,
        "repeats": draft.repeats,
    }
    require_none(
        ISSUE,
        subject="new",
        amount=checked.total,
        by=by,
        reason=draft.note or None,
        arguments=arguments,
        is_test=draft.is_test,
    )


@transactional
def _ask(
    verb: str,
    *,
    subject: str,
    amount: Money,
    by: Actor,
    reason: str | None,
    arguments: dict[str, Any],
) -> None:
    arguments = arguments | {"sign": -1 if amount.minor < 0 else 1}
    asked = {
        "verb": verb,
        "subject": subject,
        "currency": amount.currency,
        "amount_minor": abs(amount.minor),
        "arguments": arguments,
        "asked_by_id": by.id,
    }
    same = [models.Approval._meta.columns[name] == content for name, content in asked.items()]
    if models.Approval.select().where(_IS_WAITING, *same).exists():
        return
    approval_id = ids.new("apr")
    audit.seals.insert(
        models.Approval,
        id=approval_id,
        reason=reason,
        asked_at=clock.now(),
        status=WAITING,
        **asked,
    )
    data = {"verb": verb, "amount": amount.minor, "currency": amount.currency, "on": subject}
    audit.record(by=by, action="approval.asked", subject=approval_id, reason=reason, data=data)
    if verb == ORDER_CARD:
        asks = f"{by.name} asks for a gift card of {amount}: {reason}."
        notes.add(subject, f"{asks} It waits for another person's approval.")


def require_none_for_receipt(payment: Payment, *, by: Actor, reference: str | None) -> None:
    """``require_none`` for an awaited payment that is said to have come.

    Raises: ApprovalNeeded.
    """
    require_none(
        RECEIVE,
        subject=payment.id,
        amount=payment.amount,
        by=by,
        reason=None,
        arguments={"reference": reference},
        is_test=payment.is_test,
    )


# Decide


@transactional
def approve(approval_id: str, *, by: Actor) -> Approval:
    """Do what was asked for, in the name of who asked.

    Raises: NotFound, NotAllowed (one's own, another role, money to oneself), Refused (decided
    already, or who asked has left), and whatever the action itself raises.
    """
    waiting = _undecided(approval_id, by)
    for email in _receivers(waiting):
        cards.require_not_oneself(email, by)
    person = staff.find(waiting.asked_by_id)
    if not person.is_active:
        raise Refused("Whoever asked for this can no longer sign in. Decline it.")
    asker = Actor("staff", person.id, person.name, person.role, person.email)
    _VERBS[waiting.verb](waiting, asker)
    return _decide(waiting, APPROVED, by)


@transactional
def decline(approval_id: str, *, by: Actor) -> Approval:
    """Leave it undone. Whoever asked may take it back so themselves.

    Raises: NotFound, NotAllowed (another's, without the role), Refused (decided already).
    """
    return _decide(_undecided(approval_id, by, may_be_own=True), DECLINED, by)


def _undecided(approval_id: str, by: Actor, *, may_be_own: bool = False) -> Approval:
    found = records.one(database.locked(_query().where(models.Approval.id == approval_id)))
    if found.status != WAITING:
        raise Refused(f"This is decided: it was {found.status}.")
    is_own = found.asked_by_id == by.id
    if is_own and not may_be_own:
        raise NotAllowed("Nobody approves their own. Ask another person.")
    if not is_own and by.role not in MAY_DECIDE:
        raise NotAllowed
    return found


def _decide(found: Approval, status: str, by: Actor) -> Approval:
    # A request that was taken back has no second person: the asker stands in its entry alone.
    decider = None if found.asked_by_id == by.id else by.id
    audit.seals.change(
        models.Approval, found.id, status=status, decided_by_id=decider, decided_at=clock.now()
    )
    audit.record(by=by, action=f"approval.{status}", subject=found.id, data={"on": found.subject})
    if found.verb == ORDER_CARD:
        said = status if decider else "taken back"
        notes.add(found.subject, f"The gift card of {found.amount} was {said} by {by.name}.")
    return find(found.id)


def _receivers(waiting: Approval) -> Iterable[str | None]:
    if waiting.verb in (TOP_UP, ADJUST):
        return [cards.find(waiting.subject).holder_email]
    return waiting.emails


def _issue(waiting: Approval, by: Actor) -> None:
    arguments = waiting.arguments
    draft = Draft(
        is_customer=arguments["is_customer"],
        is_batch=arguments["is_batch"],
        is_test=False,
        rows=tuple(Row(email, name) for email, name in arguments["rows"]),
        amount=Money(arguments["each"], waiting.amount.currency),
        message=arguments["message"],
        note=arguments["note"],
        expires_on=_day(arguments["expires_on"]),
        repeats=arguments["repeats"],
    )
    batches.create(draft, key=waiting.id, by=by)


def _top_up(waiting: Approval, by: Actor) -> None:
    cards.top_up(waiting.subject, amount=waiting.amount, note=waiting.reason, by=by)


def _adjust(waiting: Approval, by: Actor) -> None:
    cards.adjust(waiting.subject, change=waiting.amount, reason=waiting.reason or "", by=by)


def _order_card(waiting: Approval, by: Actor) -> None:
    arguments = waiting.arguments
    order_cards.issue(
        waiting.subject,
        amount=waiting.amount,
        email=arguments["email"],
        expires_on=_day(arguments["expires_on"]),
        reason=waiting.reason or "",
        may_exceed=arguments["may_exceed"],
        by=by,
    )


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None


def _receive(waiting: Approval, by: Actor) -> None:
    awaited.receive(waiting.subject, reference=waiting.arguments["reference"], by=by)


_VERBS: dict[str, Callable[[Approval, Actor], None]] = {
    ISSUE: _issue,
    TOP_UP: _top_up,
    ADJUST: _adjust,
    ORDER_CARD: _order_card,
    RECEIVE: _receive,
}


# Read


_IS_WAITING = models.Approval.status == WAITING


def _query() -> peewee.ModelSelect:
    asker, decider = Staff.alias(), Staff.alias()
    found = records.select(
        Approval, models.Approval, asked_by_name=asker.name, decided_by_name=decider.name
    )
    found = found.join(asker, on=models.Approval.asked_by == asker.id).switch(models.Approval)
    return found.join(decider, JOIN.LEFT_OUTER, on=models.Approval.decided_by == decider.id)


def find(approval_id: str) -> Approval:
    """The approval with this id.

    Raises: NotFound.
    """
    return records.one(_query().where(models.Approval.id == approval_id))


def waiting(*, limit: int = 100) -> list[Approval]:
    """What waits, longest first."""
    found = _query().where(_IS_WAITING).order_by(models.Approval.asked_at)
    return list(found.limit(limit))


def decided(*, limit: int = 50) -> list[Approval]:
    """What was decided last, newest first."""
    found = _query().where(~_IS_WAITING).order_by(models.Approval.id.desc())
    return list(found.limit(limit))


def place_of(found: Approval) -> tuple[str, str]:
    """(kind, key) of the page it is about: a card's id, an order's number, or nothing."""
    if found.verb == ORDER_CARD:
        return "order", str(orders.find(found.subject).number)
    if found.verb == RECEIVE:
        order_id = payments.find(found.subject).order_id
        return "order", str(orders.find(order_id).number)
    return ("gift_card", found.subject) if found.verb in (TOP_UP, ADJUST) else ("", "")
