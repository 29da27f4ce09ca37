"""Payments that are awaited: nothing follows from them before they come (D21, I34)."""

from datetime import UTC, datetime, timedelta

import pytest

from giftweb import clock, models
from giftweb.domain import audit, awaited, cards, desk, orders, payments, refunds
from giftweb.domain.audit.log import SYSTEM
from giftweb.domain.orders.values import Order, OrderSheet
from giftweb.domain.payments.payments import Payment, Tender
from giftweb.errors import (
    Invalid,
    NotAllowed,
    PaymentAlreadyUsed,
    PaymentNotAwaited,
    RefundExceedsPayment,
    Refused,
)
from tests.factories import ADMIN, AGENT, amount_of, goods, make_campaign, make_card
from tests.orders import (
    balance,
    gift_card_item,
    notes_of,
    now,
    paid_by,
    place,
    provider,
    recharge,
    sheet,
    signed_in,
)

USD = amount_of
BONUS = {"issue_after_sales": True, "relative_hundredths": 1000}


def awaited_order(*items, **more) -> Order:
    """An order that is paid by a transfer which has not come."""
    more = {"method": "bank_transfer", "paid_as": "R-1", "state": "pending"} | more
    return place(*items, **more)


def transfer_of(order: Order) -> Payment:
    """The order's transfer, as it stands now."""
    return paid_by(order, "bank_transfer")


def receive(order: Order, **more) -> OrderSheet:
    """The transfer has come; the order with its parts."""
    awaited.receive(transfer_of(order).id, by=ADMIN, **more)
    return sheet(order)


def upsell(order: Order, item, *, state: str = "pending", **more) -> Order:
    """Something is added, to be paid by another transfer."""
    paid = {"method": "bank_transfer", "reference": order.reference} | more
    tender = Tender(amount=item.unit_money("USD"), state=state, **paid)
    return orders.upsell(order.id, items=[item], tenders=[tender], by=SYSTEM, gateway="offline")


def clean() -> bool:
    """Whether the audit finds nothing."""
    return not audit.checks.run()


GIFTS = [
    gift_card_item("50.00 USD", recipient_email=f"{name}@example.com", recipient_name=name)
    for name in ("lena", "max", "rita")
]


@pytest.mark.proves("D21", "X1", "E1", "I34")
def test_gift_cards_exist_and_are_mailed_once_their_transfer_has_come(mailbox):
    order = awaited_order(*GIFTS, shipping="0.00 USD")
    waiting = sheet(order)
    assert waiting.payment_status == "awaited"
    assert [waiting.is_awaited(line) for line in waiting.lines] == [True, True, True]
    assert waiting.purchased == ()
    assert order.paid_at is None
    assert mailbox.kinds() == ["order_confirmation"]
    assert clean()
    paid = receive(order)
    assert paid.payment_status == "paid"
    assert paid.order.paid_at is not None
    assert [str(card.balance) for card in paid.purchased] == ["50.00 USD"] * 3
    found = [mail.to for mail in mailbox.all() if mail.kind == "cards_purchased"]
    assert sorted(found) == ["lena@example.com", "max@example.com", "rita@example.com"]
    assert mailbox.kinds().count("payment_received") == 1
    assert clean()


@pytest.mark.proves("D21", "I34")
def test_an_order_that_is_not_received_gives_its_gift_card_the_money_back(mailbox):
    card = make_card("30.00 USD")
    order = awaited_order(goods("91.00 USD"), cards=[card])
    assert balance(card.card) == "0.00 USD"
    cancelled = awaited.cancel(transfer_of(order).id, by=AGENT, reason="never came")
    assert (cancelled.status, cancelled.fulfilment) == ("cancelled", "cancelled")
    assert balance(card.card) == "30.00 USD"
    assert sheet(order).payment_status == "cancelled"
    assert transfer_of(order).status == "cancelled"
    assert mailbox.kinds().count("order_cancelled") == 1
    assert "was not received, recorded by Amy Agent" in notes_of(order)
    assert "The order was not paid: it was cancelled." in notes_of(order)
    assert clean()


@pytest.mark.proves("D21")
def test_a_payment_is_received_once_and_a_cancelled_one_never():
    order = awaited_order(gift_card_item(), shipping="0.00 USD")
    assert len(receive(order).purchased) == 1
    assert len(receive(order).purchased) == 1
    with pytest.raises(PaymentNotAwaited):
        awaited.cancel(transfer_of(order).id, by=AGENT)
    other = awaited_order()
    awaited.cancel(transfer_of(other).id, by=AGENT)
    with pytest.raises(PaymentNotAwaited):
        receive(other)
    with pytest.raises(PaymentNotAwaited):
        awaited.cancel(transfer_of(other).id, by=AGENT)
    never_awaited = paid_by(place(), "credit_card")
    with pytest.raises(PaymentNotAwaited):
        awaited.receive(never_awaited.id, by=AGENT)


@pytest.mark.proves("D21", "I34", "D30")
def test_a_bonus_is_issued_once_the_whole_order_is_paid():
    campaign = make_campaign(**BONUS)
    order = awaited_order(goods("100.00 USD"), shipping="0.00 USD", campaign_id=campaign.id)
    assert sheet(order).issued == ()
    upsell(order, goods("50.00 USD", requires_shipping=False), state="captured", method="cash")
    (bonus,) = receive(order).issued
    assert str(bonus.balance) == "10.00 USD"
    assert clean()


@pytest.mark.proves("D30")
def test_gift_cards_earn_a_bonus_where_the_campaign_says_so():
    items = (goods("100.00 USD"), gift_card_item("50.00 USD"))
    earned = []
    for terms in (BONUS, BONUS | {"bonus_on_gift_cards": True}):
        campaign = make_campaign(**terms)
        order = place(*items, shipping="0.00 USD", campaign_id=campaign.id)
        earned += [str(card.balance) for card in sheet(order).issued]
    assert earned == ["10.00 USD", "15.00 USD"]


@pytest.mark.proves("D21", "B7", "I34")
def test_a_recharge_waits_for_its_money():
    card = make_card("10.00 USD").card
    order = awaited_order(recharge(card), shipping="0.00 USD")
    assert balance(card) == "10.00 USD"
    assert sheet(order).recharges == ()
    (done,) = receive(order).recharges
    assert (balance(card), str(done.amount)) == ("35.00 USD", "25.00 USD")
    assert clean()


@pytest.mark.proves("D21", "D23")
def test_a_recharge_follows_its_card_to_the_replacement():
    card = make_card("10.00 USD").card
    order = awaited_order(recharge(card), shipping="0.00 USD")
    new = cards.endings.replace_card(card.id, by=AGENT).card
    receive(order)
    assert balance(new) == "35.00 USD"
    assert clean()


@pytest.mark.proves("D21")
def test_a_recharge_whose_card_has_ended_becomes_a_new_card_for_its_holder():
    card = make_card("10.00 USD").card
    order = awaited_order(recharge(card), shipping="0.00 USD")
    cards.endings.cancel(card.id, by=AGENT)
    (new,) = receive(order).purchased
    assert (str(new.balance), new.holder_email, new.source) == (
        *("25.00 USD", card.holder_email),
        "sales",
    )
    assert "could not be recharged. It is cancelled" in notes_of(order)
    assert clean()


@pytest.mark.proves("D21", "I34")
def test_nothing_is_refunded_or_charged_back_while_a_payment_is_awaited():
    card = make_card("30.00 USD")
    order = awaited_order(cards=[card])
    for payment in payments.of_order(order.id):
        with pytest.raises(RefundExceedsPayment):
            refunds.refund(payment.id, by=AGENT)
    with pytest.raises(RefundExceedsPayment):
        refunds.refund_all(order.id, by=AGENT)
    with pytest.raises(Invalid):
        desk.orders.charge_back(
            order.id, payment_id=transfer_of(order).id, amount=USD("1.00 USD"), by=AGENT
        )
    assert transfer_of(order).left == USD("0.00 USD")
    assert transfer_of(order).captured_minor == 0


@pytest.mark.proves("D21")
def test_goods_wait_for_their_money_unless_the_campaign_ships_before_it():
    with pytest.raises(Refused, match="still awaited"):
        desk.orders.ship(awaited_order().id, by=AGENT)
    campaign = make_campaign(ship_before_payment=True)
    order = awaited_order(campaign_id=campaign.id)
    assert desk.orders.ship(order.id, by=AGENT).fulfilment == "shipped"
    desk.orders.unship(order.id, by=AGENT)
    assert orders.find(order.id).status == "placed"
    desk.orders.ship(order.id, by=AGENT)
    after = awaited.cancel(transfer_of(order).id, by=AGENT)
    assert (after.status, after.fulfilment) == ("completed", "shipped")
    assert sheet(order).payment_status == "cancelled"
    assert "nothing is refunded" in notes_of(order)
    assert clean()


@pytest.mark.proves("D21")
def test_cancelling_an_order_gives_up_what_is_awaited():
    card = make_card("30.00 USD")
    order = awaited_order(cards=[card])
    desk.orders.cancel(order.id, by=AGENT)
    assert orders.find(order.id).status == "cancelled"
    assert balance(card.card) == "30.00 USD"
    assert clean()


# What was added later


@pytest.mark.proves("D21", "I14", "I34")
def test_what_was_added_and_not_paid_is_taken_off_and_the_order_stands(mailbox):
    order = place()
    upsell(order, gift_card_item("20.00 USD"))
    assert sheet(order).payment_status == "awaited"
    assert orders.find(order.id).total == USD("120.00 USD")
    after = awaited.cancel(transfer_of(order).id, by=AGENT)
    assert (after.total, after.status) == (USD("100.00 USD"), "placed")
    taken = [line.taken_off_at is not None for line in sheet(order).lines]
    assert taken == [False, True]
    assert sheet(order).payment_status == "paid"
    assert mailbox.kinds().count("order_cancelled") == 1
    assert clean()


@pytest.mark.proves("D21", "I14", "I37")
def test_what_was_added_goes_with_its_discount_tax_and_shipping_when_it_is_not_paid():
    order = place(discount_minor=200, tax_minor=300)
    tender = Tender(method="bank_transfer", amount=USD("24.50 USD"), reference="R", state="pending")
    orders.upsell(
        order.id,
        items=[goods("20.00 USD")],
        tenders=[tender],
        discount_minor=100,
        tax_minor=150,
        shipping_minor=400,
        gateway="offline",
        by=SYSTEM,
    )
    assert orders.find(order.id).total == order.total + USD("24.50 USD")
    assert awaited.cancel(transfer_of(order).id, by=AGENT) == orders.find(order.id)
    after = orders.find(order.id)
    assert [after.amount(name) for name in AMOUNTS] == [order.amount(name) for name in AMOUNTS]
    assert "$24.50 that was added later was taken off" in notes_of(order)
    assert clean()


AMOUNTS = ("items", "discount", "tax", "shipping")


@pytest.mark.proves("D21", "I34")
def test_goods_that_were_added_are_shipped_once_they_are_paid():
    order = place(goods("10.00 USD", requires_shipping=False), shipping="0.00 USD")
    assert upsell(order, goods("20.00 USD")).fulfilment == "not_needed"
    assert receive(order).order.fulfilment == "pending"
    assert clean()


@pytest.mark.proves("D21", "I34")
def test_each_part_waits_for_its_own_money_and_ends_with_the_order():
    card = make_card("30.00 USD")
    order = awaited_order(cards=[card])
    upsell(order, gift_card_item("20.00 USD"), method="cash", state="captured")
    upsell(order, gift_card_item("5.00 USD"), method="other", reference="late")
    (bought,) = sheet(order).purchased
    assert clean()
    awaited.cancel(transfer_of(order).id, by=AGENT)
    assert orders.find(order.id).status == "cancelled"
    assert (balance(card.card), now(bought).status) == ("30.00 USD", "cancelled")
    assert paid_by(order, "cash").left == USD("0.00 USD")
    assert paid_by(order, "other").status == "cancelled"
    assert clean()


# Time


@pytest.mark.proves("D21")
def test_an_order_is_cancelled_by_itself_after_its_last_day_and_reminded_of_before(mailbox):
    campaign = make_campaign(payment_days=7)
    card = make_card("30.00 USD")
    book = goods("30.00 USD", requires_shipping=False)
    order = awaited_order(*GIFTS, book, cards=[card], shipping="0.00 USD", campaign_id=campaign.id)
    assert balance(card.card) == "0.00 USD"
    transfer = transfer_of(order)
    assert transfer.pay_by == clock.today() + timedelta(days=7)
    assert awaited.due_to_remind() == []
    with clock.moved(transfer.pay_until - clock.now() - timedelta(hours=30)):
        assert awaited.due_to_remind() == [transfer.id]
        awaited.remind(transfer.id)
        awaited.remind(transfer.id)
        assert awaited.due_to_remind() == awaited.due_to_lapse() == []
        awaited.lapse(transfer.id)
        assert transfer_of(order).is_awaited
    with clock.moved(transfer.pay_until - clock.now()):
        assert awaited.due_to_lapse() == [transfer.id]
        awaited.lapse(transfer.id)
        assert awaited.due_to_lapse() == []
    assert mailbox.kinds().count("payment_reminder") == 1
    assert mailbox.kinds().count("order_cancelled") == 1
    assert orders.find(order.id).status == "cancelled"
    assert sheet(order).purchased == ()
    assert balance(card.card) == "30.00 USD"
    assert clean()


@pytest.mark.proves("D21", "D25")
@pytest.mark.parametrize(
    ("zone", "placed", "last_day", "end"),
    [
        ("Pacific/Kiritimati", "2027-01-10T09:59", "2027-01-11", "2027-01-11T10:00"),
        ("Pacific/Kiritimati", "2027-01-10T10:00", "2027-01-12", "2027-01-12T10:00"),
        ("UTC", "2027-01-10T23:59", "2027-01-11", "2027-01-12T00:00"),
        ("America/New_York", "2027-01-10T04:59", "2027-01-10", "2027-01-11T05:00"),
        # The night to summer time.
        ("America/New_York", "2027-03-13T12:00", "2027-03-14", "2027-03-15T04:00"),
    ],
)
def test_the_last_day_to_pay_is_a_day_of_the_shop(zone, placed, last_day, end):
    campaign = make_campaign(payment_days=1, time_zone=zone)
    with clock.moved(instant(placed) - clock.now()):
        transfer = transfer_of(awaited_order(campaign_id=campaign.id))
    assert transfer.pay_by.isoformat() == last_day
    assert transfer.pay_until == instant(end)
    assert payments.find(transfer.id) == transfer


def instant(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.proves("D21")
def test_without_a_last_day_an_order_waits_for_ever():
    transfer = transfer_of(awaited_order())
    assert transfer.pay_until is None
    with clock.moved(timedelta(days=400)):
        assert awaited.due_to_lapse() == awaited.due_to_remind() == []


@pytest.mark.proves("D21")
def test_an_order_of_the_day_before_the_last_is_not_reminded_of():
    transfer = transfer_of(awaited_order(campaign_id=make_campaign(payment_days=1).id))
    with clock.moved(transfer.pay_until - clock.now() - timedelta(minutes=1)):
        assert awaited.due_to_remind() == []


# A provider's charge pays once


@pytest.mark.proves("E13")
def test_a_charge_of_a_provider_pays_once():
    order = place(gateway="shop", method="credit_card", paid_as="ch_1")
    first = paid_by(order, "credit_card")
    again = Tender(
        method="credit_card", amount=USD("10.00 USD"), reference="ch_1", state="captured"
    )
    with pytest.raises(PaymentAlreadyUsed) as refused:
        orders.upsell(
            order.id,
            items=[goods("10.00 USD")],
            tenders=[again],
            by=SYSTEM,
            gateway="shop",
        )
    assert refused.value.details == {"payment_id": first.id}
    assert place(gateway="shop", paid_as="ch_1"), "another shop's charge is another's"


@pytest.mark.proves("E13")
def test_a_charge_that_was_given_up_may_pay_later_and_one_that_came_never_again():
    campaign = make_campaign().id
    same = {"gateway": "shop", "method": "paypal", "campaign_id": campaign}
    given_up = place(paid_as="PP-1", state="pending", **same)
    with pytest.raises(PaymentAlreadyUsed):
        place(paid_as="PP-1", **same)
    awaited.cancel(paid_by(given_up, "paypal").id, by=AGENT)
    place(paid_as="PP-1", **same)
    late = place(paid_as="PP-2", state="pending", **same)
    with pytest.raises(PaymentAlreadyUsed):
        awaited.receive(paid_by(late, "paypal").id, reference="PP-1", by=AGENT)
    awaited.receive(paid_by(late, "paypal").id, reference="PP-3", by=AGENT)
    assert paid_by(late, "paypal").reference == "PP-3"
    with pytest.raises(PaymentAlreadyUsed):
        place(paid_as="PP-3", **same)


# Who


@pytest.mark.proves("D21")
def test_staff_cannot_receive_the_payment_of_a_card_for_themselves():
    person = signed_in("finance")
    order = awaited_order(gift_card_item(recipient_email=person.email), shipping="0.00 USD")
    with pytest.raises(NotAllowed):
        awaited.receive(transfer_of(order).id, by=person)
    assert transfer_of(order).is_awaited


@pytest.mark.proves("D21", "B3")
def test_another_providers_payment_is_refunded_when_the_rest_never_comes():
    with provider():
        order = place(
            gift_card_item("50.00 USD"),
            shipping="0.00 USD",
            state="pending",
            method="bank_transfer",
        )
        upsell(order, goods("9.00 USD", requires_shipping=False), method="cash", state="captured")
        awaited.cancel(transfer_of(order).id, by=AGENT)
    assert str(sheet(order).refunded) == "9.00 USD"
    assert models.Refund.select().count() == 1
    assert clean()
