"""What another person approves is exactly what is done, whatever was changed in between."""

from collections.abc import Callable
from dataclasses import dataclass

import pytest

from giftweb.domain import awaited, cards, desk, limits, refunds, staff
from giftweb.domain.audit.log import SYSTEM, Actor
from giftweb.domain.desk import approved, snapshots
from giftweb.errors import Refused
from tests.domain.desk.test_counter import Till
from tests.factories import ROOT, amount_of, goods, limit_to, make_card, make_staff
from tests.orders import gift_card_item, paid_by, place, recharge, signed_in

pytestmark = pytest.mark.proves("X5", "X7")

NEW = "mallory@evil.example"
MUCH = amount_of("300.00 USD")
CHANGED = "has changed since it was asked for"


@dataclass
class Asked:
    """A request that waits; ``change`` is what happens before somebody approves it."""

    by: Actor
    ask: Callable[[], object]
    change: Callable[[], object]


def _rename(card) -> None:
    cards.holder.correct_holder(card.id, email=NEW, name=None, reason="Moved", by=SYSTEM)


def _grow(card) -> None:
    cards.top_up(card.id, amount=MUCH, by=SYSTEM)


def _card_request(verb, change, balance: str = "0.01 USD") -> Asked:
    by, card = signed_in("customer_service"), make_card(balance).card
    return Asked(by, lambda: verb(card.id, by), lambda: change(card))


def _top_up(card_id: str, by: Actor) -> None:
    cards.top_up(card_id, amount=MUCH, note="Prize", by=by)


def _adjust(card_id: str, by: Actor) -> None:
    cards.adjust(card_id, change=MUCH, reason="Typed wrong", by=by)


def _replace(card_id: str, by: Actor) -> None:
    cards.endings.replace_card(card_id, reason="Lost", by=by)


def _correct(card_id: str, by: Actor) -> None:
    cards.holder.correct_holder(
        card_id, email="bea@example.com", name=None, reason="Typed wrong", by=by
    )


def _reveal(card_id: str, by: Actor) -> None:
    cards.holder.reveal(card_id, reason="On the phone", by=by)


def _moved(order) -> None:
    desk.customer_records.edit(
        order.customer_id, email=NEW, name="Ann", reason="Typed wrong", by=SYSTEM
    )


def _order_card() -> Asked:
    by, order = signed_in("customer_service_admin"), place(goods("91.00 USD"))
    more = {"amount": MUCH, "reason": "Late", "may_exceed": True, "by": by}
    payment = paid_by(order, "credit_card")
    return Asked(
        by,
        lambda: desk.order_cards.issue(order.id, **more),
        lambda: refunds.refund(payment.id, by=SYSTEM),
    )


def _receive(change: str) -> Asked:
    by, card = signed_in("finance"), make_card().card
    items = (gift_card_item("300.00 USD"), recharge(card))
    order = place(*items, method="bank_transfer", state="pending")
    changes = {"customer": lambda: _moved(order), "recharged": lambda: _rename(card)}
    payment = paid_by(order, "bank_transfer")
    return Asked(by, lambda: awaited.receive(payment.id, by=by), changes[change])


def _refund(*, as_card: bool) -> Asked:
    by = signed_in("finance")
    order = place(goods("291.00 USD"), method="bank_transfer")
    payment = paid_by(order, "bank_transfer")
    return Asked(
        by,
        lambda: refunds.refund(payment.id, reason="Broken", as_card=as_card, by=by),
        lambda: _moved(order),
    )


def _counter_recharge() -> Asked:
    till, issued = Till(), make_card("5.00 USD")
    return Asked(
        till.by, lambda: till.recharge(issued.code, "300.00 USD"), lambda: _rename(issued.card)
    )


def _counter_return() -> Asked:
    till, issued = Till(), make_card("400.00 USD")
    till.redeem(issued.code, "400.00 USD")
    paid = till.purchase().payment
    return Asked(
        till.by, lambda: till.give_back(paid.id, "300.00 USD"), lambda: _rename(issued.card)
    )


def _reset() -> Asked:
    by, person = signed_in("root"), make_staff("customer_service_admin")
    signed_in("root")
    more = {"role": "root", "reason": "Promoted", "by": ROOT}
    return Asked(
        by,
        lambda: desk.resets.reset_password(person.id, reason="Lost it", by=by),
        lambda: staff.change(person.id, name=person.name, **more),
    )


CASES = {
    "top up, held by another": lambda: _card_request(_top_up, _rename),
    "adjust, held by another": lambda: _card_request(_adjust, _rename),
    "replace, held by another": lambda: _card_request(_replace, _rename, "300.00 USD"),
    "replace, with more on it": lambda: _card_request(_replace, _grow, "150.00 USD"),
    "correct, held by another": lambda: _card_request(_correct, _rename, "300.00 USD"),
    "correct, with more on it": lambda: _card_request(_correct, _grow, "150.00 USD"),
    "reveal, with more on it": lambda: _card_request(_reveal, _grow, "150.00 USD"),
    "order card, beyond the total by more": _order_card,
    "receive, for another customer": lambda: _receive("customer"),
    "receive, a recharge of another's card": lambda: _receive("recharged"),
    "refund as a card, to another customer": lambda: _refund(as_card=True),
    "refund by hand, to another customer": lambda: _refund(as_card=False),
    "counter recharge, held by another": _counter_recharge,
    "counter return, held by another": _counter_return,
    "reset, of another role": _reset,
}


@pytest.fixture(params=CASES, ids=lambda name: name.replace(", ", "-").replace(" ", "_"))
def asked(request) -> Asked:
    limit_to("100.00 USD")
    return CASES[request.param]()


def _ask(asked: Asked) -> desk.approvals.Approval:
    try:
        asked.ask()
    except limits.LimitExceeded as exceeded:
        desk.asking.ask(exceeded, by=asked.by)
    (waiting,) = desk.approvals.waiting()
    return waiting


def test_what_was_changed_meanwhile_is_not_done_and_can_be_asked_for_again(asked):
    other = signed_in("root")
    first = _ask(asked)
    asked.change()
    with pytest.raises(Refused, match=CHANGED):
        desk.approvals.approve(first.id, by=other)
    assert desk.approvals.find(first.id).status == "waiting"
    desk.approvals.decline(first.id, by=other)
    again = _ask(asked)
    assert desk.approvals.approve(again.id, by=other).status == "approved"


def test_what_nobody_has_changed_is_done(asked):
    other = signed_in("root")
    waiting = _ask(asked)
    assert desk.approvals.approve(waiting.id, by=other).status == "approved"


def test_every_verb_that_waits_says_what_it_is_about():
    named = vars(limits.verbs).items()
    verbs = {verb for name, verb in named if name.isupper() and isinstance(verb, str)}
    assert set(snapshots.OF) == set(approved.VERBS) == verbs
