"""What one person may do alone, as the database keeps it where a verb would forget it."""

import peewee
import pytest

from giftweb.database import constraints, guards
from giftweb.domain import audit, cards, desk
from giftweb.errors import Refused
from tests import approvals
from tests.domain.desk.test_counter import Till
from tests.factories import make_card
from tests.orders import signed_in
from tests.races import at_once

pytestmark = pytest.mark.proves("X6", "X7")


def refused_by(verb) -> str:
    """The name of the guard that stops a verb."""
    with pytest.raises(peewee.IntegrityError) as refused:
        verb()
    return constraints.name_of(refused.value)


def breaches() -> list[str]:
    return [breach.check for breach in audit.checks.run() if breach.check.startswith("B")]


@pytest.mark.proves("B21")
def test_nothing_is_given_back_at_a_counter_that_was_not_counted(monkeypatch):
    till = Till()
    till.redeem(make_card().code, "20.00 USD")
    till.sell("30.00 USD")
    found = till.purchase().payment.id
    with monkeypatch.context() as forgetful:
        forgetful.setattr(desk.counter.limits, "require", lambda *_, **__: None)
        name = refused_by(lambda: till.give_back(found))
    assert name == "counter_entry_is_counted_if_it_gives_back"
    till.give_back(found)
    till.give_back(found, "15.00 USD")
    assert breaches() == []


@pytest.mark.proves("B21")
def test_what_another_person_approved_at_a_counter_need_not_be_counted():
    till = Till()
    till.redeem(make_card("300.00 USD").code, "300.00 USD")
    found = till.purchase().payment.id
    approvals.ask(lambda: till.give_back(found, "250.00 USD"), by=till.by)
    desk.approvals.approve(desk.approvals.waiting()[0].id, by=signed_in("root"))
    till.give_back(found, "50.00 USD")
    assert breaches() == []


@pytest.mark.proves("B25")
@pytest.mark.parametrize("whose", ["another", "nobody", "own"])
def test_staff_put_together_what_one_other_person_holds(monkeypatch, whose):
    by = signed_in("customer_service")
    monkeypatch.setattr(cards.merging, "_require_one_holder", lambda *_: None)
    holder = {"another": "bea@example.com", "nobody": None, "own": by.email}[whose]
    first = make_card("1.00 USD", holder=holder if whose == "own" else "ann@example.com")
    other = make_card("1.00 USD", holder=holder, source="sales")
    both = [first.card.id, other.card.id]
    name = refused_by(lambda: cards.merging.merge(both, by=by))
    assert name == "gift_card_is_merged_for_its_holder"
    # Whoever has the codes of cards may put together what several people hold.
    customer = audit.log.Actor(kind="customer", id="cus_1", name="Ann")
    assert cards.merging.merge(both, by=customer).card.balance_minor == 200
    assert breaches() == []


@pytest.mark.proves("B15")
def test_two_requests_at_once_are_not_one_too_many(monkeypatch):
    monkeypatch.setattr(desk.asking, "MOST_WAITING", 3)
    agent, card = signed_in("customer_service"), make_card().card
    for amount in ("101.00 USD", "102.00 USD"):
        approvals.ask_for_top_up(card, amount, by=agent)

    def ask(cents: int) -> None:
        approvals.ask_for_top_up(card, f"103.{cents:02} USD", by=agent)

    outcomes = at_once(*(lambda cents=cents: ask(cents) for cents in range(6)))
    assert sum(isinstance(each, Refused) for each in outcomes) == 5
    assert len(desk.approvals.waiting()) == 3


@pytest.mark.proves("B15")
def test_the_database_lets_as_many_wait_as_the_verb_does(monkeypatch):
    agent, card = signed_in("customer_service"), make_card().card
    monkeypatch.setattr(desk.asking, "MOST_WAITING", guards.MOST_WAITING + 1)
    for cents in range(guards.MOST_WAITING):
        approvals.ask_for_top_up(card, f"101.{cents:02} USD", by=agent)
    one_more = refused_by(lambda: approvals.ask_for_top_up(card, "102.00 USD", by=agent))
    assert one_more == "approval_waits_with_few"
    approvals.ask_for_top_up(card, "102.00 USD", by=signed_in("customer_service"))
    assert breaches() == []
