"""A small rest paid out in cash, where the law gives its holder that right (B27, D15)."""

from giftweb import days
from giftweb.database import transactional
from giftweb.domain import audit, law, limits, time_zones
from giftweb.domain.audit.log import Actor
from giftweb.domain.cards import lifecycle, locking, receivers, refusals, values
from giftweb.domain.cards.values import Card, Line
from giftweb.domain.ledger.transfers import CARD, Movement
from giftweb.domain.limits import Gift
from giftweb.errors import CardInUse, CardNotUsable, Refused

_GIVEN = frozenset({"goodwill", "promotions"})


class NoCashOut(Refused):
    """No rule of the law that this card's campaign keeps pays out a rest of this size."""

    code = "cash_out_not_due"


def rule_for(card: Card) -> law.CashOut | None:
    """The rule by which the rest of the card is paid out today; None when none does.

    Money that was given, and never paid for, is no rest of a sold card.
    """
    if all(part.source in _GIVEN for part in card.funding):
        return None
    today = days.today(time_zones.of_campaign(card.campaign_id))
    return law.rules.cash_out_of(law.of_campaign(card.campaign_id), card.balance, on=today)


@transactional
def cash_out(card_id: str, *, by: Actor, reason: str | None = None) -> Line:
    """Pay the whole rest of a card out: its money leaves the card, the holder has it in cash.

    Raises: NotFound, CardNotUsable (not active), CardInUse (an order holds some of it), NoCashOut,
    NotAllowed (one's own card), LimitExceeded.
    """
    locked = locking.lock_one(card_id)
    card = locked.card
    if card.status != values.ACTIVE:
        raise CardNotUsable(refusals.unusable(card.status))
    if locked.position.held_minor:
        raise CardInUse
    rule = rule_for(card)
    if rule is None:
        raise NoCashOut
    receivers.require_not_oneself(card.holder_email, by)
    limits.require([Gift(amount=card.balance, email=None, is_test=card.is_test)], by=by)
    audit_id = audit.record(
        by=by,
        action="gift_card.cashed_out",
        subject=card_id,
        reason=reason,
        data={
            "amount": card.balance_minor,
            "currency": card.currency,
            "rule": f"{rule.rule.name}, {rule.rule.citation}",
        },
        is_test=card.is_test,
    )
    movement = Movement("cash_out", CARD, "cash_out", card.balance_minor, audit_id)
    after, transfer_id = locking.move(locked, movement)
    return lifecycle.line_of(after, locked, transfer_id, "cash_out")
