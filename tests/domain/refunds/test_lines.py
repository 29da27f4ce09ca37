"""A line is taken off a placed order: its share goes back, and what follows (D22, D24)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from giftweb import models
from giftweb.domain import carts, checkout, desk, orders, payments, refunds
from giftweb.domain.audit.log import SYSTEM
from giftweb.domain.cards.values import Issued
from giftweb.errors import NotFound, Refused
from tests.factories import ADMIN, AGENT, amount_of, goods, make_campaign, make_card, make_checkout
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
)

USD = amount_of
DOWNLOAD = {"sku": "PDF", "name": "A pattern", "requires_shipping": False}
PERCENT = {"issue_after_sales": True, "relative_hundredths": 1000}


def take_off(order, sku: str, **more):
    (line,) = [line for line in sheet(order).lines if line.sku == sku]
    return refunds.lines.take_off(order.id, line_id=line.id, by=AGENT, **more)


def refunded(order) -> dict[str, str]:
    return {each.method: str(each.refunded) for each in payments.of_order(order.id)}


def spend(issued: Issued | str, amount: str) -> None:
    opened = make_checkout(goods(amount), shipping="0.00 USD")
    carts.apply(opened.id, code=getattr(issued, "code", issued))
    checkout.capture(opened.id, tenders=[], by=SYSTEM)


@pytest.mark.proves("D24", "I37", "E29")
def test_what_was_paid_for_a_line_goes_back_to_the_cent_and_the_rest_stays():
    order = place(
        goods("70.00 USD"),
        goods("30.01 USD", sku="CAP", name="A cap", quantity=2),
        discount_minor=1000,
        tax_minor=777,
    )
    (cap,) = [line for line in sheet(order).lines if line.sku == "CAP"]
    (done,) = take_off(order, "CAP", reason="Out of stock")
    assert done.amount_minor == cap.share_minor == 6002 - 462 + 359
    after = sheet(order)
    assert [line.sku for line in after.kept_lines] == ["MUG"]
    assert (after.order.status, after.order.fulfilment) == ("placed", "pending")
    assert after.order.total == order.total
    assert "2 × A cap was taken off the order by Amy Agent: Out of stock." in notes_of(order)
    assert models.Mail.select().where(models.Mail.kind == "refund").count() == 1


@pytest.mark.proves("D24", "S42", "S48", "I15")
def test_a_gift_card_that_paid_has_its_money_back_first_and_shipping_is_left_alone():
    card = make_card("50.00 USD")
    order = place(goods("40.00 USD"), goods("60.00 USD", sku="CAP"), cards=[card])
    take_off(order, "MUG")
    assert refunded(order) == {"gift_card": "40.00 USD", "credit_card": "0.00 USD"}
    assert balance(card.card) == "40.00 USD"


@pytest.mark.proves("D24", "D13")
def test_what_bought_a_gift_card_goes_back_to_what_paid_for_it():
    card = make_card("30.00 USD")
    order = place(goods("40.00 USD"), gift_card_item("25.00 USD", quantity=2), cards=[card])
    take_off(order, "GIFT")
    assert refunded(order) == {"gift_card": "0.00 USD", "credit_card": "50.00 USD"}
    assert [each.status for each in sheet(order).purchased] == ["cancelled"] * 2
    assert "was cancelled: its item was taken off." in notes_of(order)


@pytest.mark.proves("D22", "D24", "D12")
def test_a_card_of_it_that_was_used_is_frozen_and_one_that_was_deleted_is_paid_back_once():
    order = place(goods("40.00 USD"), gift_card_item("25.00 USD", quantity=3), discount_minor=5000)
    first, second, third = sheet(order).purchased
    desk.card_withdrawal.delete(order.id, card_id=first.id, by=AGENT)
    (line,) = [line for line in sheet(order).lines if line.sku == "GIFT"]
    given_back = payments.of_order(order.id)[0].refunded_minor
    spend(orders_code(second), "10.00 USD")
    take_off(order, "GIFT")
    assert payments.of_order(order.id)[0].refunded_minor == line.share_minor
    assert given_back in (line.share_minor // 3, line.share_minor // 3 + 1)
    assert [now(each).status for each in (first, second, third)] == [
        *("cancelled", "frozen", "cancelled")
    ]
    with pytest.raises(Refused):
        desk.card_withdrawal.delete(order.id, card_id=third.id, by=AGENT)


def orders_code(card) -> str:
    from giftweb.domain.cards import holder

    return holder.open_code(card.id)


@pytest.mark.proves("D22", "B7")
def test_a_recharge_that_is_taken_off_goes_off_its_card():
    card = make_card("10.00 USD").card
    campaign = make_campaign()
    order = place(goods("40.00 USD"), recharge(card, "25.00 USD"), campaign_id=campaign.id)
    assert balance(card) == "35.00 USD"
    take_off(order, "GIFT")
    assert balance(card) == "10.00 USD"
    assert refunded(order) == {"credit_card": "25.00 USD"}


@pytest.mark.proves("D22", "D30", "B14", "E3")
@pytest.mark.parametrize(
    ("sku", "base", "left"),
    [
        ("MUG", "grand_total", "5.00 USD"),
        ("MUG", "without_shipping", "4.00 USD"),
        ("GIFT", "grand_total", "11.00 USD"),
    ],
)
def test_the_bonus_shrinks_with_the_line_that_earned_it_and_with_no_other(sku, base, left):
    campaign = make_campaign(**PERCENT, bonus_base=base)
    order = place(
        goods("60.00 USD"),
        goods("40.00 USD", sku="CAP"),
        gift_card_item("50.00 USD"),
        shipping="10.00 USD",
        campaign_id=campaign.id,
    )
    (bonus,) = sheet(order).issued
    take_off(order, sku)
    assert balance(bonus) == left


@pytest.mark.proves("D22", "B14")
def test_an_absolute_bonus_goes_with_the_last_goods():
    campaign = make_campaign(issue_after_sales=True, absolute_on=True, absolute_minor=500)
    order = place(
        goods("60.00 USD"),
        goods("40.00 USD", sku="CAP"),
        gift_card_item("50.00 USD"),
        campaign_id=campaign.id,
    )
    (bonus,) = sheet(order).issued
    take_off(order, "MUG")
    assert balance(bonus) == "5.00 USD"
    take_off(order, "CAP")
    assert now(bonus).status == "cancelled"


@pytest.mark.proves("D22", "S49", "D8")
def test_without_anything_left_to_ship_the_order_needs_no_shipping_and_is_never_denied():
    order = place(goods("60.00 USD"), goods("40.00 USD", **DOWNLOAD))
    take_off(order, "MUG")
    assert sheet(order).order.fulfilment == "not_needed"
    assert "There is nothing to ship any more." in notes_of(order)
    refunds.refund_all(order.id, by=AGENT)
    after = orders.find(order.id)
    assert (after.status, after.fulfilment) == ("cancelled", "not_needed")


@pytest.mark.proves("D22", "I38", "S49")
def test_a_line_that_takes_the_last_of_the_money_ends_the_order_the_same():
    order = place(goods("60.00 USD"), goods("40.00 USD", **DOWNLOAD), shipping="0.00 USD")
    refunds.refund(paid_by(order, "credit_card").id, amount=USD("40.00 USD"), by=AGENT)
    take_off(order, "MUG")
    after = orders.find(order.id)
    assert (after.status, after.fulfilment) == ("cancelled", "not_needed")


@pytest.mark.proves("D22")
def test_what_was_shipped_stays_shipped_until_it_is_not_shipped_after_all():
    order = place(goods("60.00 USD"), goods("40.00 USD", **DOWNLOAD))
    desk.orders.ship(order.id, by=AGENT)
    take_off(order, "MUG")
    assert orders.find(order.id).fulfilment == "shipped"
    desk.orders.unship(order.id, by=AGENT)
    assert orders.find(order.id).fulfilment == "not_needed"


@pytest.mark.proves("D22", "I38")
@pytest.mark.parametrize("first", ["chargeback", "line"])
def test_a_chargeback_before_or_after_ends_the_same(first):
    order = place(goods("40.00 USD"), gift_card_item("50.00 USD"), shipping="0.00 USD")

    def charge_back() -> None:
        payment = paid_by(order, "credit_card")
        desk.orders.charge_back(order.id, payment_id=payment.id, amount=USD("10.00 USD"), by=AGENT)

    events = [charge_back, lambda: take_off(order, "GIFT")]
    for event in events if first == "chargeback" else reversed(events):
        event()
    (card,) = sheet(order).purchased
    (paid,) = payments.of_order(order.id)
    assert (card.status, paid.left_minor) == ("cancelled", 3000)


@pytest.mark.proves("D22", "B3")
def test_a_remote_refund_is_claimed_and_its_card_is_withdrawn_at_once():
    with provider("unknown"):
        order = place(
            goods("40.00 USD"), gift_card_item("50.00 USD"), gateway="stripe", method="stripe"
        )
        claimed = take_off(order, "GIFT")
        assert [each.status for each in sheet(order).purchased] == ["cancelled"]
        assert [each.status for each in refunds.send([each.id for each in claimed])] == [
            "requested"
        ]
        refunds.send([each.id for each in claimed])
    assert refunded(order) == {"stripe": "50.00 USD"}


@pytest.mark.proves("D22", "D21")
def test_what_cannot_be_taken_off_is_refused_with_the_reason():
    order = place(goods("40.00 USD"), goods("50.00 USD", sku="CAP"))
    take_off(order, "MUG")
    for sku, sentence in (("MUG", "taken off already"), ("CAP", "all that is left of the order")):
        with pytest.raises(Refused, match=sentence):
            take_off(order, sku)
    other = place(goods("40.00 USD"), goods("50.00 USD", sku="CAP"), state="pending")
    with pytest.raises(Refused, match="still awaited"):
        take_off(other, "CAP")
    over = place(goods("40.00 USD"), goods("50.00 USD", sku="CAP"))
    desk.orders.cancel(over.id, by=ADMIN)
    with pytest.raises(Refused, match="is over"):
        take_off(over, "CAP")
    with pytest.raises(NotFound):
        refunds.lines.take_off(order.id, line_id=sheet(over).lines[0].id, by=AGENT)
    assert refunded(over) == {"credit_card": "99.00 USD"}


@pytest.mark.no_database
@pytest.mark.proves("D24", "I16")
@given(
    st.integers(0, 500),
    st.lists(st.tuples(st.booleans(), st.integers(0, 200)), max_size=5),
    st.booleans(),
)
def test_an_amount_is_shared_over_payments_and_none_gets_more_than_it_has_left(
    minor, tenders, is_gift_card
):
    paid = [payment_with(is_card, left) for is_card, left in tenders]
    parts = refunds.lines.parts_of(minor, paid, is_gift_card=is_gift_card)
    payable = [each for each in paid if not (is_gift_card and each.is_gift_card)]
    assert sum(part.minor for _, part in parts) == min(minor, sum(p.left_minor for p in payable))
    assert all(0 < part.minor <= payment.left_minor for payment, part in parts)
    if any(not payment.is_gift_card for payment, _ in parts) and not is_gift_card:
        returned = sum(part.minor for payment, part in parts if payment.is_gift_card)
        assert returned == sum(each.left_minor for each in paid if each.is_gift_card)


def payment_with(is_card: bool, left: int) -> payments.Payment:
    columns = dict.fromkeys(payments.Payment.__dataclass_fields__) | {
        "method": "gift_card" if is_card else "cash",
        "state": "captured",
        "currency": "USD",
        "amount_minor": left + 1,
        "refunded_minor": 1,
        "charged_back_minor": 0,
        "card_minor": left + 1 if is_card else None,
        "card_refunded_minor": 1 if is_card else 0,
    }
    return payments.Payment(**columns)


@pytest.mark.proves("D22")
def test_an_order_that_cost_nothing_goes_on_when_an_item_is_taken_off():
    order = place(
        goods("10.00 USD"), gift_card_item("20.00 USD"), discount_minor=3000, shipping="0.00 USD"
    )
    assert not order.total
    mug, _ = sheet(order).lines
    refunds.lines.take_off(order.id, line_id=mug.id, by=AGENT, reason="Out of stock")
    after = sheet(order)
    assert after.order.status == "placed"
    assert [each.status for each in after.purchased] == ["active"]
    desk.orders.cancel(order.id, by=AGENT, reason="The customer wants none of it")
    ended = sheet(order)
    assert ended.order.status == "cancelled"
    assert [each.status for each in ended.purchased] == ["cancelled"]
