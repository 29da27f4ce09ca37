"""Nobody is erased unasked while money or a gift card is on its way to them."""

from datetime import timedelta

import pytest

from giftweb import clock
from giftweb.domain import awaited, cards, customers, desk, privacy, refunds
from giftweb.domain.orders.values import Order
from giftweb.domain.privacy.open_orders import OrderOpen
from giftweb.domain.privacy.retention import Terms
from tests.factories import ADMIN, ROOT, amount_of, goods, make_campaign, make_card, no_limits
from tests.orders import gift_card_item, paid_by, place, provider, recharge, sheet

pytestmark = pytest.mark.proves("D18", "D21", "B29")

ANN, BEA = "ann@example.com", "bea@example.com"
FREE = {"shipping": "0.00 USD", "customer_email": ANN}
PENDING = {"method": "bank_transfer", "paid_as": "R-1", "state": "pending"} | FREE
YEARS = timedelta(days=3 * 366)


@pytest.fixture(autouse=True)
def unlimited(app):
    no_limits()


def refuse(email: str, order: Order, words: str) -> None:
    """Erasing is refused and names the order; nothing is changed."""
    with pytest.raises(OrderOpen, match=words) as refused:
        privacy.erasure.erase(email, by=ROOT)
    assert f"order {order.number}" in refused.value.sentence
    assert sheet(order).order.customer_email == ANN


def test_an_awaited_payment_stands_in_the_way_until_it_is_settled():
    order = place(gift_card_item(), **PENDING)
    refuse(ANN, order, "Record that it has come, or cancel it")
    awaited.cancel(paid_by(order, "bank_transfer").id, by=ROOT)
    privacy.erasure.erase(ANN, by=ROOT)
    assert not customers.find_by_emails([ANN])


def test_whoever_an_awaited_card_is_for_is_asked_about_too():
    order = place(gift_card_item(recipient_email=BEA), **PENDING)
    refuse(BEA, order, "still awaited")


def test_a_recharge_that_is_awaited_stands_in_its_holders_way():
    card = make_card("1.00 USD", holder=BEA).card
    cards.adjust(card.id, change=-card.balance, reason="Spent elsewhere", by=ROOT)
    order = place(recharge(card, email=BEA), **PENDING)
    refuse(BEA, order, "still awaited")
    desk.orders.cancel(order.id, by=ROOT)
    privacy.erasure.erase(BEA, by=ROOT)


def test_what_was_taken_off_an_awaited_order_is_for_nobody():
    order = place(goods("5.00 USD"), gift_card_item(recipient_email=BEA), **PENDING)
    awaited.cancel(paid_by(order, "bank_transfer").id, by=ROOT)
    privacy.erasure.erase(BEA, by=ROOT)


@pytest.mark.parametrize("answer", ["unknown", "failed"])
def test_a_refund_that_has_not_gone_out_stands_in_the_way(answer):
    with provider(answer):
        order = place(goods("50.00 USD"), gateway="stripe", **FREE)
        claimed = refunds.refund_all(order.id, by=ROOT)
        refuse(ANN, order, "refund of order")
        refunds.send([each.id for each in claimed])
        refuse(ANN, order, "refund of order")
        again = [refunds.refund_all(order.id, by=ROOT)[0].id]
        refunds.send(again)
    privacy.erasure.erase(ANN, by=ROOT)


def test_a_refund_to_be_sent_by_hand_stands_in_the_way():
    order = place(goods("50.00 USD"), method="bank_transfer", **FREE)
    (asked,) = refunds.refund_all(order.id, by=ROOT)
    refunds.send([asked.id])
    refuse(ANN, order, "Send it, or record what has become of it")
    refunds.confirm(asked.id, succeeded=True, by=ROOT)
    privacy.erasure.erase(ANN, by=ROOT)


def test_gift_cards_that_wait_for_a_review_stand_in_the_way():
    shop = make_campaign(review_amount_above_minor=1000)
    order = place(gift_card_item(recipient_email=BEA), campaign_id=shop.id, **FREE)
    refuse(ANN, order, "Release or refuse them")
    desk.reviews.release(order.id, by=ADMIN)
    privacy.erasure.erase(ANN, by=ROOT)


def test_a_gift_that_waits_for_its_day_stands_in_the_way():
    day = (clock.now() + timedelta(days=20)).isoformat()
    order = place(gift_card_item(recipient_email=BEA, deliver_at=day), **FREE)
    refuse(ANN, order, "waits for its day")
    with clock.moved(timedelta(days=21)):
        privacy.erasure.erase(ANN, by=ROOT)


def test_it_is_done_when_it_is_forced():
    order = place(gift_card_item(), **PENDING)
    privacy.erasure.erase(ANN, by=ROOT, force=True)
    assert sheet(order).order.customer_email == ""


def test_test_orders_stand_in_nobodys_way():
    place(gift_card_item(), is_test=True, **PENDING)
    privacy.erasure.erase(ANN, by=ROOT)


def test_what_keeps_one_person_keeps_nobody_else_from_being_forgotten():
    for number in range(6):
        buyer = {"customer_email": f"buyer{number}@example.com", "paid_as": f"R-{number}"}
        place(goods("5.00 USD"), **PENDING | buyer)
    customers.register(email=BEA, name="Bea", by=ADMIN)
    customers.register(email="carl@example.com", name="Carl", by=ADMIN)
    place(gift_card_item(recipient_email="carl@example.com"), **PENDING)
    privacy.retention.put(Terms(people=24), by=ROOT)
    with clock.moved(YEARS):
        assert privacy.retention.apply() == 1
        assert privacy.retention.apply() == 0
    known = customers.find_by_emails([BEA, ANN, "carl@example.com", "buyer5@example.com"])
    assert sorted(known) == [ANN, "buyer5@example.com", "carl@example.com"]


def test_the_desk_and_the_command_line_say_so(app, staff_client):
    order = place(gift_card_item(), **PENDING)
    lead, customer = staff_client("customer_service_admin"), customers.find_by_emails([ANN])[ANN]
    page = f"/staff/customers/{customer.id}/erase"
    refused = lead.post(page, data={"reason": "Asked by letter"})
    assert refused.status_code == 409
    assert f"A payment of order {order.number} is still awaited" in refused.text
    command = app.test_cli_runner().invoke(args=["customer", "erase", "--email", ANN])
    assert command.exit_code == 1
    assert f"A payment of order {order.number} is still awaited" in command.stderr
    assert lead.post(page, data={"reason": "Asked", "force": "y"}).status_code == 303
    assert amount_of("50.00 USD") == sheet(order).awaited
