"""Bought gift cards above a campaign's limits wait for a person before they are sent (B26)."""

from datetime import timedelta

import pytest
from peewee import DatabaseError, IntegrityError

from giftweb import clock, database, models
from giftweb.domain import cards, carts, checkout, desk, operations, orders, payments, refunds
from giftweb.domain.audit.log import SYSTEM
from giftweb.domain.payments.payments import Tender
from giftweb.errors import CardNotUsable, InReview, Invalid, NotFound, Refused, ReviewRefused
from tests.database.test_guards import undone
from tests.factories import ADDRESS, ADMIN, AGENT, make_campaign, make_checkout
from tests.orders import gift_card_item, paid_by, place, sheet
from tests.races import at_once


def buy(*items, campaign, **more):
    """An order of gift cards, paid by card."""
    return place(*items, campaign_id=campaign.id, shipping="0.00 USD", **more)


@pytest.fixture
def campaign():
    return make_campaign(review_amount_above_minor=20_000, review_cards_per_day=3)


@pytest.mark.proves("B26")
def test_a_card_above_the_limit_is_paid_and_not_sent(campaign, mailbox):
    order = buy(gift_card_item("200.01 USD"), campaign=campaign)
    [card] = sheet(order).purchased
    assert (card.status, card.balance_minor) == ("frozen", 20_001)
    assert "cards_purchased" not in mailbox.kinds()
    [review] = orders.reviews.waiting(order.id)
    assert review.reason == "amount"
    [task] = desk.work_list.waiting(["review"]).tasks["review"]
    assert (task.about, task.detail) == (str(order.number), "amount")
    for leak in (
        lambda: cards.holder.open_code(card.id),
        lambda: cards.holder.reveal(card.id, by=ADMIN, reason="I want to see it"),
        lambda: cards.holder.resend(card.id, by=ADMIN),
        lambda: cards.endings.replace_card(card.id, by=ADMIN),
        lambda: cards.holder.print_out(card.id, by=ADMIN),
        lambda: cards.unfreeze(card.id, by=ADMIN),
    ):
        with pytest.raises(InReview):
            leak()
    with pytest.raises(NotFound):
        orders.gifts.printable(card.id, customer_id=order.customer_id)


@pytest.mark.proves("B26")
def test_at_the_limit_it_is_sent(campaign, mailbox):
    order = buy(gift_card_item("200.00 USD"), campaign=campaign)
    assert mailbox.kinds().count("cards_purchased") == 1
    assert orders.reviews.waiting(order.id) == []
    with pytest.raises(Refused, match="No gift card of this order waits"):
        desk.reviews.release(order.id, by=AGENT)


@pytest.mark.proves("B26", "S71")
def test_released_cards_are_sent_as_they_would_have_been(campaign, mailbox):
    items = (gift_card_item("300.00 USD"), gift_card_item("10.00 USD"))
    order = buy(*items, campaign=campaign)
    released = desk.reviews.release(order.id, by=AGENT, reason="A known company")
    assert [card.status for card in released] == ["active", "active"]
    assert mailbox.kinds().count("cards_purchased") == 1
    assert all(cards.holder.open_code(card.id) for card in released)
    assert desk.work_list.waiting(["review"]).count == 0
    with pytest.raises(Refused):
        desk.reviews.release(order.id, by=AGENT)


@pytest.mark.proves("B26")
def test_refused_cards_end_and_what_was_paid_goes_back(campaign, mailbox):
    order = buy(gift_card_item("500.00 USD", quantity=2), campaign=campaign)
    with pytest.raises(Invalid):
        desk.reviews.refuse(order.id, by=AGENT, reason=" ")
    refunds.send(desk.reviews.refuse(order.id, by=AGENT, reason="A stolen card"))
    assert [card.status for card in sheet(order).purchased] == ["cancelled", "cancelled"]
    assert paid_by(order, "credit_card").left_minor == 0
    assert "cards_purchased" not in mailbox.kinds()
    with pytest.raises(Refused):
        desk.reviews.release(order.id, by=AGENT)
    for card in sheet(order).purchased:
        with pytest.raises(ReviewRefused):
            cards.holder.reveal(card.id, by=ADMIN, reason="I want to see it")


@pytest.mark.proves("B26")
@pytest.mark.parametrize("same", ["customer", "recipient", "address"])
def test_more_cards_in_a_day_than_allowed_wait(campaign, same):
    def ordered(number: int, count: int):
        item = gift_card_item("10.00 USD", quantity=count)
        mine = f"{number}@example.com"
        item = item._replace(recipient_email="r@example.com" if same == "recipient" else mine)
        address = {"line1": f"{number if same != 'address' else 1} High Street"}
        return buy(
            item,
            campaign=campaign,
            customer_email="c@example.com" if same == "customer" else f"c{mine}",
            shipping_address={**ADDRESS, **address},
        )

    first, second = ordered(1, 3), ordered(2, 1)
    assert orders.reviews.waiting(first.id) == []
    assert [review.reason for review in orders.reviews.waiting(second.id)] == [same]
    with clock.moved(timedelta(days=1)):
        assert orders.reviews.waiting(ordered(3, 1).id) == []


@pytest.mark.proves("B26")
def test_more_money_in_a_day_than_allowed_waits():
    campaign = make_campaign(review_amount_per_day_minor=10_000)
    first = buy(gift_card_item("60.00 USD"), campaign=campaign)
    second = buy(gift_card_item("40.00 USD"), campaign=campaign)
    third = buy(gift_card_item("0.01 USD"), campaign=campaign)
    assert orders.reviews.waiting(first.id) + orders.reviews.waiting(second.id) == []
    [review] = orders.reviews.waiting(third.id)
    assert review.reason == "customer recipient address"
    with clock.moved(timedelta(days=1)):
        fourth = buy(gift_card_item("100.00 USD"), campaign=campaign)
    assert orders.reviews.waiting(fourth.id) == []


@pytest.mark.proves("B26")
def test_what_one_network_buys_is_counted_together(campaign):
    def ordered(number: int, address: str):
        who = f"{number}@example.com"
        item = gift_card_item("10.00 USD", quantity=2)._replace(recipient_email=f"r{who}")
        none = {"shipping": "0.00 USD", "shipping_address": None}
        cart = make_checkout(item, campaign_id=campaign.id, customer_email=who, **none)
        carts.remember_network(cart, address=address)
        tender = Tender(method="credit_card", amount=cart.due, reference=who, state="captured")
        order = checkout.capture(cart.id, tenders=[tender], by=SYSTEM)
        return [review.reason for review in orders.reviews.waiting(order.id)]

    assert ordered(1, "2001:db8:1:2::3") == []
    assert ordered(2, "2001:db8:1:3::3") == []
    assert ordered(3, "2001:db8:1:2::4") == ["network", "network"]
    kept = {row.network for row in models.Checkout.select()}
    assert len(kept) == 2
    assert not any(":" in network or "20010db8" in network for network in kept)


@pytest.mark.proves("B26")
def test_a_first_order_above_its_limit_waits_until_the_customer_is_known():
    campaign = make_campaign(review_first_order_above_minor=5_000)
    small = buy(gift_card_item("25.00 USD", quantity=2), campaign=campaign)
    large = buy(gift_card_item("25.01 USD", quantity=2), campaign=campaign)
    assert orders.reviews.waiting(small.id) == []
    assert {review.reason for review in orders.reviews.waiting(large.id)} == {"first"}
    with clock.moved(timedelta(days=1)):
        known = buy(gift_card_item("500.00 USD"), campaign=campaign)
        other = buy(gift_card_item("500.00 USD"), campaign=campaign, customer_email="o@example.com")
    assert orders.reviews.waiting(known.id) == []
    assert len(orders.reviews.waiting(other.id)) == 1


@pytest.mark.proves("B26", "S52")
def test_who_was_charged_back_is_known_for_nothing():
    campaign = make_campaign(review_first_order_above_minor=5_000)
    order = buy(gift_card_item("25.00 USD"), campaign=campaign)
    payment = paid_by(order, "credit_card")
    desk.orders.charge_back(order.id, payment_id=payment.id, amount=payment.amount, by=AGENT)
    with clock.moved(timedelta(days=1)):
        again = buy(gift_card_item("50.01 USD"), campaign=campaign)
    assert [review.reason for review in orders.reviews.waiting(again.id)] == ["first"]


@pytest.mark.proves("B26")
def test_without_limits_nothing_is_assessed():
    buy(gift_card_item("500.00 USD", quantity=9), campaign=make_campaign())
    assert models.RiskAssessment.select().count() == 0


@pytest.mark.proves("B26")
@pytest.mark.parametrize(
    ("limit", "found"),
    [
        ("amount_above_minor", {"largest_minor": 501}),
        ("cards_per_day", {"day_cards": 501}),
        ("cards_per_day", {}),
        ("amount_per_day_minor", {"day_minor": 501}),
        ("amount_per_day_minor", {}),
        ("first_order_above_minor", {"sum_minor": 501, "is_first": True}),
    ],
)
def test_the_database_takes_nothing_above_a_limit_without_a_reason(limit, found):
    order = place(gift_card_item("5.00 USD"), shipping="0.00 USD")
    row = {"id": "rsk_x", "order_id": order.id, "part": 0, "created_at": clock.now()}
    row |= {"currency": "USD", "cards": 1, "largest_minor": 500, "sum_minor": 500}
    row |= {"is_first": False, "reason": ""} | found | {limit: 500}
    with pytest.raises(IntegrityError, match="above_limits_is_reviewed"), database.transaction():
        models.RiskAssessment.insert(row).execute()
    with undone():
        models.RiskAssessment.insert(row | {"reason": "amount"}).execute()


@pytest.mark.proves("B26")
def test_the_database_keeps_what_was_assessed_and_decided(campaign):
    order = buy(gift_card_item("300.00 USD"), campaign=campaign)
    with pytest.raises(DatabaseError, match="append_only"), database.transaction():
        models.RiskAssessment.update(reason="first").execute()
    with pytest.raises(DatabaseError, match="identity_is_fixed"), database.transaction():
        models.CardReview.update(reason="first").execute()
    desk.reviews.release(order.id, by=AGENT)
    with pytest.raises(DatabaseError, match="decided_once"), database.transaction():
        models.CardReview.update(decision="refused").execute()


@pytest.mark.proves("B26", "I31")
def test_orders_at_once_are_counted_together(campaign):
    def order():
        return buy(gift_card_item("10.00 USD", quantity=2), campaign=campaign)

    placed = at_once(*[order] * 3)
    waiting = [each for each in placed if orders.reviews.waiting(each.id)]
    assert len(waiting) == 2


@pytest.mark.proves("B26", "S52")
def test_after_a_chargeback_nothing_is_released(campaign):
    order = buy(gift_card_item("300.00 USD"), campaign=campaign)
    payment = paid_by(order, "credit_card")
    desk.orders.charge_back(order.id, payment_id=payment.id, amount=payment.amount, by=AGENT)
    with pytest.raises(Refused, match="charged back"):
        desk.reviews.release(order.id, by=AGENT)


@pytest.mark.proves("B26", "D16")
def test_reviews_go_with_the_test_book(campaign):
    order = buy(gift_card_item("300.00 USD"), campaign=campaign, is_test=True)
    assert orders.reviews.waiting(order.id)
    operations.test_book.purge(by=ADMIN)
    assert models.CardReview.select().count() == models.RiskAssessment.select().count() == 0


@pytest.mark.proves("B26", "D22")
def test_a_refund_of_the_whole_order_ends_the_review(campaign):
    order = buy(gift_card_item("300.00 USD"), campaign=campaign)
    refunds.refund_all(order.id, by=AGENT)
    assert orders.reviews.waiting(order.id) == []
    assert desk.work_list.waiting(["review"]).count == 0
    [card] = sheet(order).purchased
    with pytest.raises(CardNotUsable):
        cards.unfreeze(card.id, by=AGENT)
    assert payments.of_order(order.id)
