"""Money that a person sends back is a task until it was sent, and may turn out not to go."""

import pytest

from giftweb.domain import desk, orders, outbox, payments, refunds
from giftweb.errors import Refused
from tests.factories import AGENT, amount_of
from tests.orders import gift_card_item, notes_of, paid_by, place, sheet


def paid_by_transfer(*items):
    return place(*items, method="bank_transfer", paid_as="W-1", shipping="0.00 USD")


def mails_about_refunds() -> int:
    return sum(each.kind == "refund" for each in outbox.mails.of_address("ann@example.com"))


def to_send() -> list[tuple[str, str]]:
    work = desk.work_list.waiting(["refund_to_send", "refund_requested"])
    return [(kind, task.subject) for kind, tasks in work.tasks.items() for task in tasks]


@pytest.mark.proves("E1", "S46", "I29")
@pytest.mark.parametrize("method", ["bank_transfer", "cash", "offline"])
def test_a_refund_by_hand_is_a_task_until_it_was_sent(method):
    order = place(method=method, paid_as="W-1")
    refund = refunds.refund(paid_by(order, method).id, by=AGENT)
    assert (refund.status, to_send()) == ("requested", [("refund_to_send", refund.id)])
    assert mails_about_refunds() == 0
    assert "is to be sent back, as asked by Amy Agent." in notes_of(order)
    assert "was refunded." not in notes_of(order)
    for _ in range(2):
        refunds.confirm(refund.id, succeeded=True, reference="B-7", by=AGENT)
    settled = payments.refund_values.find(refund.id)
    assert (settled.status, settled.reference, to_send()) == ("succeeded", "B-7", [])
    assert mails_about_refunds() == 1
    assert "was returned." in notes_of(order)
    with pytest.raises(Refused, match="has another result already"):
        refunds.confirm(refund.id, succeeded=False, by=AGENT)


@pytest.mark.proves("E11", "S73")
def test_a_refund_that_could_not_be_sent_says_what_stays_withdrawn_and_can_be_made_again():
    order = paid_by_transfer(gift_card_item("50.00 USD"))
    (bought,) = sheet(order).purchased
    payment = paid_by(order, "bank_transfer")
    refund = refunds.refund(payment.id, by=AGENT)
    refunds.confirm(refund.id, succeeded=False, problem="The account is closed.", by=AGENT)
    assert "The refund of $50.00 failed: The account is closed. " in notes_of(order)
    assert f"Gift card •••• {bought.last4} stays cancelled. The order stays cancelled." in notes_of(
        order
    )
    assert mails_about_refunds() == 0
    assert str(payments.find(payment.id).left) == "50.00 USD"
    assert desk.work_list.waiting(["refund_failed"]).count == 1
    again = refunds.refund(payment.id, by=AGENT)
    refunds.confirm(again.id, succeeded=True, by=AGENT)
    assert desk.work_list.waiting().count == 0


@pytest.mark.proves("E11")
def test_a_failed_part_says_nothing_of_what_was_not_withdrawn():
    order = paid_by_transfer()
    payment = paid_by(order, "bank_transfer")
    part = refunds.refund(payment.id, amount=amount_of("5.00 USD"), by=AGENT)
    refunds.confirm(part.id, succeeded=False, by=AGENT)
    assert notes_of(order).endswith("The refund of $5.00 failed: it could not be returned.")
    assert orders.find(order.id).status == "placed"
