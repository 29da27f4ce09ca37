"""What a provider tells of by itself, in whatever order and however often."""

import pytest

from giftweb.domain import cards, checkout, desk, notes, orders, payments, refunds
from giftweb.domain.audit.log import SYSTEM
from giftweb.domain.payments.providers import (
    DISPUTE,
    DISPUTE_WON,
    INQUIRY,
    PAYMENT,
    REFUND,
    Notice,
    ProviderRefund,
    Source,
)
from giftweb.errors import Unavailable
from tests.factories import ROOT, amount_of, goods, make_checkout
from tests.orders import gift_card_item

pytestmark = pytest.mark.proves("X24")


@pytest.fixture
def provider(app, provider):
    """Stripe, in this process, for an application that is there."""
    return provider


def paid(*items):
    """An order of 100.00 USD that the provider was asked for."""
    opened = make_checkout(*(items or (goods("100.00 USD"),)), shipping="0.00 USD")
    checkout.setups.open_setup(opened.id, gateway="stripe")
    card = Source(kind="card")
    checkout.charges.start(opened.id, gateway="stripe", source=card, by=SYSTEM)
    return checkout.charges.finish(opened.id, by=SYSTEM)


def payment_of(order):
    (payment,) = payments.of_order(order.id)
    return payment


def tell(order, kind: str, *, amount: str = "100.00 USD", subject: str = "x_1") -> bool:
    notice = Notice(kind, payment_of(order).reference, subject, amount_of(amount))
    return desk.notices.take_in(notice, gateway="stripe")


def texts(order) -> str:
    return " ".join(note.text for note in notes.of(order.id))


@pytest.mark.proves("D21")
def test_a_payment_that_was_processing_is_settled_when_the_provider_says_so(provider):
    provider.outcome = "processing"
    order = paid()
    assert payment_of(order).is_awaited
    assert tell(order, PAYMENT)
    assert payment_of(order).is_awaited
    provider.outcome = ""
    assert tell(order, PAYMENT)
    assert payment_of(order).state == "captured"
    assert orders.find(order.id).paid_at is not None


@pytest.mark.proves("D21")
def test_a_late_failure_cancels_the_order(provider):
    provider.outcome = "processing"
    order = paid()
    provider.outcome = "failed"
    tell(order, PAYMENT)
    assert payment_of(order).state == "cancelled"
    assert orders.find(order.id).status == "cancelled"


def test_a_notice_of_another_shops_payment_changes_nothing(provider):
    notice = Notice(DISPUTE, "pi_unknown", "dp_1", amount_of("1.00 USD"))
    assert not desk.notices.take_in(notice, gateway="stripe")


@pytest.mark.proves("S52")
def test_a_dispute_is_one_chargeback_however_often_it_is_reported(provider):
    order = paid(gift_card_item("100.00 USD"))
    for _ in range(3):
        tell(order, DISPUTE, subject="dp_1")
    assert payment_of(order).charged_back == amount_of("100.00 USD")
    (card,) = orders.sheet(order).purchased
    assert cards.find(card.id).status == "frozen"


def test_two_disputes_take_no_more_than_is_left(provider):
    order = paid()
    tell(order, DISPUTE, amount="60.00 USD", subject="dp_1")
    tell(order, DISPUTE, amount="60.00 USD", subject="dp_2")
    assert payment_of(order).charged_back == amount_of("100.00 USD")
    assert "took $60.00 back, of which $40.00 was left here" in texts(order)


def test_an_inquiry_moves_nothing_and_is_noted(provider):
    order = paid()
    tell(order, INQUIRY)
    assert payment_of(order).charged_back == amount_of("0.00 USD")
    assert "The provider asks about a payment of $100.00" in texts(order)


def test_a_dispute_that_was_won_is_noted_and_frozen_cards_wait_for_a_person(provider):
    order = paid(gift_card_item("100.00 USD"))
    tell(order, DISPUTE)
    tell(order, DISPUTE_WON)
    assert "The dispute was won: the provider paid $100.00 again" in texts(order)
    (card,) = orders.sheet(order).purchased
    assert cards.find(card.id).status == "frozen"


def test_a_refund_that_was_made_at_the_provider_is_recorded_once(provider):
    order = paid(gift_card_item("100.00 USD"))
    provider.made_there.append(
        ProviderRefund("re_1", "", amount_of("100.00 USD"), has_failed=False)
    )
    for _ in range(2):
        tell(order, REFUND)
    assert payment_of(order).refunded == amount_of("100.00 USD")
    (refund,) = payments.refund_values.of_order(order.id)
    assert (refund.status, refund.reference) == ("succeeded", "re_1")
    assert orders.sheet(order).purchased[0].status == "cancelled"
    assert provider.refunds == {}


def test_our_own_refund_is_not_recorded_again(provider):
    order = paid()
    refund = refunds.refund(payment_of(order).id, amount=amount_of("30.00 USD"), by=ROOT)
    refunds.send([refund.id])
    tell(order, REFUND)
    assert payment_of(order).refunded == amount_of("30.00 USD")


def test_a_refund_of_more_than_is_left_is_noted(provider):
    order = paid()
    tell(order, DISPUTE, amount="80.00 USD")
    refund = ProviderRefund("re_1", "", amount_of("50.00 USD"), has_failed=False)
    provider.made_there.append(refund)
    for _ in range(2):
        tell(order, REFUND)
    assert payment_of(order).refunded == amount_of("0.00 USD")
    assert texts(order).count("$50.00 was refunded at the provider") == 1


def test_a_refund_that_came_back_is_noted_once(provider):
    order = paid()
    refund = refunds.refund(payment_of(order).id, amount=amount_of("30.00 USD"), by=ROOT)
    (done,) = refunds.send([refund.id])
    provider.made_there.append(
        ProviderRefund(done.reference, done.id, done.amount, has_failed=True)
    )
    for _ in range(2):
        tell(order, REFUND)
    assert texts(order).count("Send it another way") == 1


def test_while_the_provider_cannot_be_asked_it_is_to_send_the_notice_again(provider):
    order = paid()
    provider.is_silent = True
    with pytest.raises(Unavailable):
        tell(order, REFUND)
