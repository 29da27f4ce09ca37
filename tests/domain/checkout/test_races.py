"""Two things at once, on one card and on one checkout."""

from functools import partial

import pytest

from giftweb import errors
from giftweb.domain import cards, carts, checkout, desk, payments, refunds
from giftweb.domain.audit.log import SYSTEM
from giftweb.domain.payments.payments import Tender
from tests.factories import AGENT, amount_of, goods, make_card, make_checkout, no_limits
from tests.races import at_once

ROUNDS = 20


def cart_with(code: str, amount: str = "60.00 USD"):
    opened = make_checkout(goods(amount), shipping="0.00 USD")
    return carts.apply(opened.id, code=code)


@pytest.mark.proves("I5", "I10", "D3")
def test_one_card_in_two_carts_never_gives_more_than_it_has():
    for _ in range(ROUNDS):
        card = make_card("100.00 USD")
        both = [cart_with(card.code) for _ in range(2)]
        results = at_once(*[partial(checkout.authorise, cart.id, by=SYSTEM) for cart in both])
        losers = [each for each in results if isinstance(each, Exception)]
        assert [type(loser) for loser in losers] == [errors.InsufficientBalance]
        loser = both[results.index(losers[0])]
        after = carts.reallocate(loser.id)
        assert str(after.paid_by_cards) == "40.00 USD"
        rest = [Tender(method="cash", amount=amount_of("20.00 USD"), state="captured")]
        checkout.capture(loser.id, tenders=rest, by=SYSTEM)
        assert str(cards.find(card.card.id).available) == "0.00 USD"


@pytest.mark.proves("I11", "I27")
def test_one_checkout_captured_by_two_is_placed_once():
    for _ in range(ROUNDS):
        card = make_card("100.00 USD")
        cart = cart_with(card.code)
        results = at_once(*[partial(checkout.capture, cart.id, tenders=[], by=SYSTEM)] * 3)
        refused = [each for each in results if isinstance(each, errors.CheckoutClosed)]
        assert len(refused) == 2
        assert str(cards.find(card.card.id).balance) == "40.00 USD"


@pytest.mark.proves("I11")
def test_captured_and_voided_at_once_ends_one_way():
    for _ in range(ROUNDS):
        card = make_card("100.00 USD")
        cart = cart_with(card.code)
        checkout.authorise(cart.id, by=SYSTEM)
        at_once(
            partial(checkout.capture, cart.id, tenders=[], by=SYSTEM),
            partial(checkout.void, cart.id, by=SYSTEM),
        )
        left = str(cards.find(card.card.id).available)
        assert left in ("40.00 USD", "100.00 USD")


@pytest.mark.proves("I16")
def test_two_refunds_at_once_never_exceed_the_payment():
    for _ in range(ROUNDS):
        card = make_card("100.00 USD")
        order = checkout.capture(cart_with(card.code).id, tenders=[], by=SYSTEM)
        payment = payments.of_order(order.id)[0]
        part = amount_of("40.00 USD")
        results = at_once(*[partial(refunds.refund, payment.id, amount=part, by=SYSTEM)] * 2)
        refused = [each for each in results if isinstance(each, Exception)]
        assert [type(each) for each in refused] == [errors.RefundExceedsPayment]
        assert str(cards.find(card.card.id).balance) == "80.00 USD"


@pytest.mark.proves("S8", "I23")
def test_two_agents_cannot_pass_the_order_total_together():
    no_limits()
    for _ in range(ROUNDS):
        opened = make_checkout(goods("50.00 USD"), shipping="0.00 USD")
        paid = [Tender(method="cash", amount=amount_of("50.00 USD"), state="captured")]
        order = checkout.capture(opened.id, tenders=paid, by=SYSTEM)
        amount = amount_of("30.00 USD")
        results = at_once(
            *[partial(desk.order_cards.issue, order.id, amount=amount, by=AGENT, reason="late")] * 2
        )
        refused = [each for each in results if isinstance(each, Exception)]
        assert [type(each) for each in refused] == [errors.OrderTotalExceeded]
