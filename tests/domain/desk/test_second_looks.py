"""What another person has to look at: a code above a limit, money sent back by hand, the reset of
somebody who approves, and where the money of a new campaign goes.
"""

from dataclasses import replace

import pytest

from giftweb import clock
from giftweb.domain import campaigns, cards, desk, payments, refunds, staff
from giftweb.domain.audit.log import SYSTEM, Actor
from giftweb.domain.campaigns.settings import Settings
from giftweb.domain.limits import LimitExceeded
from giftweb.errors import Invalid, NotAllowed
from tests.approvals import ask
from tests.factories import amount_of, goods, limit_to, make_card, make_staff
from tests.orders import paid_by, place, signed_in


def waiting() -> desk.approvals.Approval:
    (found,) = desk.approvals.waiting()
    return found


def approve(by: Actor) -> None:
    desk.approvals.approve(waiting().id, by=by)


# Codes


@pytest.mark.proves("X6", "X7")
def test_a_code_above_a_limit_is_shown_once_when_another_person_has_approved_it():
    asker, other = signed_in("customer_service_admin"), signed_in("customer_service_admin")
    card, another = make_card("60.00 USD"), make_card("60.00 USD")
    limit_to("50.00 USD")

    def see(issued=card, by=asker) -> str:
        return cards.holder.reveal(issued.card.id, reason="On the phone", by=by)

    ask(see, by=asker)
    assert (waiting().verb, waiting().amount) == ("reveal", amount_of("60.00 USD"))
    approve(other)
    with pytest.raises(LimitExceeded):
        see(by=other)
    with pytest.raises(LimitExceeded):
        see(another)
    assert see() == card.code
    with pytest.raises(LimitExceeded):
        see()


@pytest.mark.proves("X6", "X7")
def test_what_was_approved_is_over_after_a_day():
    asker, other = signed_in("customer_service_admin"), signed_in("root")
    card = make_card("60.00 USD")
    limit_to("50.00 USD")
    ask(lambda: cards.holder.reveal(card.card.id, reason="x", by=asker), by=asker)
    approve(other)
    with clock.moved(cards.holder.ALLOWED_FOR), pytest.raises(LimitExceeded):
        cards.holder.reveal(card.card.id, reason="x", by=asker)


@pytest.mark.proves("X6", "X7")
def test_a_code_that_was_approved_is_not_shown_once_more_is_on_its_card():
    asker, other = signed_in("customer_service_admin"), signed_in("root")
    card = make_card("60.00 USD").card
    limit_to("50.00 USD")
    ask(lambda: cards.holder.reveal(card.id, reason="x", by=asker), by=asker)
    approve(other)
    cards.top_up(card.id, amount=amount_of("0.01 USD"), by=SYSTEM)
    with pytest.raises(LimitExceeded):
        cards.holder.reveal(card.id, reason="x", by=asker)


# Money by hand


@pytest.mark.proves("X7")
def test_money_that_is_sent_back_by_hand_waits_above_the_limit_and_counts_below_it():
    asker, other = signed_in("finance"), signed_in("root")
    limit_to("50.00 USD")
    order = place(goods("91.00 USD"), method="bank_transfer")
    payment = paid_by(order, "bank_transfer")
    ask(lambda: refunds.refund(payment.id, reason="Broken", by=asker), by=asker)
    assert payments.find(payment.id).refunded.minor == 0
    assert waiting().verb == "refund_by_hand"
    assert desk.approvals.place_of(waiting()) == ("order", str(order.number))
    approve(other)
    assert payments.find(payment.id).refunded == amount_of("100.00 USD")


@pytest.mark.proves("X7")
def test_what_goes_back_to_a_card_or_through_a_provider_counts_for_nobody():
    asker = signed_in("customer_service")
    limit_to("0.00 USD")
    card = make_card("50.00 USD")
    order = place(goods("91.00 USD"), cards=[card])
    refunds.refund_all(order.id, by=asker)
    transfer = place(goods("91.00 USD"), method="bank_transfer", is_test=True)
    refunds.refund_all(transfer.id, by=asker)


# Accounts


def reset(person, by, *, factors: bool) -> bool:
    verb = desk.resets.reset_factors if factors else desk.resets.reset_password
    return verb(person.id, reason="Lost it", by=by)


@pytest.mark.proves("X8")
@pytest.mark.parametrize("factors", [True, False])
def test_the_reset_of_an_approver_takes_two_others(factors, mailbox):
    asker, third, person = signed_in("root"), signed_in("root"), make_staff("root")
    assert reset(person, asker, factors=factors)
    assert staff.vouching.approves_from(person.id) is None
    assert "staff.reset_asked" in [mail.data["what"] for mail in mailbox.to(third.email)]
    with pytest.raises(NotAllowed):
        approve(Actor("staff", person.id, person.name, person.role, person.email))
    with pytest.raises(NotAllowed):
        approve(asker)
    approve(third)
    assert staff.vouching.approves_from(person.id) is not None


@pytest.mark.proves("X8")
def test_whoever_approves_nothing_and_a_house_of_two_wait_for_nobody():
    asker = signed_in("root")
    assert not reset(make_staff("customer_service"), asker, factors=False)
    assert not reset(make_staff("customer_service_admin"), asker, factors=False)
    make_staff("customer_service_admin")
    with pytest.raises(Invalid):
        desk.resets.reset_password(make_staff("root").id, reason=" ", by=asker)


# Campaigns

PLAIN = Settings(name="Sea", currency="USD", origins=("https://shop.example",))
PAYING = replace(PLAIN, bank_details="Mallory, 7", issue_after_sales=True)
PAYING = replace(PAYING, absolute_on=True, absolute_minor=999900)


@pytest.mark.proves("X5")
def test_where_a_new_campaigns_money_goes_waits_for_a_second_person():
    root = signed_in("root")
    made, waits = desk.money_paths.create(PAYING, by=signed_in("marketing"))
    assert waits
    assert (made.bank_details, made.issue_after_sales) == ("", False)
    assert made.origins == PLAIN.origins
    approve(root)
    after = campaigns.find(made.id)
    assert (after.bank_details, after.absolute_minor) == ("Mallory, 7", 999900)


@pytest.mark.proves("X5")
def test_a_new_campaign_without_money_and_a_house_of_one_wait_for_nobody():
    alone = signed_in("root")
    made, waits = desk.money_paths.create(PAYING, by=alone)
    assert (waits, made.bank_details) == (False, "Mallory, 7")
    signed_in("root")
    assert not desk.money_paths.create(PLAIN, by=alone)[1]
    assert desk.money_paths.create(PAYING, by=alone)[1]
