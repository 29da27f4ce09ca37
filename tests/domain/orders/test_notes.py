"""An order's notes say who did what, for how much and why (E29)."""

import pytest

from giftweb.domain import awaited, desk, notes, refunds
from giftweb.domain.audit.log import SYSTEM
from tests.factories import AGENT, amount_of
from tests.orders import gift_card_item, notes_of, paid_by, place, sheet

pytestmark = pytest.mark.proves("E29", "S5")


def test_a_refund_says_who_made_it_and_why_in_the_words_of_the_page():
    order = place()
    payment = paid_by(order, "credit_card")
    refunds.refund(payment.id, amount=amount_of("20.00 USD"), reason="Came late.", by=AGENT)
    assert "$20.00 paid by credit card was refunded by Amy Agent: Came late." in notes_of(order)
    refunds.refund(payment.id, amount=amount_of("5.00 USD"), by=SYSTEM)
    assert "$5.00 paid by credit card was refunded." in notes_of(order)


def test_what_is_done_to_an_order_names_whoever_did_it():
    order = place()
    desk.orders.ship(order.id, tracking="TR-1", by=AGENT)
    assert "The order was marked shipped by Amy Agent. Tracking: TR-1." in notes_of(order)
    desk.orders.unship(order.id, by=AGENT)
    assert "The order was marked not shipped after all by Amy Agent." in notes_of(order)
    payment = paid_by(order, "credit_card")
    desk.orders.charge_back(
        order.id, payment_id=payment.id, amount=amount_of("10.00 USD"), by=AGENT
    )
    assert "A chargeback of $10.00 was recorded by Amy Agent." in notes_of(order)


def test_an_awaited_payment_and_a_deleted_card_name_who_and_why():
    order = place(method="bank_transfer", state="pending")
    awaited.cancel(paid_by(order, "bank_transfer").id, by=AGENT, reason="Never came")
    assert "was not received, recorded by Amy Agent: Never came." in notes_of(order)
    order = place(gift_card_item("50.00 USD"))
    (card,) = sheet(order).purchased
    desk.card_withdrawal.delete(order.id, card_id=card.id, reason="Bought twice", by=AGENT)
    assert f"•••• {card.last4} of $50.00 was deleted by Amy Agent: Bought twice." in notes_of(order)


def test_no_note_writes_an_amount_in_another_way_than_the_page():
    order = place(gift_card_item("50.00 USD"), method="bank_transfer", state="pending")
    awaited.receive(paid_by(order, "bank_transfer").id, by=AGENT)
    refunds.refund_all(order.id, reason="Returned", by=AGENT)
    texts = [note.text for note in notes.of(order.id)]
    assert [text for text in texts if " USD" in text] == []
    assert len([text for text in texts if "$" in text]) > 2
