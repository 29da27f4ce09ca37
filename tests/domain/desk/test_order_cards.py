"""Cards that staff give on an order, within its total; and taking cards off an order again."""

from functools import partial

import peewee
import pytest

from giftweb import database
from giftweb.domain import cards, carts, checkout, desk, orders, payments, refunds
from giftweb.domain.audit.log import SYSTEM
from giftweb.errors import (
    CardAlreadyUsed,
    Invalid,
    NotAllowed,
    NotFound,
    OrderTotalExceeded,
    RefundExceedsPayment,
)
from tests.factories import AGENT, amount_of, goods, make_campaign, make_checkout, no_limits
from tests.orders import balance, gift_card_item, notes_of, now, paid_by, place, sheet, signed_in
from tests.races import at_once

USD = amount_of


def small(**more):
    """An order of 50.00 paid by credit card."""
    return place(goods("50.00 USD"), shipping="0.00 USD", **more)


def give(order, amount: str, *, by=AGENT, **more):
    return desk.order_cards.issue(order.id, amount=USD(amount), by=by, reason="Late parcel", **more)


def spend(card, amount: str) -> None:
    opened = make_checkout(goods(amount), shipping="0.00 USD")
    carts.apply(opened.id, code=cards.holder.open_code(card.id))
    checkout.capture(opened.id, tenders=[], by=SYSTEM)


@pytest.mark.proves("S1", "S2", "S3", "S4", "S5")
def test_a_card_is_issued_on_an_order_mailed_and_noted(mailbox):
    order = small()
    card = give(order, "20.00 USD")
    assert [each.id for each in sheet(order).issued] == [card.id]
    assert [mail.kind for mail in mailbox.to(order.customer_email) if mail.card_id == card.id] == [
        "card_issued"
    ]
    assert f"Gift card •••• {card.last4} of $20.00 was issued by Amy Agent" in notes_of(order)


@pytest.mark.proves("S7", "S8", "I23")
def test_an_agent_cannot_pass_the_total():
    order = small()
    refunds.refund(paid_by(order, "credit_card").id, amount=USD("35.00 USD"), by=AGENT)
    with pytest.raises(OrderTotalExceeded, match="Contact the manager") as refused:
        give(order, "20.00 USD", may_exceed=True)
    assert not refused.value.details["may_proceed"]
    assert sheet(order).issued == ()
    give(order, "15.00 USD")
    with pytest.raises(OrderTotalExceeded):
        give(order, "0.01 USD")


@pytest.mark.proves("S6", "I23")
@pytest.mark.parametrize("role", ["customer_service_admin", "root"])
def test_an_admin_is_warned_first_and_may_proceed(role):
    order, admin = small(), signed_in(role)
    with pytest.raises(OrderTotalExceeded) as warned:
        give(order, "60.00 USD", by=admin)
    assert warned.value.details["may_proceed"]
    card = give(order, "60.00 USD", by=admin, may_exceed=True)
    assert f"issued by {admin.name}: Late parcel. It exceeds" in notes_of(order)
    kept = database.row(
        "SELECT total_minor, new_minor, exceeded_by_id, reason FROM order_issue WHERE card_id = ?",
        card.id,
    )
    assert tuple(kept) == (5000, 6000, admin.id, "Late parcel")


@pytest.mark.tampers
@pytest.mark.proves("I23")
def test_the_table_itself_refuses_more_than_the_total():
    order = small()
    give(order, "20.00 USD")
    with pytest.raises(peewee.IntegrityError), database.transaction():
        database.execute("UPDATE order_issue SET new_minor = 5001")


@pytest.mark.proves("S8", "I23")
def test_only_live_cards_that_staff_issued_count():
    campaign = make_campaign(issue_after_sales=True, relative_hundredths=1000)
    order = small(campaign_id=campaign.id)
    first = give(order, "50.00 USD")
    newer = cards.endings.replace_card(first.id, by=AGENT).card
    with pytest.raises(OrderTotalExceeded):
        give(order, "50.00 USD")
    cards.endings.cancel(newer.id, by=AGENT)
    assert give(order, "50.00 USD").status == "active"


@pytest.mark.proves("S8", "I23")
@pytest.mark.parametrize("rounds", [15, pytest.param(200, marks=pytest.mark.soak)])
def test_a_refund_and_a_card_at_once_never_pass_the_total(rounds):
    for _ in range(rounds):
        order = small()
        payment = paid_by(order, "credit_card").id
        results = at_once(
            partial(give, order, "30.00 USD"),
            partial(refunds.refund, payment, amount=USD("30.00 USD"), by=AGENT),
        )
        given = [each for each in results if not isinstance(each, Exception)]
        assert len(given) in (1, 2)
        if len(given) == 2:
            # Money that goes back after a card was given is the refund's own matter (S8).
            assert str(desk.order_cards.room(order, new=USD("0.01 USD")).issued) == "30.00 USD"


@pytest.mark.proves("S7", "S8", "I23")
@pytest.mark.parametrize("rounds", [25, pytest.param(400, marks=pytest.mark.soak)])
def test_two_agents_at_once_never_pass_the_total(rounds):
    no_limits()
    for _ in range(rounds):
        order = small()
        results = at_once(partial(give, order, "30.00 USD"), partial(give, order, "30.00 USD"))
        assert [type(each) for each in results].count(OrderTotalExceeded) == 1
        assert len(sheet(order).issued) == 1


@pytest.mark.proves("S2")
def test_a_card_needs_a_reason_its_orders_currency_and_somebody_elses_address():
    order = small()
    with pytest.raises(Invalid) as refused:
        desk.order_cards.issue(order.id, amount=USD("1.00 USD"), by=AGENT, reason=" ")
    assert refused.value.field == "reason"
    with pytest.raises(Invalid) as refused:
        desk.order_cards.issue(order.id, amount=USD("1.00 EUR"), by=AGENT, reason="x")
    assert refused.value.field == "amount"
    with pytest.raises(NotAllowed):
        give(order, "1.00 USD", email=AGENT.email)


# Delete


@pytest.mark.proves("S44", "S45", "D6")
def test_an_unused_card_is_deleted_and_nothing_is_refunded_for_a_goodwill_card():
    order = small()
    card = give(order, "20.00 USD")
    gone = desk.card_withdrawal.delete(order.id, card_id=card.id, by=AGENT, reason="Wrong order")
    assert (gone.card.status, gone.refunds) == ("cancelled", ())
    assert not sheet(order).refunded
    assert [each.status for each in sheet(order).issued] == ["cancelled"]
    assert "was deleted" in notes_of(order)


@pytest.mark.proves("S44", "D5")
def test_a_used_card_cannot_be_deleted():
    order = small()
    card = give(order, "20.00 USD")
    spend(card, "5.00 USD")
    with pytest.raises(CardAlreadyUsed):
        desk.card_withdrawal.delete(order.id, card_id=card.id, by=AGENT)
    assert balance(card) == "15.00 USD"


@pytest.mark.proves("S44", "D6")
def test_a_deleted_bought_card_gives_its_price_back_to_what_paid_for_it():
    order = place(gift_card_item("50.00 USD", quantity=2), goods("20.00 USD"), shipping="0.00 USD")
    first, second = sheet(order).purchased
    gone = desk.card_withdrawal.delete(order.id, card_id=first.id, by=AGENT)
    assert [str(each.amount) for each in gone.refunds] == ["50.00 USD"]
    assert str(paid_by(order, "credit_card").refunded) == "50.00 USD"
    assert now(second).status == "active"
    newer = cards.endings.replace_card(second.id, by=AGENT).card
    desk.card_withdrawal.withdraw(newer.id, by=AGENT)
    assert str(paid_by(order, "credit_card").refunded) == "100.00 USD"
    assert sheet(order).order.status == "placed"


@pytest.mark.proves("D6", "D24", "I37")
@pytest.mark.parametrize(
    ("items", "discount", "back"),
    [
        ((gift_card_item("50.00 USD"), gift_card_item("50.00 USD")), 5000, [2500, 2500]),
        ((gift_card_item("50.00 USD", quantity=2),), 5000, [2500, 2500]),
        ((gift_card_item("50.00 USD", quantity=3),), 1500, [4500, 4500, 4500]),
        ((gift_card_item("10.00 USD", quantity=3),), 1000, [667, 667, 666]),
        ((goods("60.00 USD"), gift_card_item("50.00 USD")), 5000, [5000]),
        ((goods("60.00 USD"), gift_card_item("50.00 USD")), 8000, [3000]),
    ],
)
def test_a_deleted_card_gives_back_what_was_paid_for_it_after_the_discount(items, discount, back):
    order = place(*items, shipping="0.00 USD", discount_minor=discount)
    bought, lines = sheet(order).purchased, sheet(order).lines
    assert sum(line.share_minor for line in lines) == order.total.minor
    for at, card in enumerate(bought):
        gone = desk.card_withdrawal.withdraw(card.id, by=AGENT)
        assert [each.amount.minor for each in gone.refunds] == [back[at]]
        assert all(now(other).status == "active" for other in bought[at + 1 :])


@pytest.mark.proves("D6", "D22")
def test_a_deleted_card_of_an_upsell_is_paid_back_from_the_upsell_s_own_payment():
    campaign = make_campaign(issue_after_sales=True, relative_hundredths=1000)
    order = small(campaign_id=campaign.id)
    tender = payments.Tender(
        method="paypal", amount=USD("30.00 USD"), reference="PP-1", state="captured"
    )
    orders.upsell(order.id, items=[gift_card_item("30.00 USD")], tenders=[tender], by=SYSTEM)
    (bought,) = sheet(order).purchased
    desk.card_withdrawal.withdraw(bought.id, by=AGENT)
    assert str(paid_by(order, "paypal").refunded) == "30.00 USD"
    assert [balance(card) for card in sheet(order).issued] == ["5.00 USD"]


@pytest.mark.proves("D6", "I16")
def test_a_bought_card_whose_price_came_back_already_is_only_cancelled():
    order = place(gift_card_item("50.00 USD"), goods("20.00 USD"), shipping="0.00 USD")
    (bought,) = sheet(order).purchased
    refunds.refund(paid_by(order, "credit_card").id, amount=USD("60.00 USD"), by=AGENT)
    gone = desk.card_withdrawal.delete(order.id, card_id=bought.id, by=AGENT)
    assert [str(each.amount) for each in gone.refunds] == ["10.00 USD"]
    with pytest.raises(RefundExceedsPayment):
        refunds.refund_all(order.id, by=AGENT)


@pytest.mark.proves("S45")
def test_a_card_of_another_order_or_one_given_as_a_refund_is_not_deleted_here():
    order, other = small(), small()
    card = give(order, "20.00 USD")
    with pytest.raises(NotFound):
        desk.card_withdrawal.delete(other.id, card_id=card.id, by=AGENT)
    given = refunds.refund(paid_by(other, "credit_card").id, by=AGENT, as_card=True)
    with pytest.raises(NotFound):
        desk.card_withdrawal.delete(other.id, card_id=given.gift_card_id, by=AGENT)


@pytest.mark.proves("S44", "I21")
def test_deleted_and_spent_at_once_ends_one_way():
    no_limits()
    for _ in range(20):
        order = small()
        card = give(order, "20.00 USD")
        results = at_once(
            partial(desk.card_withdrawal.delete, order.id, card_id=card.id, by=AGENT),
            partial(spend, card, "5.00 USD"),
        )
        assert sum(isinstance(each, Exception) for each in results) == 1
        assert balance(card) in ("0.00 USD", "15.00 USD")
