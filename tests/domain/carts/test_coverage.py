"""What the cards on a cart can pay at this moment, however it was when they were applied."""

from datetime import timedelta

import pytest

from giftweb import clock, database
from giftweb.domain import cards, carts, checkout
from giftweb.domain.audit.log import SYSTEM
from giftweb.domain.carts.replies import refreshed
from giftweb.domain.payments.payments import Tender
from tests.factories import ADMIN, AGENT, amount_of, goods, make_card, make_checkout, set_rate

pytestmark = pytest.mark.proves("E8", "E39")


def cart_with(*issued, price="40.00 USD", **more):
    opened = make_checkout(goods(price), shipping="0.00 USD", **more)
    for card in issued:
        opened = carts.apply(opened.id, code=card.code)
    return opened


def capture(opened, *tenders):
    return checkout.capture(opened.id, tenders=tenders, by=SYSTEM)


def pay(amount):
    return Tender(
        method="credit_card", amount=amount_of(amount), reference="ch_1", state="captured"
    )


def covered(opened):
    """What each card pays as the cart is read now, and why not."""
    now = carts.as_of_now(carts.find(opened.id))
    return [(str(card.amount), card.problem) for card in now.cards]


ENDINGS = {
    "frozen": lambda card: cards.freeze(card.card.id, by=AGENT),
    "cancelled": lambda card: cards.endings.cancel(card.card.id, by=ADMIN),
    "replaced": lambda card: cards.endings.replace_card(card.card.id, by=ADMIN),
}


def test_a_card_that_another_order_has_emptied_pays_nothing():
    card = make_card("30.00 USD")
    first, second = cart_with(card, price="30.00 USD"), cart_with(card)
    stored = carts.find(second.id)
    capture(first)
    assert covered(second) == [("0.00 USD", "used_up")]
    assert carts.as_of_now(carts.find(second.id)).due == amount_of("40.00 USD")
    assert carts.find(second.id).paid_by_cards == stored.paid_by_cards, "reading writes nothing"


def test_a_card_that_another_order_has_used_pays_what_is_left():
    card = make_card("50.00 USD")
    first, second = cart_with(card, price="30.00 USD"), cart_with(card)
    capture(first)
    assert covered(second) == [("20.00 USD", None)]


def test_money_that_another_order_holds_is_reserved_and_the_card_stays():
    card = make_card("30.00 USD")
    first, second = cart_with(card, price="30.00 USD"), cart_with(card)
    checkout.authorise(first.id, by=SYSTEM)
    assert covered(second) == [("0.00 USD", "reserved")]
    after = carts.refresh(carts.find(second.id))
    assert (len(after.checkout.cards), after.dropped) == (1, ())
    checkout.void(first.id, by=SYSTEM)
    assert covered(second) == [("30.00 USD", None)]


@pytest.mark.parametrize("ending", ENDINGS)
def test_the_others_step_in_for_a_card_that_cannot_be_used_any_more(ending):
    small, large = make_card("10.00 USD"), make_card("100.00 USD")
    opened = cart_with(small, large)
    assert covered(opened) == [("10.00 USD", None), ("30.00 USD", None)]
    ENDINGS[ending](small)
    assert covered(opened) == [("0.00 USD", ending), ("40.00 USD", None)]


def test_a_card_past_its_day_says_so():
    card = make_card("100.00 USD", expires_on=clock.today())
    opened = cart_with(card, expires_in=timedelta(days=9))
    assert covered(opened) == [("40.00 USD", None)]
    with clock.moved(timedelta(days=2)):
        assert covered(opened) == [("0.00 USD", "expired")]


def test_a_card_whose_rate_is_gone_pays_nothing_and_names_no_amount():
    set_rate("EUR", "USD", "2")
    opened = cart_with(make_card("10.00 EUR"))
    assert covered(opened) == [("20.00 USD", None)]
    database.execute("DELETE FROM rate")
    assert covered(opened) == [("0.00 USD", "no_rate")]


@pytest.mark.parametrize("step", ["authorise", "capture", "void"])
def test_a_cart_that_is_not_open_is_as_it_was(step):
    card = make_card("50.00 USD")
    opened = cart_with(card)
    if step == "capture":
        capture(opened)
    else:
        getattr(checkout, step)(opened.id, by=SYSTEM)
    cards.freeze(card.card.id, by=AGENT)
    assert covered(opened) == [("40.00 USD", None)]


def test_a_limit_still_holds():
    card = make_card("50.00 USD")
    opened = carts.apply(cart_with().id, code=card.code, limit_minor=500)
    assert covered(opened) == [("5.00 USD", None)]
    assert (str(opened.paid_by_cards), opened.cards[0].limit_minor) == ("5.00 USD", 500)


# What the shopper sees is what is stored


def test_a_refresh_takes_off_what_cannot_be_used_and_stores_the_rest():
    small, large = make_card("10.00 USD"), make_card("100.00 USD")
    opened = cart_with(small, large)
    cards.freeze(small.card.id, by=AGENT)
    after = carts.refresh(carts.find(opened.id))
    assert [(card.last4, card.problem) for card in after.dropped] == [(small.card.last4, "frozen")]
    assert after.checkout == carts.find(opened.id)
    assert [str(card.amount) for card in after.checkout.cards] == ["40.00 USD"]
    assert checkout.authorise(opened.id, by=SYSTEM).status == "authorised"


def test_a_refresh_of_what_has_not_changed_writes_nothing():
    opened = cart_with(make_card("10.00 USD"))
    after = carts.refresh(opened)
    assert (after.checkout.version, carts.find(opened.id).version) == (opened.version,) * 2


def test_a_refresh_that_meets_an_order_answers_the_order():
    card = make_card("50.00 USD")
    opened = cart_with(card)
    capture(opened)
    after = carts.refresh(opened)
    assert (after.checkout.status, after.dropped) == ("captured", ())


def test_the_shopper_reads_why():
    frozen, empty = make_card("10.00 USD"), make_card("20.00 USD")
    opened = cart_with(frozen, empty)
    cards.freeze(frozen.card.id, by=AGENT)
    capture(cart_with(empty, price="20.00 USD"))
    message = refreshed(opened, carts.refresh(opened)).sentence
    assert f"ending in {frozen.card.last4} cannot be used any more: it was removed." in message
    assert f"ending in {empty.card.last4} has no money left: it was removed." in message


def test_the_shopper_reads_that_less_is_left_and_nothing_when_nothing_has_changed():
    card = make_card("50.00 USD")
    opened = cart_with(card)
    assert refreshed(opened, carts.refresh(opened)) is None
    capture(cart_with(card, price="20.00 USD"))
    message = refreshed(opened, carts.refresh(opened))
    assert message.sentence.startswith("There is less on your gift cards than before.")
    assert not message.is_error
