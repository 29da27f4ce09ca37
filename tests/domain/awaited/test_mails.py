"""What the customer reads while a payment is awaited, and when it has come or never does (D21)."""

from datetime import timedelta

import pytest

from giftweb import days
from giftweb.domain import awaited, outbox
from giftweb.domain.mail.letters import gather
from giftweb.web import mail
from tests.factories import AGENT, make_campaign
from tests.orders import gift_card_item, paid_by, place

ACCOUNT = "First Coast Bank"


def awaited_order(**terms):
    campaign = make_campaign(bank_details=ACCOUNT, **terms)
    return place(
        gift_card_item("50.00 USD"),
        shipping="0.00 USD",
        method="bank_transfer",
        state="pending",
        campaign_id=campaign.id,
    )


def text_of(app, kind: str) -> str:
    """The newest mail of a kind, as it would go out now, in both its forms."""
    found = [each for each in outbox.mails.of_address("ann@example.com") if each.kind == kind]
    with app.app_context():
        written = mail.letters.write(gather(found[0]))
    assert "None" not in written.html + written.text
    return " ".join(f"{written.subject} {written.text}".split())


@pytest.mark.proves("D21", "I29")
def test_the_confirmation_says_what_is_awaited_until_when_and_where_to_pay(app):
    order = awaited_order(payment_days=7)
    last_day = days.day_text(paid_by(order, "bank_transfer").pay_by)
    text = text_of(app, "order_confirmation")
    assert f"We wait for your payment of $50.00 until {last_day}." in text
    assert "Gift cards that you bought are made when it has come." in text
    assert f"Name {order.reference} in the transfer." in text
    awaited.receive(paid_by(order, "bank_transfer").id, by=AGENT)
    assert "We wait" not in text_of(app, "order_confirmation")


@pytest.mark.proves("D21", "I29")
def test_a_receipt_a_reminder_and_a_cancellation_are_mailed(app):
    came = awaited_order()
    awaited.receive(paid_by(came, "bank_transfer").id, by=AGENT)
    received = text_of(app, "payment_received")
    assert f"$50.00 for order {came.number} from Corner Shop has come" in received
    assert f"Thank you. For order {came.number} we have received: $50.00" in received
    waiting = awaited_order(payment_days=7)
    payment = paid_by(waiting, "bank_transfer")
    awaited.remind(payment.id)
    reminder = text_of(app, "payment_reminder")
    assert f"until the end of {days.day_text(payment.pay_by)}; after that" in reminder
    assert ACCOUNT in reminder
    awaited.cancel(payment.id, by=AGENT)
    cancelled = text_of(app, "order_cancelled")
    assert f"Order {waiting.number} from Corner Shop is cancelled" in cancelled
    assert "We have not received $50.00 (Bank transfer), so order" in cancelled


@pytest.mark.proves("D21")
def test_the_last_day_is_a_whole_day(app):
    payment = paid_by(awaited_order(payment_days=1), "bank_transfer")
    assert (payment.pay_until - timedelta(days=1)).date() == payment.pay_by
