"""A process that is killed at any step of a verb: all of it is there, or nothing.

``tests/test_soak.py`` kills the web processes at random; here every statement is the last one once.
"""

import os
import signal
from collections.abc import Callable

import pytest

from giftweb import database
from giftweb.domain import audit, cards, carts, checkout, refunds
from giftweb.domain.audit.log import SYSTEM
from giftweb.models import GiftCard
from tests.factories import AGENT, goods, make_campaign, make_card, make_checkout, no_limits
from tests.orders import place

STEPS = ("begin", "execute_sql", "send", "commit")
MANY = 400


def survives(verb: Callable[[], object], *, steps: int) -> bool:
    """Do it in a process that is killed before its step of this number, or after its last."""
    database.close()
    child = os.fork()
    if child == 0:
        try:
            _die_after(steps)
            verb()
        finally:
            os._exit(0)
    return os.waitpid(child, 0)[1] == 0


def _die_after(steps: int) -> None:
    handle, left = database.db.obj, steps

    def count() -> None:
        nonlocal left
        left -= 1
        if left == 0:
            os.kill(os.getpid(), signal.SIGKILL)

    def counted(step: Callable) -> Callable:
        def take(*args, **more):
            count()
            done = step(*args, **more)
            if step.__name__ == "commit":
                count()
            return done

        return take

    for name in STEPS:
        if hasattr(handle, name):
            setattr(handle, name, counted(getattr(handle, name)))


def buy() -> tuple[Callable, Callable]:
    """Place an order with a held card, a bonus and a tender; what tells that it is there."""
    card = make_card("50.00 USD")
    shop = make_campaign(issue_after_sales=True, relative_hundredths=1000)
    opened = make_checkout(goods("30.00 USD"), shipping="0.00 USD", campaign_id=shop.id)
    carts.apply(opened.id, code=card.code)
    checkout.authorise(opened.id, by=SYSTEM)

    def state() -> tuple:
        placed = database.scalar("SELECT COUNT(*) FROM orders WHERE checkout_id = ?", opened.id)
        found = cards.find(card.card.id)
        return (placed, found.balance_minor, found.held_minor)

    return lambda: checkout.capture(opened.id, tenders=[], by=SYSTEM), state


def give_back() -> tuple[Callable, Callable]:
    """Refund everything of an order that a card and another tender paid."""
    card = make_card("50.00 USD")
    order = place(goods("91.00 USD"), cards=[card])

    def state() -> tuple:
        status = database.scalar("SELECT status FROM orders WHERE id = ?", order.id)
        count = database.scalar("SELECT COUNT(*) FROM refund WHERE order_id = ?", order.id)
        return (status, count, cards.find(card.card.id).balance_minor)

    return lambda: refunds.refund_all(order.id, by=AGENT), state


def replace() -> tuple[Callable, Callable]:
    """Give a card a new code."""
    card = make_card("50.00 USD").card

    def state() -> tuple:
        found = cards.find(card.id)
        new = list(cards.select().where(GiftCard.replaces_id == card.id))
        return (found.status, found.balance_minor, sum(each.balance_minor for each in new))

    no_limits()
    return lambda: cards.endings.replace_card(card.id, by=AGENT), state


@pytest.mark.proves("I31", "I25", "I29")
@pytest.mark.parametrize(
    ("prepare", "before", "after"),
    [
        (buy, (0, 5000, 3000), (1, 2000, 0)),
        (give_back, ("placed", 0, 0), ("shipping_denied", 2, 5000)),
        (replace, ("active", 5000, 0), ("replaced", 0, 5000)),
    ],
)
def test_a_process_killed_at_any_step_leaves_all_or_nothing(prepare, before, after):
    seen = []
    for steps in range(1, MANY):
        verb, state = prepare()
        if survives(verb, steps=steps):
            assert state() == after
            break
        seen.append(state())
        assert seen[-1] in (before, after)
        if seen[-1] == before:
            verb()
            assert state() == after
    assert set(seen) == {before, after}
    assert seen == sorted(seen, key=lambda each: each == after)
    assert not audit.checks.run()
