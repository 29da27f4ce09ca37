"""A remote provider pays the rest: every gap between two steps, and what becomes of it."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

import pytest

from giftweb import clock, errors
from giftweb.domain import awaited, cards, carts, checkout, desk, orders, payments, refunds
from giftweb.domain.audit.log import SYSTEM
from giftweb.domain.payments.providers import Source
from giftweb.gateways.by_hand import Offline, Shop
from tests.factories import ROOT, amount_of, goods, make_card, make_checkout
from tests.orders import gift_card_item, recharge
from tests.providers import Provider, Unplugged

SIX = amount_of("6.00 USD")
CARD = Source(kind="card")


@pytest.fixture
def provider() -> Iterator[Provider]:
    """The provider in use."""
    found = Provider()
    payments.providers.use_gateways({"shop": Shop(), "offline": Offline(), "stripe": found})
    yield found
    payments.providers.use_gateways({"shop": Shop(), "offline": Offline()})


def cart_with_card():
    card, opened = make_card("40.00 USD"), make_checkout(goods("100.00 USD"), shipping="0.00 USD")
    return card, carts.apply(opened.id, code=card.code)


def start(opened):
    """The shopper names a card and has it charged."""
    checkout.setups.open_setup(opened.id, gateway="stripe")
    return checkout.charges.start(opened.id, gateway="stripe", source=CARD, by=SYSTEM)


def pay(opened):
    start(opened)
    return checkout.charges.finish(opened.id, by=SYSTEM)


def reconcile() -> int:
    """One pass of the worker over what was cut off; how many checkouts and orders there were."""
    abandoned = checkout.claims.abandoned()
    for checkout_id in abandoned:
        checkout.charges.abandon(checkout_id)
    unanswered = checkout.charges.unanswered()
    for order_id in unanswered:
        checkout.charges.capture_pending(order_id)
    return len(abandoned) + len(unanswered)


@contextmanager
def reconciled_after_a_crash(provider, opened, step) -> Iterator[None]:
    """Half an hour after the program died at this step of paying."""
    provider.breaks = step
    with pytest.raises(Unplugged):
        pay(opened)
    provider.breaks = ""
    with clock.moved(timedelta(minutes=30)):
        checkout.lapse(opened.id)
        reconcile()
        assert reconcile() == 0
        yield


def available(card) -> str:
    return str(cards.find(card.card.id).available)


@pytest.mark.proves("X9")
def test_the_card_that_one_shopper_named_never_pays_for_another_ones_cart(provider):
    alices, mallorys = make_checkout(), make_checkout()
    checkout.setups.open_setup(alices.id, gateway="stripe")
    (reference,) = provider.setups
    stolen = Source(kind="card", token=reference)
    with pytest.raises(errors.PaymentMethodRequired):
        checkout.charges.start(mallorys.id, gateway="stripe", source=stolen, by=SYSTEM)
    checkout.setups.open_setup(mallorys.id, gateway="stripe")
    checkout.charges.start(mallorys.id, gateway="stripe", source=stolen, by=SYSTEM)
    assert provider.used == ["seti_2"]


@pytest.mark.proves("X9")
def test_where_no_card_was_named_nothing_is_held(provider):
    card, opened = cart_with_card()
    with pytest.raises(errors.PaymentMethodRequired):
        checkout.charges.start(opened.id, gateway="stripe", source=CARD, by=SYSTEM)
    assert carts.find(opened.id).status == "open"
    assert available(card) == "40.00 USD"


@pytest.mark.proves("S40", "S47")
def test_card_and_provider_pay_together(provider):
    card, opened = cart_with_card()
    sheet = orders.sheet(pay(opened))
    assert [(each.method, str(each.amount), each.status) for each in sheet.payments] == [
        ("gift_card", "40.00 USD", "captured"),
        ("credit_card", "60.00 USD", "captured"),
    ]
    assert provider.charged == 6000
    assert available(card) == "0.00 USD"


def test_finishing_twice_is_one_order(provider):
    _, opened = cart_with_card()
    assert pay(opened).id == checkout.charges.finish(opened.id, by=SYSTEM).id
    assert provider.charged == 6000


def test_declined_the_cards_are_free_and_the_shopper_can_try_again(provider):
    card, opened = cart_with_card()
    provider.declines = True
    with pytest.raises(errors.PaymentDeclined):
        pay(opened)
    assert available(card) == "40.00 USD"
    assert carts.find(opened.id).status == "open"
    provider.declines = False
    assert str(pay(opened).total) == "100.00 USD"
    assert provider.charged == 6000


@pytest.mark.proves("I31")
@pytest.mark.parametrize("step", ["authorise", "before capture", "capture"])
def test_a_crash_after_any_step_never_leaves_a_charge_without_an_order(provider, step):
    card, opened = cart_with_card()
    with reconciled_after_a_crash(provider, opened, step):
        found = carts.find(opened.id)
        if found.order_id is None:
            assert (provider.charged, provider.reserved) == (0, 0)
            assert available(card) == "40.00 USD"
        else:
            assert (provider.charged, provider.reserved) == (6000, 0)
            assert available(card) == "0.00 USD"
        assert found.claim is None


def recharging_cart():
    card = make_card("40.00 USD")
    return card, make_checkout(recharge(card.card), shipping="0.00 USD")


@pytest.mark.proves("B7", "I31")
@pytest.mark.parametrize("step", ["authorise", "before capture", "capture"])
def test_a_crash_after_any_step_leaves_no_charge_without_its_recharge(provider, step):
    card, opened = recharging_cart()
    with reconciled_after_a_crash(provider, opened, step):
        is_placed = carts.find(opened.id).order_id is not None
        assert (provider.charged, provider.reserved) == (2500 if is_placed else 0, 0)
        assert available(card) == ("65.00 USD" if is_placed else "40.00 USD")


@pytest.mark.proves("B7")
def test_a_card_frozen_while_its_holder_pays_costs_them_nothing(provider):
    card, opened = recharging_cart()
    start(opened)
    cards.freeze(card.card.id, by=SYSTEM, reason="lost")
    with pytest.raises(errors.CardNotRechargeable):
        checkout.charges.finish(opened.id, by=SYSTEM)
    assert (provider.charged, provider.reserved) == (0, 0)
    assert carts.find(opened.id).status == "open"
    assert str(cards.find(card.card.id).balance) == "40.00 USD"


@pytest.mark.proves("B7")
def test_the_provider_is_not_even_asked_for_a_card_that_cannot_be_recharged(provider):
    card, opened = recharging_cart()
    cards.freeze(card.card.id, by=SYSTEM, reason="lost")
    with pytest.raises(errors.CardNotRechargeable):
        start(opened)
    assert provider.reserved == 0
    assert carts.find(opened.id).status == "open"


def test_an_abandoned_payment_is_released_with_the_cards(provider):
    card, opened = cart_with_card()
    start(opened)
    assert provider.reserved == 6000
    with clock.moved(timedelta(minutes=30)):
        checkout.lapse(opened.id)
        reconcile()
        assert provider.reserved == 0
        assert available(card) == "40.00 USD"
        with pytest.raises(errors.DomainError):
            checkout.charges.finish(opened.id, by=SYSTEM)
    assert provider.charged == 0


def test_a_crash_while_giving_up_is_made_good(provider):
    card, opened = cart_with_card()
    start(opened)
    provider.breaks = "void"
    with pytest.raises(Unplugged):
        checkout.charges.abandon(opened.id)
    provider.breaks = ""
    assert available(card) == "40.00 USD"
    assert reconcile() == 1
    assert carts.find(opened.id).claim is None
    assert str(pay(opened).total) == "100.00 USD"
    assert (provider.charged, provider.reserved) == (6000, 0)


def test_a_provider_that_is_silent_is_asked_again(provider):
    _, opened = cart_with_card()
    provider.is_silent = True
    order = pay(opened)
    assert orders.sheet(order).payments[1].status == "pending"
    provider.is_silent = False
    with clock.moved(timedelta(minutes=5)):
        reconcile()
    assert orders.sheet(order).payments[1].status == "captured"
    assert provider.charged == 6000


@pytest.mark.proves("D21", "I34")
@pytest.mark.parametrize("outcome", ["", "failed"])
def test_an_order_whose_provider_is_processing_is_awaited_and_asked_about_again(provider, outcome):
    opened = make_checkout(gift_card_item("60.00 USD"), shipping="0.00 USD")
    provider.outcome = "processing"
    order = pay(opened)
    assert orders.sheet(order).payment_status == "awaited"
    assert orders.sheet(order).purchased == ()
    provider.outcome = outcome
    with clock.moved(timedelta(minutes=5)):
        reconcile()
    after = orders.sheet(orders.find(order.id))
    assert after.payment_status == ("cancelled" if outcome else "paid")
    assert after.order.status == ("cancelled" if outcome else "placed")
    assert len(after.purchased) == (0 if outcome else 1)


@pytest.mark.proves("D21", "I29")
def test_nobody_settles_a_payment_that_its_provider_still_has_to_answer_for(provider):
    opened = make_checkout(gift_card_item("60.00 USD"), shipping="0.00 USD")
    provider.outcome = "processing"
    order = pay(opened)
    payment = orders.sheet(order).payments[0]
    for verb in (awaited.receive, awaited.cancel):
        with pytest.raises(errors.PaymentNotAwaited, match="has not answered yet"):
            verb(payment.id, by=ROOT)
    with pytest.raises(errors.PaymentNotAwaited, match="has not answered yet"):
        desk.orders.cancel(order.id, by=ROOT)
    assert orders.sheet(order).payment_status == "awaited"
    provider.outcome = ""
    with clock.moved(timedelta(minutes=5)):
        reconcile()
    after = orders.sheet(orders.find(order.id))
    assert (after.payment_status, provider.charged) == ("paid", 6000)
    desk.orders.cancel(order.id, by=ROOT)
    assert orders.sheet(orders.find(order.id)).payment_status == "refunded"


@pytest.mark.proves("D21")
def test_a_confirmation_that_is_still_to_be_sent_says_itself_that_a_provider_has_paid(
    provider, mailbox
):
    pay(make_checkout(goods("60.00 USD"), shipping="0.00 USD"))
    assert mailbox.kinds() == ["order_confirmation"]


@pytest.mark.proves("S39", "I19")
def test_one_click_after_a_provider_and_none_after_a_gift_card(provider):
    _, opened = cart_with_card()
    order = pay(opened)
    extra = [goods("6.00 USD")]
    for _ in range(2):
        checkout.charges.sell_more(order.id, items=extra, amount=SIX, key="once", by=SYSTEM)
    assert provider.charged == 6600
    assert str(orders.find(order.id).total) == "106.00 USD"
    card, opened = make_card("100.00 USD"), make_checkout(goods(), shipping="0.00 USD")
    carts.apply(opened.id, code=card.code)
    by_card = checkout.capture(opened.id, tenders=[], by=SYSTEM)
    with pytest.raises(errors.PaymentMethodRequired):
        checkout.charges.sell_more(by_card.id, items=extra, amount=SIX, key="x", by=SYSTEM)


@pytest.mark.proves("S39", "I27")
def test_after_a_decline_once_more_is_asked_again_and_after_a_lost_answer_as_before(provider):
    _, opened = cart_with_card()
    order = pay(opened)

    def add_more():
        extra = [goods("6.00 USD")]
        checkout.charges.sell_more(order.id, items=extra, amount=SIX, key="wrap", by=SYSTEM)

    provider.declines = True
    with pytest.raises(errors.PaymentDeclined, match="Your card was declined"):
        add_more()
    provider.declines, provider.is_silent = False, True
    for _ in range(2):
        with pytest.raises(errors.Refused, match="did not answer"):
            add_more()
    assert (len(provider.answers), provider.reserved) == (2, 600)
    provider.is_silent = False
    add_more()
    add_more()
    assert (provider.charged, provider.reserved) == (6600, 0)
    assert str(orders.find(order.id).total) == "106.00 USD"


def test_what_was_reserved_for_a_refused_upsell_is_free_and_the_next_try_is_a_new_one(
    provider, monkeypatch
):
    _, opened = cart_with_card()
    order = pay(opened)
    extra = {"items": [goods("6.00 USD")], "amount": SIX, "key": "wrap", "by": SYSTEM}
    with monkeypatch.context() as patched:
        patched.setattr("giftweb.domain.orders.placing._is_recorded", refuse)
        with pytest.raises(errors.CheckoutClosed):
            checkout.charges.sell_more(order.id, **extra)
    assert provider.reserved == 0
    checkout.charges.sell_more(order.id, **extra)
    assert provider.charged == 6600


def refuse(*_: object) -> bool:
    raise errors.CheckoutClosed


@pytest.mark.parametrize("step", ["before capture", "capture"])
def test_a_crash_of_an_upsell_never_leaves_a_charge_without_its_line(provider, step):
    _, opened = cart_with_card()
    order = pay(opened)
    provider.breaks = step
    with pytest.raises(Unplugged):
        checkout.charges.sell_more(
            order.id, items=[goods("6.00 USD")], amount=SIX, key="u", by=SYSTEM
        )
    provider.breaks = ""
    with clock.moved(timedelta(minutes=5)):
        reconcile()
    assert (provider.charged, provider.reserved) == (6600, 0)
    assert str(orders.find(order.id).total) == "106.00 USD"


@pytest.mark.proves("S47", "S49", "I17", "I18")
def test_refund_everything_with_a_provider_that_is_down_first(provider):
    card, opened = cart_with_card()
    order = pay(opened)
    provider.is_silent = True
    given = refunds.refund_all(order.id, by=SYSTEM)
    refunds.send([each.id for each in given])
    assert available(card) == "40.00 USD"
    assert orders.find(order.id).status == "placed"
    provider.is_silent = False
    for _ in range(2):
        again = refunds.refund_all(order.id, by=SYSTEM) if provider.charged else given
        refunds.send([each.id for each in again])
    assert provider.charged == 0
    after = orders.find(order.id)
    assert (after.status, after.fulfilment) == ("shipping_denied", "cancelled")
    assert available(card) == "40.00 USD"


def test_a_refund_that_the_provider_refuses_counts_no_more(provider):
    _, opened = cart_with_card()
    order = pay(opened)
    by_provider = orders.sheet(order).payments[1]
    provider.declines = True
    given = refunds.refund(by_provider.id, by=SYSTEM)
    settled = refunds.send([given.id])[0]
    assert settled.status == "failed"
    assert str(payments.find(by_provider.id).left) == "60.00 USD"
