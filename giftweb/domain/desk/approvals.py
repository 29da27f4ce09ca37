"""A second pair of eyes: what staff do above a limit waits for another person.

Only live money is watched. What waits is done when it is approved, in the name of who asked for
it and by the rules of that moment, unless what it is about has changed; nobody approves their own,
or money to their own address.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import peewee

from giftweb import clock, database, models
from giftweb.database import records, transactional
from giftweb.domain import audit, cards, notes, orders, payments, staff
from giftweb.domain.audit.log import Actor
from giftweb.domain.desk import approved, snapshots
from giftweb.domain.desk.second_person import MAY_DECIDE
from giftweb.domain.limits import details, verbs
from giftweb.errors import NotAllowed, Refused
from giftweb.language import gettext
from giftweb.models import Staff
from giftweb.money import Money

WAITING, APPROVED, DECLINED = "waiting", "approved", "declined"
NOTED = (verbs.ORDER_CARD, verbs.REFUND_AS_CARD)
"""What the notes of an order say of: who asked for a gift card, and who decided."""
ON_A_CARD = (
    *(verbs.TOP_UP, verbs.ADJUST, verbs.REPLACE, verbs.CORRECT, verbs.REVEAL),
    *(verbs.COUNTER_RECHARGE, verbs.COUNTER_ACTIVATION),
)
ON_AN_ORDER = (*NOTED, verbs.RECEIVE, verbs.REFUND_BY_HAND, verbs.COUNTER_RETURN)
NEEDS_ROOT = (verbs.KEY, verbs.CAMPAIGN, verbs.WEBHOOK, verbs.RATES)
"""What opens or moves the house's money: one of the two people has to be Root."""


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
    def details(self) -> list[tuple[str, str]]:
        """What else is asked for: a label and its text, in the language now."""
        return [details.read(label, text) for label, text in self.arguments.get("details", ())]

    @property
    def snapshot(self) -> snapshots.Snapshot:
        """What it is about, as it was when it was asked for; empty where its arguments say it."""
        return dict(self.arguments.get("snapshot", {}))

    @property
    def excess(self) -> Money | None:
        """By how much it exceeds the total of its order, where somebody chose that."""
        minor = self.snapshot.get("excess")
        return Money(minor, self.currency) if minor else None

    @property
    def emails(self) -> tuple[str, ...]:
        """Who would get the money, as far as the request says it."""
        one = self.arguments.get("email") or self.snapshot.get("email")
        rows = self.arguments.get("rows") or [[one, ""]]
        return tuple(email for email, _ in rows if email)


# Decide


@transactional
def approve(approval_id: str, *, by: Actor) -> Approval:
    """Do what was asked for, in the name of who asked.

    Raises: NotFound, NotAllowed (one's own, another role, no second person, money to oneself),
    Refused (decided already, changed since, or who asked has left), and whatever the action itself
    raises.
    """
    waiting = _undecided(approval_id, by)
    staff.vouching.require_second_person(by, beside=waiting.asked_by_id)
    for email in waiting.emails:
        cards.receivers.require_not_oneself(email, by)
    person = staff.find(waiting.asked_by_id)
    if not person.is_active:
        raise Refused(gettext("Whoever asked for this can no longer sign in. Decline it."))
    if waiting.verb in NEEDS_ROOT and "root" not in (by.role, person.role):
        raise NotAllowed(gettext("One of the two people has to have the role Root."))
    snapshots.require_unchanged(waiting)
    asker = Actor("staff", person.id, person.name, person.role, person.email, approved_by=by.id)
    approved.run(waiting, by=asker)
    return _decide(waiting, APPROVED, by)


@transactional
def decline(approval_id: str, *, by: Actor) -> Approval:
    """Leave it undone. Whoever asked may take it back so themselves.

    Raises: NotFound, NotAllowed (another's, without the role), Refused (decided already).
    """
    waiting = _undecided(approval_id, by, may_be_own=True)
    approved.give_up(waiting, by=by)
    return _decide(waiting, DECLINED, by)


def _undecided(approval_id: str, by: Actor, *, may_be_own: bool = False) -> Approval:
    found = records.one(database.locked(_query().where(models.Approval.id == approval_id)))
    if found.status != WAITING:
        raise Refused(gettext("This is decided: it was {status}.", status=found.status))
    if found.verb == verbs.RESET and found.subject == by.id and not may_be_own:
        raise NotAllowed(gettext("This is about your own account. Ask another person."))
    is_own = found.asked_by_id == by.id
    if is_own and not may_be_own:
        raise NotAllowed(gettext("Nobody approves their own. Ask another person."))
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
    if found.verb in NOTED:
        outcome = status if decider else "taken back"
        text = f"The gift card of {found.amount} was {outcome} by {by.name}."
        notes.add(order_of(found.verb, found.subject), text)
    return find(found.id)


# Read


IS_WAITING = models.Approval.status == WAITING


def _query() -> peewee.ModelSelect:
    asker, decider = Staff.alias(), Staff.alias()
    found = records.select(
        Approval, models.Approval, asked_by_name=asker.name, decided_by_name=decider.name
    )
    found = found.join(asker, on=models.Approval.asked_by == asker.id).switch(models.Approval)
    return found.join(decider, peewee.JOIN.LEFT_OUTER, on=models.Approval.decided_by == decider.id)


def find(approval_id: str) -> Approval:
    """The approval with this id.

    Raises: NotFound.
    """
    return records.one(_query().where(models.Approval.id == approval_id))


def waiting(*, limit: int = 100) -> list[Approval]:
    """What waits, longest first."""
    found = _query().where(IS_WAITING).order_by(models.Approval.asked_at)
    return list(found.limit(limit))


def decided(*, limit: int = 50) -> list[Approval]:
    """What was decided last, newest first."""
    found = _query().where(~IS_WAITING).order_by(models.Approval.id.desc())
    return list(found.limit(limit))


def waiting_for(campaign_id: str) -> list[Approval]:
    """What waits of a campaign's money paths and keys, longest first."""
    return [each for each in waiting() if each.arguments.get("campaign") == campaign_id]


def at_counter(campaign_id: str, *, since: datetime) -> list[Approval]:
    """What was asked for at a campaign's counter, newest first: what waits, and what was decided
    since.
    """
    is_shown = IS_WAITING | (models.Approval.decided_at >= since)
    found = _query().where(models.Approval.verb.in_(verbs.AT_COUNTER), is_shown)
    every = found.order_by(models.Approval.id.desc())
    return [each for each in every if each.arguments["counter"] == campaign_id]


def place_of(found: Approval) -> tuple[str, str]:
    """(kind, key) of the page it is about: a card's id, an order's number, or nothing."""
    if found.verb in ON_AN_ORDER:
        return "order", str(orders.find(order_of(found.verb, found.subject)).number)
    if "campaign" in found.arguments:
        return "campaign", found.arguments["campaign"]
    return ("gift_card", found.subject) if found.verb in ON_A_CARD else ("", "")


def order_of(verb: str, subject: str) -> str:
    """The id of the order that a request is about: its subject, or that of the payment it names."""
    return subject if verb == verbs.ORDER_CARD else payments.find(subject).order_id
