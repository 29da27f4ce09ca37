"""Refunds of every tender, and what follows from them."""

from datetime import timedelta
from functools import partial

import peewee
import pytest

from giftweb import clock, database
from giftweb.domain import cards, carts, catalogue, checkout, desk, payments, refunds
from giftweb.domain.audit.log import SYSTEM
from giftweb.domain.catalogue.rates import NewRate
from giftweb.errors import Invalid, NotAllowed, RefundExceedsPayment, Refused
from giftweb.money import LIMIT_MINOR, Money
from tests.factories import (
    AGENT,
    amount_of,
    goods,
    make_card,
    make_checkout,
)
from tests.orders import balance, gift_card_item, notes_of, now, paid_by, place, provider, sheet
from tests.races import at_once

USD = amount_of


def mixed(**more):
    """An order of 100.00, of which a gift card paid 40.00."""
    card = make_card("40.00 USD")
    return card.card, place(cards=[card], **more)


def shortfalls() -> list[tuple[str, int]]:
    return [tuple(row) for row in database.rows("SELECT kind, amount_minor FROM shortfall")]


@pytest.mark.proves("S46", "S47", "S48", "S49", "S50", "S51", "I17", "I18")
def test_each_tender_is_refunded_on_its_own_and_the_last_one_denies_shipping():
    card, order = mixed()
    refunds.refund(paid_by(order, "gift_card").id, by=AGENT, reason="broken")
    assert balance(card) == "40.00 USD"
    assert sheet(order).order.status == "placed"
    refunds.refund(paid_by(order, "credit_card").id, by=AGENT)
    found = sheet(order)
    assert (found.order.status, found.order.fulfilment) == ("shipping_denied", "cancelled")
    assert str(found.refunded) == "100.00 USD"
    assert notes_of(order).count("Shipping Denied") == 1


@pytest.mark.proves("S47", "I17", "I18")
def test_everything_is_refunded_at_once(mailbox):
    card, order = mixed()
    given = refunds.refund_all(order.id, by=AGENT, reason="late")
    assert sorted(str(each.amount) for each in given) == ["40.00 USD", "60.00 USD"]
    assert balance(card) == "40.00 USD"
    assert sheet(order).order.status == "shipping_denied"
    assert mailbox.kinds().count("refund") == 2
    with pytest.raises(RefundExceedsPayment):
        refunds.refund_all(order.id, by=AGENT)


@pytest.mark.proves("S47", "I16", "I18", "I31")
def test_a_provider_that_is_down_leaves_the_first_refund_and_is_asked_again():
    with provider("unknown", "unknown") as asked:
        card, order = mixed(gateway="stripe", method="stripe")
        given = refunds.refund_all(order.id, by=AGENT)
        done = refunds.send([each.id for each in given])
        assert sorted(each.status for each in done) == ["requested", "succeeded"]
        assert balance(card) == "40.00 USD"
        assert sheet(order).order.status == "placed"
        again = refunds.refund_all(order.id, by=AGENT)
        assert [each.stored_status for each in again] == ["claimed"]
        assert refunds.send([each.id for each in again])[0].failure == "the line is dead"
        again = refunds.refund_all(order.id, by=AGENT)
        assert refunds.send([each.id for each in again])[0].status == "succeeded"
        assert len(set(asked.asked)) == 1
    assert sheet(order).order.status == "shipping_denied"
    assert len(payments.refund_values.of_order(order.id)) == 2


@pytest.mark.proves("S47", "I16")
def test_a_provider_that_refuses_gives_the_money_back_to_the_payment():
    with provider("failed"):
        _, order = mixed(gateway="stripe", method="stripe")
        given = refunds.refund_all(order.id, by=AGENT)
        refunds.send([each.id for each in given])
        assert str(paid_by(order, "stripe").left) == "60.00 USD"
        assert "failed: the line is dead" in notes_of(order)
        again = refunds.refund_all(order.id, by=AGENT)
        refunds.send([each.id for each in again])
    assert not paid_by(order, "stripe").left
    assert sheet(order).order.status == "shipping_denied"


@pytest.mark.proves("S47")
def test_a_provider_that_is_no_longer_set_up_holds_up_nobody_else():
    with provider():
        card, order = mixed(gateway="stripe", method="stripe")
    given = refunds.refund_all(order.id, by=AGENT)
    done = refunds.send([each.id for each in given])
    assert sorted(each.status for each in done) == ["requested", "succeeded"]
    assert balance(card) == "40.00 USD"


@pytest.mark.proves("S46", "I16")
def test_the_shop_is_asked_for_money_that_it_took_and_its_answer_settles_it():
    _, order = mixed(gateway="shop")
    payment = paid_by(order, "credit_card")
    given = refunds.refund(payment.id, amount=USD("10.00 USD"), by=AGENT)
    assert given.status == "requested"
    assert str(paid_by(order, "credit_card").refunded) == "10.00 USD"
    failed = refunds.confirm(given.id, succeeded=False, by=SYSTEM)
    assert refunds.confirm(given.id, succeeded=False, by=SYSTEM) == failed
    assert not paid_by(order, "credit_card").refunded
    with pytest.raises(Refused):
        refunds.confirm(given.id, succeeded=True, by=SYSTEM)


@pytest.mark.proves("I16")
@pytest.mark.parametrize("amount", ["60.01 USD", "1000000.00 USD"])
def test_no_more_than_the_payment_comes_back(amount):
    _, order = mixed()
    payment = paid_by(order, "credit_card")
    with pytest.raises(RefundExceedsPayment) as refused:
        refunds.refund(payment.id, amount=USD(amount), by=AGENT)
    assert refused.value.field == "amount"
    refunds.refund(payment.id, amount=USD("59.99 USD"), by=AGENT)
    with pytest.raises(RefundExceedsPayment):
        refunds.refund(payment.id, amount=USD("0.02 USD"), by=AGENT)


@pytest.mark.tampers
@pytest.mark.proves("I16")
def test_the_table_itself_refuses_more_than_was_paid():
    _, order = mixed()
    with pytest.raises(peewee.IntegrityError), database.transaction():
        database.execute("UPDATE payment SET refunded_minor = amount_minor + 1")
    with pytest.raises(peewee.IntegrityError), database.transaction():
        database.execute("UPDATE payment SET card_refunded_minor = 4001")
    with pytest.raises(peewee.IntegrityError), database.transaction():
        database.execute("DELETE FROM payment WHERE order_id = ?", order.id)


@pytest.mark.proves("I16", "I18")
def test_refunded_by_two_at_once_comes_back_once():
    for _ in range(10):
        card, order = mixed()
        results = at_once(*[partial(refunds.refund_all, order.id, by=AGENT)] * 2)
        assert [type(each) for each in results].count(RefundExceedsPayment) == 1
        assert balance(card) == "40.00 USD"
        assert notes_of(order).count("Shipping Denied") == 1


# Where a card's money goes


@pytest.mark.proves("D7", "I16")
def test_a_refund_goes_to_the_card_that_replaced_the_one_that_paid():
    card, order = mixed()
    newer = cards.endings.replace_card(card.id, by=AGENT).card
    given = refunds.refund(paid_by(order, "gift_card").id, by=AGENT)
    assert given.gift_card_id == newer.id
    assert balance(newer) == "40.00 USD"
    assert f"replacement •••• {newer.last4}" in notes_of(order)


@pytest.mark.proves("D7")
def test_a_refund_to_an_expired_card_makes_a_new_one_and_mails_it(mailbox):
    issued = make_card("40.00 USD", expires_on=clock.today())
    order = place(cards=[issued])
    with clock.moved(timedelta(days=2)):
        given = refunds.refund(paid_by(order, "gift_card").id, by=AGENT)
        fresh = cards.find(given.gift_card_id)
        assert fresh.id != issued.card.id
        assert (fresh.status, str(fresh.balance)) == ("active", "40.00 USD")
    assert mailbox.kinds().count("card_issued") == 2
    assert f"the new card •••• {fresh.last4}" in notes_of(order)


@pytest.mark.proves("D7")
def test_a_frozen_card_gets_its_refund_and_stays_frozen():
    card, order = mixed()
    cards.freeze(card.id, by=AGENT)
    refunds.refund(paid_by(order, "gift_card").id, by=AGENT)
    assert (now(card).status, balance(card)) == ("frozen", "40.00 USD")


@pytest.mark.proves("D29", "E9", "E36", "B3", "B10", "I23")
def test_another_tender_may_come_back_as_a_new_gift_card(mailbox):
    _, order = mixed()
    payment = paid_by(order, "credit_card")
    given = refunds.refund(payment.id, amount=USD("25.00 USD"), by=AGENT, as_card=True)
    card = cards.find(given.gift_card_id)
    assert (given.status, str(card.balance), card.origin) == ("succeeded", "25.00 USD", "refund")
    assert [(part.source, str(part.amount)) for part in card.funding] == [("sales", "25.00 USD")]
    assert str(paid_by(order, "credit_card").refunded) == "25.00 USD"
    assert "instead of the money" in notes_of(order)
    assert mailbox.kinds().count("card_issued") == 2
    assert sheet(order).issued == ()


@pytest.mark.proves("B3")
def test_nobody_refunds_an_order_as_a_card_to_their_own_address():
    order = place(customer_email=AGENT.email)
    with pytest.raises(NotAllowed):
        refunds.refund(paid_by(order, "credit_card").id, by=AGENT, as_card=True)
    assert not paid_by(order, "credit_card").refunded


# What was shipped, what there was to ship


@pytest.mark.proves("S49", "D8")
def test_a_full_refund_after_shipping_leaves_the_fulfilment_alone():
    _, order = mixed()
    desk.orders.ship(order.id, by=AGENT, tracking="1Z999")
    refunds.refund_all(order.id, by=AGENT)
    found = sheet(order).order
    assert (found.status, found.fulfilment, found.tracking) == ("completed", "shipped", "1Z999")


@pytest.mark.proves("D8")
def test_with_nothing_to_ship_the_order_is_cancelled():
    order = place(goods("20.00 USD", requires_shipping=False), shipping="0.00 USD")
    refunds.refund_all(order.id, by=AGENT)
    assert (sheet(order).order.status, sheet(order).order.fulfilment) == ("cancelled", "not_needed")


@pytest.mark.proves("D8", "I17")
def test_cancelling_an_order_refunds_everything_and_a_shipped_one_is_refused():
    _, order = mixed()
    desk.orders.cancel(order.id, by=AGENT, reason="changed their mind")
    assert sheet(order).order.status == "shipping_denied"
    assert desk.orders.cancel(order.id, by=AGENT) == []
    _, other = mixed()
    desk.orders.ship(other.id, by=AGENT)
    with pytest.raises(Refused):
        desk.orders.cancel(other.id, by=AGENT)
    with pytest.raises(Refused):
        desk.orders.ship(order.id, by=AGENT)


# Cards that the order bought


@pytest.mark.proves("S73", "D6")
def test_bought_cards_are_withdrawn_with_their_order():
    order = place(gift_card_item("50.00 USD", quantity=2), shipping="0.00 USD")
    unused, used = sheet(order).purchased
    spend(used, "20.00 USD")
    refunds.refund_all(order.id, by=AGENT)
    assert now(unused).status == "cancelled"
    assert (now(used).status, balance(used)) == ("frozen", "30.00 USD")
    assert shortfalls() == [("purchased", 2000)]
    assert "was cancelled: the order was refunded" in notes_of(order)


def spend(card, amount: str):
    """Pay an order of this price with the card; a replaced card's code is read anew."""
    from giftweb.domain import cards

    opened = make_checkout(goods(amount), shipping="0.00 USD")
    carts.apply(opened.id, code=cards.holder.open_code(card.id))
    return checkout.capture(opened.id, tenders=[], by=SYSTEM)


@pytest.mark.proves("S73", "D7")
def test_the_shortfall_of_a_bought_card_that_was_replaced_is_what_was_spent():
    order = place(gift_card_item("50.00 USD"), shipping="0.00 USD")
    (bought,) = sheet(order).purchased
    spend(bought, "20.00 USD")
    newer = cards.endings.replace_card(bought.id, by=AGENT).card
    refunds.refund_all(order.id, by=AGENT)
    assert now(newer).status == "frozen"
    assert shortfalls() == [("purchased", 2000)]


@pytest.mark.proves("S48", "D7", "E10")
def test_a_refund_that_the_card_cannot_hold_goes_to_a_new_one_of_the_same_holder():
    most = Money(LIMIT_MINOR, "USD")
    card = make_card(str(most))
    order = place(goods("20.00 USD"), shipping="0.00 USD", cards=[card])
    cards.top_up(card.card.id, amount=USD("10.01 USD"), by=AGENT)
    payment = paid_by(order, "gift_card")
    assert refunds.refund(payment.id, amount=USD("9.99 USD"), by=AGENT).gift_card_id == card.card.id
    given = refunds.refund(payment.id, by=AGENT)
    fresh = cards.find(given.gift_card_id)
    assert (str(fresh.balance), fresh.holder_email) == ("10.01 USD", card.card.holder_email)
    assert now(card.card).balance == most
    assert f"•••• {card.card.last4} can hold no more: the refund went" in notes_of(order)


# Chargebacks


@pytest.mark.proves("S52", "D12")
def test_a_chargeback_freezes_what_the_payment_bought_and_counts_a_shortfall_once():
    order = place(gift_card_item("50.00 USD"), goods("50.00 USD"), shipping="0.00 USD")
    (bought,) = sheet(order).purchased
    spend(bought, "20.00 USD")
    payment = paid_by(order, "credit_card")
    charge_back = partial(desk.orders.charge_back, order.id, payment_id=payment.id, by=AGENT)
    charge_back(amount=USD("60.00 USD"))
    assert now(bought).status == "frozen"
    charge_back(amount=USD("10.00 USD"))
    assert shortfalls() == [("chargeback", 2000)]
    with pytest.raises(Invalid):
        charge_back(amount=USD("30.01 USD"))
    assert "A chargeback of $60.00 was recorded by Amy Agent." in notes_of(order)
    refunds.refund_all(order.id, by=AGENT)
    assert sheet(order).order.status == "shipping_denied"
    assert shortfalls() == [("chargeback", 2000)]


@pytest.mark.proves("S52")
def test_no_chargeback_can_be_claimed_on_a_gift_card_payment_but_on_the_rest():
    _, order = mixed()
    claim = partial(desk.orders.charge_back, order.id, by=AGENT, amount=USD("1.00 USD"))
    with pytest.raises(Refused, match="No chargeback"):
        claim(payment_id=paid_by(order, "gift_card").id)
    assert claim(payment_id=paid_by(order, "credit_card").id).status == "charged_back"


@pytest.mark.proves("S52")
def test_a_card_bought_in_an_upsell_is_not_frozen_for_the_first_payment():
    from giftweb.domain import orders
    from giftweb.domain.payments.payments import Tender

    order = place()
    extra = Tender(method="paypal", amount=USD("50.00 USD"), reference="PP", state="captured")
    orders.upsell(order.id, items=[gift_card_item()], tenders=[extra], by=SYSTEM, gateway="offline")
    (bought,) = sheet(order).purchased
    claim = partial(desk.orders.charge_back, order.id, by=AGENT, amount=USD("1.00 USD"))
    claim(payment_id=paid_by(order, "credit_card").id)
    assert now(bought).status == "active"
    claim(payment_id=paid_by(order, "paypal").id)
    assert now(bought).status == "frozen"


@pytest.mark.proves("S46", "I16")
def test_a_card_gets_part_after_part_and_in_the_end_what_it_paid():
    card, order = mixed()
    payment = paid_by(order, "gift_card")
    for part, after in (("10.00 USD", "10.00 USD"), ("0.01 USD", "10.01 USD")):
        refunds.refund(payment.id, amount=USD(part), by=AGENT)
        assert balance(card) == after
    refunds.refund(payment.id, by=AGENT)
    assert balance(card) == "40.00 USD"


@pytest.mark.proves("S46", "S66", "I16")
def test_the_parts_of_a_payment_in_another_currency_add_up_to_what_it_cost_the_card():
    catalogue.rates.set_rates(
        [NewRate(on_date=clock.today(), base="EUR", quote="USD", rate="1.1")], by=AGENT
    )
    card = make_card("100.00 EUR")
    order = place(goods("70.00 USD"), cards=[card])
    assert balance(card.card) == "36.36 EUR"
    payment = paid_by(order, "gift_card")
    for after in ("45.45 EUR", "54.54 EUR"):
        refunds.refund(payment.id, amount=USD("10.00 USD"), by=AGENT)
        assert balance(card.card) == after
    refunds.refund(payment.id, by=AGENT)
    assert balance(card.card) == "100.00 EUR"


@pytest.mark.proves("E19", "S48")
def test_a_refund_below_one_yen_names_the_yen():
    catalogue.rates.set_rates(
        [NewRate(on_date=clock.today(), base="JPY", quote="USD", rate="1")], by=AGENT
    )
    order = place(goods("70.00 USD"), cards=[make_card("1000 JPY")])
    payment = paid_by(order, "gift_card")
    with pytest.raises(Invalid, match=r"^Enter more: this is less than ¥1\.$"):
        refunds.refund(payment.id, amount=USD("0.99 USD"), by=AGENT)
    refunds.refund(payment.id, amount=USD("1.00 USD"), by=AGENT)
