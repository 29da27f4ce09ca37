"""From cart to order."""

from dataclasses import replace
from datetime import timedelta

import pytest

from giftweb import clock, database, errors
from giftweb.domain import cards, carts, checkout, ledger, orders
from giftweb.domain.audit.log import SYSTEM
from giftweb.domain.payments.payments import Tender
from giftweb.money import Money
from tests.factories import (
    ADDRESS,
    ADMIN,
    AGENT,
    amount_of,
    goods,
    make_campaign,
    make_card,
    make_checkout,
    set_rate,
)


def pay(amount: str, method: str = "credit_card") -> Tender:
    return Tender(method=method, amount=amount_of(amount), reference="ch_1", state="captured")


def capture(opened, *tenders):
    return checkout.capture(opened.id, tenders=tenders, by=SYSTEM)


def balance(issued) -> str:
    return str(cards.find(issued.card.id).balance)


def shares(opened) -> list[str]:
    return [str(card.amount) for card in opened.cards]


@pytest.mark.proves("S42", "S43", "S58", "S64", "D3", "D19")
def test_a_card_pays_the_goods_and_not_the_shipping():
    card, opened = make_card("100.00 USD"), make_checkout()
    opened = carts.apply(opened.id, code=card.code)
    assert (str(opened.paid_by_cards), str(opened.due)) == ("70.00 USD", "9.00 USD")
    assert opened.coverage == "full"
    checkout.authorise(opened.id, by=SYSTEM)
    assert balance(card) == "100.00 USD"
    order = capture(opened, pay("9.00 USD"))
    assert balance(card) == "30.00 USD"
    assert order.status == "placed"
    assert [line.order_number for line in cards.history(cards.find(card.card.id)).lines] == [
        order.number,
        None,
    ]


@pytest.mark.proves("S59", "S60", "S61", "S62", "S63", "S64", "I14", "I15")
def test_several_cards_pay_smallest_first():
    made = [make_card(text) for text in ("25.00 USD", "10.00 USD", "100.00 USD", "200.00 USD")]
    opened = make_checkout(goods("40.00 USD"), shipping="0.00 USD")
    for card in made:
        opened = carts.apply(opened.id, code=card.code)
    assert shares(opened) == ["10.00 USD", "25.00 USD", "5.00 USD", "0.00 USD"]
    capture(opened)
    assert [balance(card) for card in made] == ["0.00 USD", "0.00 USD", "95.00 USD", "200.00 USD"]


@pytest.mark.proves("S60")
def test_a_removed_card_is_free_and_the_others_pay_more():
    small, large = make_card("10.00 USD"), make_card("100.00 USD")
    opened = make_checkout(goods("40.00 USD"))
    carts.apply(opened.id, code=small.code)
    opened = carts.apply(opened.id, code=large.code)
    assert shares(opened) == ["10.00 USD", "30.00 USD"]
    opened = carts.remove(opened.id, card_id=small.card.id)
    assert shares(opened) == ["40.00 USD"]


def test_the_shopper_uses_less_of_a_card():
    card, opened = make_card("100.00 USD"), make_checkout()
    carts.apply(opened.id, code=card.code)
    opened = carts.limit(opened.id, card_id=card.card.id, most=amount_of("12.34 USD"))
    assert str(opened.due) == "66.66 USD"
    opened = carts.limit(opened.id, card_id=card.card.id, most=None)
    assert str(opened.due) == "9.00 USD"


@pytest.mark.proves("D1")
def test_a_campaign_may_let_cards_pay_shipping():
    campaign = make_campaign(covers="goods_and_shipping")
    card, opened = make_card("100.00 USD"), make_checkout(campaign_id=campaign.id)
    opened = carts.apply(opened.id, code=card.code)
    assert str(opened.due) == "0.00 USD"
    capture(opened)
    assert balance(card) == "21.00 USD"


@pytest.mark.proves("S20", "S21", "S22", "I20")
@pytest.mark.parametrize("is_test", [True, False])
def test_test_and_live_never_meet(is_test):
    card = make_card("100.00 USD", is_test=is_test)
    opened = make_checkout(is_test=not is_test)
    with pytest.raises(errors.ModeMismatch):
        carts.apply(opened.id, code=card.code)
    assert carts.find(opened.id).cards == ()


@pytest.mark.proves("D13")
def test_a_gift_card_buys_no_gift_card():
    item = goods("50.00 USD", kind="gift_card", type="virtual", requires_shipping=False)
    opened = make_checkout(item, shipping="0.00 USD")
    with pytest.raises(errors.GiftCardNotAllowed):
        carts.apply(opened.id, code=make_card().code)


def test_a_card_is_applied_once():
    card, opened = make_card(), make_checkout()
    carts.apply(opened.id, code=card.code)
    with pytest.raises(errors.AlreadyApplied):
        carts.apply(opened.id, code=card.code)


def test_a_frozen_card_cannot_be_applied():
    card, opened = make_card(), make_checkout()
    cards.freeze(card.card.id, by=AGENT)
    with pytest.raises(errors.CardNotUsable):
        carts.apply(opened.id, code=card.code)


@pytest.mark.proves("D19")
def test_frozen_between_apply_and_place_is_refused_and_the_cart_is_intact():
    card, opened = make_card("100.00 USD"), make_checkout()
    carts.apply(opened.id, code=card.code)
    cards.freeze(card.card.id, by=AGENT)
    with pytest.raises(errors.CardNotUsable):
        capture(opened, pay("9.00 USD"))
    assert carts.find(opened.id).status == "open"
    cards.unfreeze(card.card.id, by=AGENT)
    capture(opened, pay("9.00 USD"))


@pytest.mark.proves("D19")
def test_a_hold_made_before_the_freeze_is_honoured():
    card, opened = make_card("100.00 USD"), make_checkout()
    carts.apply(opened.id, code=card.code)
    checkout.authorise(opened.id, by=SYSTEM)
    cards.freeze(card.card.id, by=AGENT)
    capture(opened, pay("9.00 USD"))
    assert balance(card) == "30.00 USD"


@pytest.mark.proves("D19")
def test_freezing_may_release_the_hold():
    card, opened = make_card("100.00 USD"), make_checkout()
    carts.apply(opened.id, code=card.code)
    checkout.authorise(opened.id, by=SYSTEM)
    cards.freeze(card.card.id, by=AGENT, release_holds=True)
    with pytest.raises(errors.CardNotUsable):
        capture(opened, pay("9.00 USD"))
    assert balance(card) == "100.00 USD"


@pytest.mark.proves("D19")
def test_a_card_with_a_hold_is_neither_cancelled_nor_replaced():
    card, opened = make_card("100.00 USD"), make_checkout()
    carts.apply(opened.id, code=card.code)
    checkout.authorise(opened.id, by=SYSTEM)
    for end in (cards.endings.cancel, cards.endings.replace_card):
        with pytest.raises(errors.CardInUse):
            end(card.card.id, by=ADMIN)
    checkout.void(opened.id, by=SYSTEM)
    assert cards.endings.cancel(card.card.id, by=ADMIN).status == "cancelled"


@pytest.mark.proves("D3", "I10", "I11")
def test_voiding_frees_the_money():
    card, opened = make_card("100.00 USD"), make_checkout()
    carts.apply(opened.id, code=card.code)
    checkout.authorise(opened.id, by=SYSTEM)
    assert str(cards.find(card.card.id).available) == "30.00 USD"
    assert checkout.void(opened.id, by=SYSTEM).status == "voided"
    assert str(cards.find(card.card.id).available) == "100.00 USD"
    assert checkout.void(opened.id, by=SYSTEM).status == "voided"
    with pytest.raises(errors.CheckoutClosed):
        capture(opened, pay("9.00 USD"))


@pytest.mark.proves("I11", "I12")
def test_a_hold_lapses_and_the_late_capture_is_refused():
    card, opened = make_card("100.00 USD"), make_checkout()
    carts.apply(opened.id, code=card.code)
    checkout.authorise(opened.id, by=SYSTEM)
    with clock.moved(timedelta(minutes=16)):
        assert carts.find(opened.id).status == "expired"
        assert str(cards.find(card.card.id).available) == "100.00 USD"
        with pytest.raises(errors.HoldExpired):
            capture(opened, pay("9.00 USD"))
        assert checkout.due_to_lapse() == [opened.id]
        assert checkout.lapse(opened.id).status == "expired"
        assert ledger.holds.of_card(card.card.id) == []
        assert checkout.due_to_lapse() == []


def test_a_lapsed_hold_gives_way_to_another_cart():
    card, first, second = make_card("70.00 USD"), make_checkout(), make_checkout()
    carts.apply(first.id, code=card.code)
    carts.apply(second.id, code=card.code)
    checkout.authorise(first.id, by=SYSTEM)
    with clock.moved(timedelta(minutes=16)):
        capture(second, pay("9.00 USD"))
        assert balance(card) == "0.00 USD"
        assert checkout.lapse(first.id).status == "expired"


def test_a_cart_expires_after_a_day():
    opened = make_checkout()
    with clock.moved(timedelta(hours=25)), pytest.raises(errors.CheckoutExpired):
        carts.apply(opened.id, code=make_card().code)


def test_the_loser_of_a_race_is_informed_and_can_go_on():
    card = make_card("70.00 USD")
    first, second = make_checkout(), make_checkout(goods("50.00 USD"))
    for opened in (first, second):
        carts.apply(opened.id, code=card.code)
    checkout.authorise(second.id, by=SYSTEM)
    with pytest.raises(errors.InsufficientBalance):
        checkout.authorise(first.id, by=SYSTEM)
    after = carts.reallocate(first.id)
    assert (str(after.paid_by_cards), str(after.due)) == ("20.00 USD", "59.00 USD")
    assert checkout.authorise(first.id, by=SYSTEM).status == "authorised"


def test_authorising_twice_holds_once():
    card, opened = make_card("100.00 USD"), make_checkout()
    carts.apply(opened.id, code=card.code)
    for _ in range(2):
        assert checkout.authorise(opened.id, by=SYSTEM).status == "authorised"
    assert str(cards.find(card.card.id).held) == "70.00 USD"


def test_payments_must_add_up():
    card, opened = make_card("100.00 USD"), make_checkout()
    carts.apply(opened.id, code=card.code)
    for wrong in ((), (pay("8.99 USD"),), (pay("9.00 USD"), pay("0.01 USD"))):
        with pytest.raises(errors.PaymentIncomplete):
            capture(opened, *wrong)
    assert balance(card) == "100.00 USD"


@pytest.mark.proves("I29")
def test_the_campaign_of_a_card_hears_of_each_movement():
    campaign = make_campaign()
    card = make_card("100.00 USD", campaign_id=campaign.id)
    opened = make_checkout(campaign_id=campaign.id)
    carts.apply(opened.id, code=card.code)
    capture(opened, pay("9.00 USD"))
    found = database.rows("SELECT type FROM event WHERE subject = ? ORDER BY id", card.card.id)
    assert found == [("gift_card.issued",), ("gift_card.balance_changed",)]


@pytest.mark.proves("I29")
def test_the_campaign_of_a_cart_hears_of_each_step():
    campaign, card = make_campaign(), make_card("100.00 USD")
    opened = make_checkout(campaign_id=campaign.id)
    carts.apply(opened.id, code=card.code)
    checkout.authorise(opened.id, by=SYSTEM)
    assert checkout.reopen(opened.id).status == "open"
    assert str(cards.find(card.card.id).held) == "0.00 USD"
    checkout.authorise(opened.id, by=SYSTEM)
    capture(opened, pay("9.00 USD"))
    other = make_checkout(campaign_id=campaign.id)
    checkout.void(other.id, by=SYSTEM)
    types = "SELECT type FROM event WHERE subject = ? ORDER BY id"
    assert [type for (type,) in database.rows(types, opened.id)] == [
        "checkout.authorised",
        "checkout.voided",
        "checkout.authorised",
        "checkout.captured",
    ]
    assert database.rows(types, other.id) == [("checkout.voided",)]


def test_nobody_says_that_a_gift_card_paid_it_is_applied():
    opened = make_checkout()
    for wrong in (pay("79.00 USD", "gift_card"), pay("0.00 USD"), pay("79.00 EUR")):
        with pytest.raises(errors.Invalid) as refused:
            capture(opened, wrong)
        assert [field for field, _ in refused.value.errors] == ["payments"]


@pytest.mark.proves("S38", "D20")
def test_something_shipped_needs_an_address():
    opened = make_checkout(shipping_address=None)
    with pytest.raises(errors.ShippingAddressRequired):
        capture(opened, pay("79.00 USD"))
    carts.change(opened.id, changes={"shipping_address": ADDRESS})
    capture(opened, pay("79.00 USD"))


def test_changing_the_cart_allocates_again():
    card, opened = make_card("100.00 USD"), make_checkout()
    carts.apply(opened.id, code=card.code)
    changed = carts.change(opened.id, changes={"items": (goods("20.00 USD"),)})
    assert shares(changed) == ["20.00 USD"]
    checkout.authorise(opened.id, by=SYSTEM)
    with pytest.raises(errors.CheckoutClosed):
        carts.change(opened.id, changes={"tax_minor": 1})


def test_a_discount_above_the_items_is_refused():
    opened = make_checkout()
    with pytest.raises(errors.Invalid) as refused:
        carts.change(opened.id, changes={"discount_minor": 7001})
    assert refused.value.errors[0][0] == "discount_amount"


def test_a_captured_checkout_is_closed():
    opened = make_checkout()
    capture(opened, pay("79.00 USD"))
    for verb in (
        lambda: capture(opened, pay("79.00 USD")),
        lambda: checkout.void(opened.id, by=SYSTEM),
        lambda: carts.apply(opened.id, code=make_card().code),
        lambda: checkout.authorise(opened.id, by=SYSTEM),
    ):
        with pytest.raises(errors.CheckoutClosed):
            verb()


@pytest.mark.proves("S15", "S71", "S72")
def test_gift_cards_that_are_bought_are_issued_and_mailed_once_a_recipient():
    item = goods(
        "50.00 USD",
        quantity=2,
        kind="gift_card",
        type="virtual",
        requires_shipping=False,
        recipient_email="bob@example.com",
        recipient_name="Bob",
        message="Happy birthday",
    )
    order = capture(
        make_checkout(item, shipping="0.00 USD", shipping_address=None), pay("100.00 USD")
    )
    sheet = orders.sheet(order)
    assert [str(card.balance) for card in sheet.purchased] == ["50.00 USD", "50.00 USD"]
    assert {card.holder_email for card in sheet.purchased} == {"bob@example.com"}
    assert order.fulfilment == "not_needed"
    mails = database.rows("SELECT to_email FROM mail WHERE kind = 'cards_purchased'")
    assert mails == [("bob@example.com",)]


@pytest.mark.proves("S29", "S32", "I24")
def test_a_sale_earns_a_bonus_card():
    campaign = make_campaign(issue_after_sales=True, relative_hundredths=1000)
    opened = make_checkout(goods("171.00 USD"), campaign_id=campaign.id)
    sheet = orders.sheet(capture(opened, pay("180.00 USD")))
    assert [(card.origin, str(card.balance)) for card in sheet.issued] == [
        ("campaign", "18.00 USD")
    ]


@pytest.mark.proves("S39", "I19")
def test_an_upsell_asks_for_another_way_to_pay():
    card, opened = make_card("100.00 USD"), make_checkout(shipping="0.00 USD")
    carts.apply(opened.id, code=card.code)
    order = capture(opened)
    extra = (goods("5.00 USD"),)
    with pytest.raises(errors.PaymentMethodRequired):
        orders.upsell(order.id, items=extra, tenders=(), by=SYSTEM)
    grown = orders.upsell(order.id, items=extra, tenders=(pay("5.00 USD"),), by=SYSTEM)
    assert str(grown.total) == "75.00 USD"
    with pytest.raises(errors.PaymentIncomplete):
        orders.upsell(order.id, items=extra, tenders=(pay("4.00 USD"),), by=SYSTEM)


@pytest.mark.proves("S66")
def test_a_card_of_another_currency_pays_at_the_rate():
    set_rate("EUR", "USD", "1.1")
    card, opened = make_card("100.00 EUR"), make_checkout()
    opened = carts.apply(opened.id, code=card.code)
    assert (shares(opened), str(opened.cards[0].worth)) == (["70.00 USD"], "110.00 USD")
    checkout.authorise(opened.id, by=SYSTEM)
    sheet = orders.sheet(capture(opened, pay("9.00 USD")))
    assert str(sheet.payments[0].card_amount) == "63.64 EUR"
    assert balance(card) == "36.36 EUR"


@pytest.mark.proves("S66")
def test_without_a_rate_a_card_of_another_currency_is_refused():
    with pytest.raises(errors.CurrencyMismatch):
        carts.apply(make_checkout().id, code=make_card("100.00 EUR").code)


def test_an_order_that_costs_nothing_is_placed_without_a_payment():
    opened = make_checkout(goods("0.00 USD", unit_minor=0), shipping="0.00 USD")
    assert str(capture(opened).total) == "0.00 USD"


@pytest.mark.proves("I1", "I5", "I10")
@pytest.mark.tampers
def test_the_table_itself_refuses_to_hold_more_than_there_is():
    import peewee

    card = make_card("10.00 USD").card
    with pytest.raises(peewee.IntegrityError):
        database.execute("UPDATE account SET held_minor = 1001 WHERE id = ?", card.id)


def test_a_cart_that_is_reopened_keeps_its_terms():
    opened = make_checkout(tax_minor=500)
    cart = replace(carts.cart.of_checkout(opened), expires_in=timedelta(hours=24))
    assert cart.amounts == opened.amounts
    assert opened.total == Money(8400, "USD")
