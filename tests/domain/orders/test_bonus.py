"""The card that a campaign gives after a sale, and what a refund takes back of it."""

from dataclasses import replace
from datetime import timedelta

import peewee
import pytest

from giftweb import clock, database
from giftweb.domain import campaigns, cards, carts, checkout, desk, orders, payments, refunds
from giftweb.domain.audit.log import SYSTEM
from giftweb.domain.cards.values import TYPES, history
from tests.factories import (
    AGENT,
    ROOT,
    amount_of,
    goods,
    make_campaign,
    make_card,
    make_checkout,
)
from tests.orders import balance, gift_card_item, notes_of, now, paid_by, place, recharge, sheet

USD = amount_of
PERCENT = {"issue_after_sales": True, "relative_hundredths": 1000}
FIXED = {"issue_after_sales": True, "absolute_on": True, "absolute_minor": 2500}


def order_of(amount: str, **settings):
    campaign = make_campaign(**settings)
    return place(goods(amount), shipping="0.00 USD", campaign_id=campaign.id)


def bonus_of(order):
    found = [card for card in sheet(order).issued if card.origin == "campaign"]
    return found[0] if found else None


def spend(card, amount: str):
    opened = make_checkout(goods(amount), shipping="0.00 USD")
    carts.apply(opened.id, code=cards.holder.open_code(card.id))
    return checkout.capture(opened.id, tenders=[], by=SYSTEM)


def refund(order, amount: str | None = None) -> None:
    payment = paid_by(order, "credit_card")
    refunds.refund(payment.id, amount=amount and USD(amount), by=AGENT)


def shortfalls() -> list[tuple[str, int]]:
    return [tuple(row) for row in database.rows("SELECT kind, amount_minor FROM shortfall")]


@pytest.mark.proves("S29", "S31", "S32", "D4", "I24")
def test_ten_percent_of_180_is_a_card_of_18(mailbox):
    order = order_of("180.00 USD", **PERCENT)
    card = bonus_of(order)
    assert (balance(card), card.source) == ("18.00 USD", "promotions")
    assert f"Bonus gift card •••• {card.last4} of $18.00 was issued." in notes_of(order)
    assert [mail.kind for mail in mailbox.all() if mail.card_id == card.id] == ["bonus_issued"]


@pytest.mark.proves("S33")
@pytest.mark.parametrize("total", ["1.00 USD", "180.00 USD"])
def test_a_fixed_amount_is_the_same_for_everybody_and_wins(total):
    assert balance(bonus_of(order_of(total, **PERCENT | FIXED))) == "25.00 USD"


@pytest.mark.proves("D4", "S32")
def test_ten_percent_of_five_cents_is_no_card_and_no_error():
    assert bonus_of(order_of("0.05 USD", **PERCENT)) is None


@pytest.mark.proves("S29")
def test_without_the_toggle_no_card_is_given():
    assert bonus_of(order_of("180.00 USD", relative_hundredths=1000)) is None


@pytest.mark.proves("B14")
def test_the_mail_waits_and_the_card_expires_as_the_campaign_says(mailbox):
    order = order_of("180.00 USD", bonus_waiting_days=14, bonus_valid_days=90, **PERCENT)
    card = bonus_of(order)
    assert card.expires_on == clock.today() + timedelta(days=14 + 90)
    due = database.scalar("SELECT due_at FROM mail WHERE card_id = ?", card.id)
    assert due - clock.micros() > 13 * 86_400 * 1_000_000
    refund(order)
    assert [mail.state for mail in mailbox.all() if mail.card_id == card.id] == []


@pytest.mark.tampers
@pytest.mark.proves("I24")
def test_the_table_itself_refuses_a_second_bonus_of_an_order():
    card = bonus_of(order_of("180.00 USD", **PERCENT))
    other = cards.NewCard(
        amount=USD("1.00 USD"),
        holder_email="x@example.com",
        source="promotions",
        origin="campaign",
        campaign_id=card.campaign_id,
        order_id=card.order_id,
    )
    with pytest.raises(peewee.IntegrityError):
        cards.issue(other, by=SYSTEM)


# Taken back


@pytest.mark.proves("B14", "I24", "D12")
def test_the_unspent_bonus_is_gone_with_the_refund_and_its_history_says_why():
    order = order_of("180.00 USD", **PERCENT)
    card = bonus_of(order)
    refund(order)
    assert (now(card).status, balance(card)) == ("cancelled", "0.00 USD")
    line = history(now(card)).lines[0]
    assert (line.kind, TYPES[line.kind], line.order_number) == (
        "claw_back",
        "cancelled",
        order.number,
    )
    assert f"$18.00 of bonus gift card •••• {card.last4} was taken back." in notes_of(order)
    assert shortfalls() == []


@pytest.mark.proves("B14", "I24")
def test_what_was_spent_of_a_bonus_is_recorded():
    order = order_of("180.00 USD", **PERCENT)
    card = bonus_of(order)
    spend(card, "5.00 USD")
    refund(order)
    assert (now(card).status, balance(card)) == ("used_up", "0.00 USD")
    assert shortfalls() == [("bonus", 500)]


@pytest.mark.proves("B14")
def test_a_percentage_shrinks_with_each_part_that_is_refunded():
    order = order_of("180.00 USD", **PERCENT)
    card = bonus_of(order)
    refund(order, "90.00 USD")
    assert balance(card) == "9.00 USD"
    refund(order, "0.05 USD")
    assert balance(card) == "8.99 USD"
    refund(order)
    assert (now(card).status, balance(card)) == ("cancelled", "0.00 USD")
    assert shortfalls() == []


@pytest.mark.proves("B14")
def test_a_fixed_bonus_goes_only_when_everything_is_refunded():
    order = order_of("180.00 USD", **FIXED)
    card = bonus_of(order)
    refund(order, "179.99 USD")
    assert balance(card) == "25.00 USD"
    refund(order)
    assert now(card).status == "cancelled"


@pytest.mark.proves("B14")
def test_a_campaign_may_leave_the_bonus_alone():
    order = order_of("180.00 USD", bonus_claw_back=False, **PERCENT)
    refund(order)
    assert balance(bonus_of(order)) == "18.00 USD"


@pytest.mark.proves("B14", "I21", "I24")
def test_a_bonus_that_was_spent_and_refunded_is_taken_back_but_not_cancelled():
    order = order_of("180.00 USD", **PERCENT)
    card = bonus_of(order)
    refunds.refund_all(spend(card, "18.00 USD").id, by=AGENT)
    refund(order)
    assert (now(card).status, balance(card)) == ("used_up", "0.00 USD")


@pytest.mark.proves("B14", "I21")
def test_a_recharged_bonus_keeps_what_was_recharged():
    order = order_of("180.00 USD", **PERCENT)
    card = bonus_of(order)
    cards.top_up(card.id, amount=USD("7.00 USD"), by=AGENT)
    refund(order)
    assert (now(card).status, balance(card)) == ("active", "7.00 USD")


@pytest.mark.proves("I24")
def test_a_bonus_that_was_deleted_before_is_no_shortfall():
    order = order_of("180.00 USD", **PERCENT)
    cards.endings.cancel(bonus_of(order).id, by=AGENT)
    refund(order)
    assert shortfalls() == []


@pytest.mark.proves("B14", "D7")
def test_a_bonus_is_taken_back_from_the_card_that_replaced_it():
    order = order_of("180.00 USD", **PERCENT)
    newer = cards.endings.replace_card(bonus_of(order).id, by=AGENT).card
    refund(order)
    assert now(newer).status == "cancelled"


@pytest.mark.proves("B14")
def test_a_bonus_on_an_order_that_cost_nothing_is_taken_back_whatever_the_terms_are_now():
    campaign = make_campaign(**FIXED)
    order = place(goods("0.00 USD"), shipping="0.00 USD", campaign_id=campaign.id)
    terms = make_campaign(name="Other", **PERCENT).settings
    campaigns.change(campaign.id, settings=terms, by=ROOT)
    desk.orders.cancel(order.id, by=AGENT)
    assert now(bonus_of(order)).status == "cancelled"


# What earned it, and what did not (D22, D30)


def upsell(order, amount: str) -> None:
    tender = payments.Tender(
        method="paypal", amount=USD(amount), reference="PP-1", state="captured"
    )
    orders.upsell(order.id, items=[goods(amount)], tenders=[tender], by=SYSTEM)


@pytest.mark.proves("B14", "D22", "E3")
def test_an_upsell_that_is_refunded_takes_nothing_of_the_bonus():
    order = order_of("100.00 USD", **PERCENT)
    upsell(order, "100.00 USD")
    refunds.refund(paid_by(order, "paypal").id, by=AGENT)
    assert balance(bonus_of(order)) == "10.00 USD"


@pytest.mark.proves("B14", "D22", "E3")
def test_an_upsell_that_stays_does_not_keep_the_bonus():
    order = order_of("100.00 USD", **PERCENT)
    upsell(order, "100.00 USD")
    card = bonus_of(order)
    refund(order)
    assert (now(card).status, balance(card)) == ("cancelled", "0.00 USD")


@pytest.mark.proves("B14", "D22", "E3")
def test_a_refund_of_shipping_takes_nothing_where_shipping_earned_nothing():
    campaign = make_campaign(bonus_base="without_shipping", **PERCENT)
    order = place(goods("100.00 USD"), shipping="9.00 USD", campaign_id=campaign.id)
    refund(order, "9.00 USD")
    assert balance(bonus_of(order)) == "10.00 USD"
    refund(order, "10.00 USD")
    assert balance(bonus_of(order)) == "9.00 USD"


@pytest.mark.proves("B14", "D22", "E3")
def test_a_capped_bonus_stays_while_what_is_left_earns_the_cap():
    order = order_of("200.00 USD", bonus_cap_minor=1000, **PERCENT)
    refund(order, "100.00 USD")
    assert balance(bonus_of(order)) == "10.00 USD"
    refund(order, "50.00 USD")
    assert balance(bonus_of(order)) == "5.00 USD"


@pytest.mark.proves("B14", "D22", "E3")
def test_a_bonus_goes_when_what_is_left_is_below_the_minimum(mailbox):
    order = order_of("100.00 USD", bonus_minimum_minor=5000, bonus_waiting_days=14, **PERCENT)
    card = bonus_of(order)
    refund(order, "60.00 USD")
    assert now(card).status == "cancelled"
    assert [mail.kind for mail in mailbox.all() if mail.card_id == card.id] == []


@pytest.mark.proves("B14", "D22", "E3")
def test_a_bonus_that_comes_to_less_than_a_cent_is_cancelled_and_its_mail_dropped(mailbox):
    order = order_of("100.00 USD", bonus_waiting_days=14, **PERCENT)
    card = bonus_of(order)
    refund(order, "99.95 USD")
    assert now(card).status == "cancelled"
    assert [mail.kind for mail in mailbox.all() if mail.card_id == card.id] == []


@pytest.mark.proves("B14", "D22", "E3")
def test_no_mail_thanks_for_a_spent_bonus_that_is_gone(mailbox):
    order = order_of("100.00 USD", bonus_waiting_days=14, **PERCENT)
    card = bonus_of(order)
    spend(card, "4.00 USD")
    refund(order)
    assert (now(card).status, shortfalls()) == ("used_up", [("bonus", 400)])
    assert [mail.kind for mail in mailbox.all() if mail.kind == "bonus_issued"] == []


@pytest.mark.proves("B14", "D22", "E3")
def test_terms_that_were_changed_since_shrink_a_bonus_in_proportion():
    campaign = make_campaign(**PERCENT)
    order = place(goods("180.00 USD"), shipping="0.00 USD", campaign_id=campaign.id)
    terms = make_campaign(name="Other", **PERCENT | {"relative_hundredths": 100}).settings
    campaigns.change(campaign.id, settings=terms, by=ROOT)
    refund(order, "90.00 USD")
    assert balance(bonus_of(order)) == "9.00 USD"


@pytest.mark.proves("B14", "D22", "E3")
def test_a_campaign_that_gives_no_bonus_any_more_still_shrinks_by_its_rule():
    campaign = make_campaign(**PERCENT, bonus_cap_minor=1000)
    order = place(goods("200.00 USD"), shipping="0.00 USD", campaign_id=campaign.id)
    terms = make_campaign(name="Other", **PERCENT, bonus_cap_minor=1000).settings
    off = replace(terms, issue_after_sales=False)
    campaigns.change(campaign.id, settings=off, by=ROOT)
    refund(order, "100.00 USD")
    assert balance(bonus_of(order)) == "10.00 USD"


GIFT = gift_card_item("50.00 USD")
PRINTED = GIFT._replace(type="physical", requires_shipping=True)


@pytest.mark.proves("D30", "E5")
@pytest.mark.parametrize("terms", [PERCENT, FIXED, PERCENT | {"bonus_base": "without_shipping"}])
@pytest.mark.parametrize(
    ("item", "shipping"),
    [(GIFT, "0.00 USD"), (GIFT, "9.00 USD"), (PRINTED, "9.00 USD"), ("recharge", "0.00 USD")],
)
def test_gift_cards_alone_earn_no_bonus(terms, item, shipping):
    campaign = make_campaign(**terms)
    if item == "recharge":
        item = recharge(make_card().card)
    order = place(item, shipping=shipping, campaign_id=campaign.id)
    assert bonus_of(order) is None


@pytest.mark.proves("D30", "E5", "D24")
@pytest.mark.parametrize("terms", [PERCENT, FIXED])
def test_the_shipping_of_gift_cards_that_a_discount_pays_for_earns_no_bonus(terms):
    campaign = make_campaign(**terms)
    card = gift_card_item("50.00 USD")
    order = place(card, discount_minor=5000, shipping="9.00 USD", campaign_id=campaign.id)
    assert bonus_of(order) is None
    goods_alone = place(
        goods("50.00 USD"), discount_minor=5000, shipping="9.00 USD", campaign_id=campaign.id
    )
    assert bonus_of(goods_alone) is not None


@pytest.mark.proves("D30", "E5")
@pytest.mark.parametrize(
    ("terms", "more", "bonus"),
    [
        (PERCENT, {}, "10.90 USD"),
        (PERCENT | {"bonus_base": "without_shipping"}, {}, "10.00 USD"),
        (PERCENT | {"bonus_on_gift_cards": True}, {}, "15.90 USD"),
        (PERCENT, {"discount_minor": 3000}, "7.90 USD"),
        (PERCENT, {"discount_minor": 12_000}, None),
        (PERCENT, {"tax_minor": 1000}, "11.90 USD"),
        (PERCENT | {"bonus_minimum_minor": 10_901}, {}, None),
        (PERCENT | {"bonus_minimum_minor": 10_900}, {}, "10.90 USD"),
        (FIXED, {}, "25.00 USD"),
        (FIXED | {"bonus_minimum_minor": 10_901}, {}, None),
    ],
)
def test_in_a_mixed_cart_what_was_paid_for_goods_earns(terms, more, bonus):
    campaign = make_campaign(**terms)
    order = place(goods("100.00 USD"), GIFT, campaign_id=campaign.id, **more)
    found = bonus_of(order)
    assert (found and balance(found)) == bonus


@pytest.mark.proves("D30", "D24", "E5")
def test_only_the_goods_of_a_mixed_cart_earn_and_a_refund_takes_the_gift_card_first():
    campaign = make_campaign(**PERCENT)
    items = (goods("100.00 USD"), gift_card_item("50.00 USD"))
    order = place(*items, shipping="0.00 USD", campaign_id=campaign.id)
    assert balance(bonus_of(order)) == "10.00 USD"
    refund(order, "50.00 USD")
    assert balance(bonus_of(order)) == "10.00 USD"
    refund(order, "10.00 USD")
    assert balance(bonus_of(order)) == "9.00 USD"
