"""What at the counter is above a cashier's limit: another person is asked, and then it is done."""

import pytest

from giftweb import models
from giftweb.domain import cards, desk, outbox
from giftweb.domain.limits import LimitExceeded
from giftweb.errors import Invalid, NotAllowed
from tests.approvals import ask
from tests.domain.desk.test_counter import Till, balance, stock_card
from tests.factories import amount_of, make_card
from tests.orders import signed_in

pytestmark = pytest.mark.proves("B21", "X5")

MUCH = "300.00 USD"


@pytest.fixture
def till() -> Till:
    return Till()


def approved(till: Till) -> None:
    """The only request of the counter is approved, in the name of the cashier."""
    (waiting,) = desk.approvals.waiting()
    assert (waiting.asked_by_id, str(waiting.amount)) == (till.by.id, MUCH)
    assert "receipt" in str(waiting.reason)
    desk.approvals.approve(waiting.id, by=signed_in("customer_service_admin"))


def test_a_large_sale_is_mailed_and_entered_once_it_is_approved(till):
    assert "waits" in ask(lambda: till.sell(MUCH, email="eva@example.com"), by=till.by)
    assert till.sums() == {}
    approved(till)
    assert till.sums() == {"sold": MUCH}
    (entry,) = till.day().entries
    assert (entry.staff_id, entry.receipt, entry.kind) == (till.by.id, "S-1", "sold")
    assert outbox.mails.of_address("eva@example.com")[0].card_id == entry.card_id
    assert cards.find(entry.card_id).source == "sales"


def test_a_large_sale_needs_an_address(till):
    with pytest.raises(Invalid, match="Enter an address") as refused:
        till.sell(MUCH)
    assert [field for field, _ in refused.value.errors] == ["email"]
    assert desk.approvals.waiting() == []


def test_a_large_recharge_is_done_once_it_is_approved(till):
    issued = make_card("5.00 USD")
    ask(lambda: till.recharge(issued.code, MUCH), by=till.by)
    assert balance(issued) == "5.00 USD"
    approved(till)
    assert balance(issued) == "305.00 USD"
    assert till.sums() == {"recharged": MUCH}
    assert issued.code not in repr(list(models.Approval.select().dicts()))


def test_a_large_activation_is_done_once_it_is_approved(till):
    code = stock_card(till)
    place = {"receipt": "A-1", **till.place}
    ask(lambda: desk.counter.activate(code, amount=amount_of(MUCH), **place), by=till.by)
    assert cards.find_by_code(code).status == "inactive"
    approved(till)
    assert str(cards.find_by_code(code).balance) == MUCH
    assert till.sums() == {"activated": MUCH}


def test_a_large_sum_is_given_back_once_it_is_approved(till):
    issued = make_card("500.00 USD")
    till.redeem(issued.code, "400.00 USD")
    paid = till.purchase().payment
    ask(lambda: till.give_back(paid.id, MUCH), by=till.by)
    assert balance(issued) == "100.00 USD"
    approved(till)
    assert balance(issued) == "400.00 USD"
    assert till.sums() == {"redeemed": "400.00 USD", "given_back": MUCH}


def test_what_is_declined_is_not_done_and_who_asked_takes_it_back(till):
    issued, other = make_card("5.00 USD"), signed_in("cashier")
    ask(lambda: till.recharge(issued.code, MUCH), by=till.by)
    (waiting,) = desk.approvals.waiting()
    for verb in (desk.approvals.approve, desk.approvals.decline):
        with pytest.raises(NotAllowed):
            verb(waiting.id, by=other)
    with pytest.raises(NotAllowed):
        desk.approvals.approve(waiting.id, by=till.by)
    assert desk.approvals.decline(waiting.id, by=till.by).status == "declined"
    assert (balance(issued), till.sums()) == ("5.00 USD", {})


def test_a_counter_knows_what_was_asked_there_and_nowhere_else(till):
    elsewhere, issued = Till(), make_card("5.00 USD")
    ask(lambda: till.recharge(issued.code, MUCH), by=till.by)
    since = till.campaign.created_at
    (found,) = desk.approvals.at_counter(till.campaign.id, since=since)
    assert (found.subject, found.arguments["receipt"]) == (issued.card.id, "T-1")
    assert desk.approvals.at_counter(elsewhere.campaign.id, since=since) == []
    assert desk.approvals.place_of(found) == ("gift_card", issued.card.id)


def test_below_the_limit_nobody_is_asked(till):
    till.sell("200.00 USD")
    with pytest.raises(LimitExceeded):
        till.recharge(make_card().code, "200.01 USD")
    assert desk.approvals.waiting() == []
