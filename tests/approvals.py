"""What is above a limit, and asked of another person."""

from collections.abc import Callable
from typing import Any

import pytest

from giftweb.domain import cards, desk
from giftweb.domain.audit.log import Actor
from giftweb.domain.cards.values import Card
from giftweb.domain.desk.approvals import Approval
from giftweb.domain.limits import LimitExceeded
from tests.factories import amount_of


def ask(verb: Callable[[], Any], *, by: Actor) -> str:
    """Try it, and keep what is above a limit, as the desk's pages do; the sentence."""
    with pytest.raises(LimitExceeded) as refused:
        verb()
    return desk.asking.ask(refused.value, by=by)


def ask_for_top_up(card: Card, amount: str, *, by: Actor, reason: str = "Prize") -> Approval:
    """A recharge above the limit; the request that waits for another person."""
    more = amount_of(amount)
    ask(lambda: cards.top_up(card.id, amount=more, note=reason, by=by), by=by)
    return desk.approvals.waiting()[-1]
