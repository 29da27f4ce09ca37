"""Bought gift cards above a campaign's limits wait for a person before they are sent (B26)."""

from datetime import timedelta

import pytest

from giftweb import clock, models
from giftweb.domain import cards, desk, operations, orders, payments, refunds
from giftweb.errors import CardNotUsable, InReview, Invalid, NotFound, Refused
from tests.factories import ADDRESS, ADMIN, AGENT, make_campaign
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
    assert models.CardReview.select().count() == 0


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
