"""A card's holder recharges it by buying in a shop; and what becomes of it with the order."""

from collections import Counter
from datetime import date

import pytest

from giftweb import database
from giftweb.domain import cards, carts, catalogue, checkout, desk, orders, refunds, reports
from giftweb.domain.audit.log import SYSTEM
from giftweb.domain.catalogue.rates import NewRate
from giftweb.domain.payments.payments import Tender
from giftweb.errors import (
    CardNotRechargeable,
    GiftCardNotAllowed,
    Invalid,
    NotFound,
    PaymentIncomplete,
)
from giftweb.money import LIMIT_MINOR, Money
from tests.factories import (
    AGENT,
    ROOT,
    amount_of,
    goods,
    make_campaign,
    make_card,
    make_checkout,
)
from tests.orders import (
    balance,
    gift_card_item,
    gift_card_product,
    notes_of,
    now,
    paid_by,
    place,
    recharge,
    sheet,
)
from tests.races import at_once

pytestmark = pytest.mark.proves("B7", "B20")

ANN = "ann@example.com"
FREE = {"shipping": "0.00 USD"}


def buy(card, amount: str = "25.00 USD", **more):
    """An order of one recharge, paid by credit card."""
    return place(recharge(card, amount), **FREE | more)


def spend(card, amount: str):
    """An order of goods that the card alone pays."""
    opened = make_checkout(goods(amount), **FREE)
    carts.apply(opened.id, code=cards.holder.open_code(card.id))
    return checkout.capture(opened.id, tenders=[], by=SYSTEM)


def history(card) -> list[tuple[str, int, int | None]]:
    lines = cards.history(now(card)).lines
    return [(line.type, line.amount_minor, line.order_number) for line in lines]


def shortfalls(order) -> list[tuple[str, int]]:
    found = database.rows("SELECT kind, amount_minor FROM shortfall WHERE order_id = ?", order.id)
    return [tuple(row) for row in found]


# Bought


def test_the_order_puts_its_money_on_that_very_card_and_says_so(mailbox):
    card = make_card("10.00 USD").card
    order = buy(card)
    assert balance(card) == "35.00 USD"
    assert history(card)[0] == ("recharged", 2500, order.number)
    assert f"Gift card •••• {card.last4} was recharged with $25.00." in notes_of(order)
    (mail,) = [mail for mail in mailbox.to(ANN) if mail.kind == "card_recharged"]
    assert (mail.card_id, mail.order_id) == (card.id, order.id)
    shown = sheet(order)
    assert not shown.purchased
    assert [each.card_id for each in shown.recharges] == [card.id]
    assert orders.payload.Order.of(shown)["items"][0]["recharges"] == card.id
    reported = database.scalar(
        "SELECT from_account FROM transfer WHERE order_id = ? AND kind = 'top_up'", order.id
    )
    assert reported == "sales"


def test_it_lies_in_one_cart_with_other_goods_and_the_card_pays_those_alone():
    issued = make_card("50.00 USD")
    opened = make_checkout(goods("20.00 USD"), recharge(issued.card), **FREE)
    opened = carts.apply(opened.id, code=issued.code)
    assert (str(opened.coverable), str(opened.due)) == ("20.00 USD", "25.00 USD")
    paid = Tender(method="credit_card", amount=opened.due, reference="Visa 4242", state="captured")
    checkout.capture(opened.id, tenders=[paid], by=SYSTEM)
    assert balance(issued.card) == "55.00 USD"


@pytest.mark.proves("D13")
def test_no_card_pays_a_recharge_not_even_its_own():
    issued = make_card("50.00 USD")
    opened = make_checkout(recharge(issued.card), **FREE)
    with pytest.raises(GiftCardNotAllowed):
        carts.apply(opened.id, code=issued.code)
    with pytest.raises(PaymentIncomplete):
        checkout.capture(opened.id, tenders=[], by=SYSTEM)
    assert balance(issued.card) == "50.00 USD"


def test_only_its_holder_puts_it_in_a_cart():
    card = make_card().card
    with pytest.raises(NotFound):
        recharge(card, email="eve@example.com")
    nobodys = make_card(holder=None).card
    with pytest.raises(NotFound):
        recharge(nobodys, email=None)


@pytest.mark.proves("S65")
def test_the_amounts_are_those_of_the_shops_gift_card():
    card = make_card().card
    with pytest.raises(Invalid):
        recharge(card, "9.99 USD")
    with pytest.raises(Invalid):
        recharge(card, "500.01 USD")
    assert recharge(card, "10.00 USD").unit_minor == 1000


@pytest.mark.proves("S20", "S22", "I20")
def test_test_money_recharges_test_cards_only():
    real, test = make_card().card, make_card(is_test=True).card
    for card in (real, test):
        with pytest.raises(CardNotRechargeable):
            recharge(card, is_test=not card.is_test)
    order = place(recharge(test, is_test=True), is_test=True, **FREE)
    assert order.is_test
    assert balance(test) == "75.00 USD"
    slipped = make_checkout(recharge(real), is_test=True, **FREE)
    with pytest.raises(CardNotRechargeable):
        capture(slipped)


def test_a_cart_holds_one_recharge_of_a_card():
    card = make_card().card
    line = recharge(card)
    with pytest.raises(Invalid):
        make_checkout(line, line._replace(unit_minor=5000), **FREE)
    with pytest.raises(Invalid):
        make_checkout(line._replace(quantity=2), **FREE)


@pytest.mark.proves("S39")
def test_nothing_is_recharged_after_the_order():
    order, line = place(goods("20.00 USD"), **FREE), recharge(make_card().card)
    paid = Tender(
        method="credit_card", amount=amount_of("25.00 USD"), reference="Visa 4242", state="captured"
    )
    with pytest.raises(Invalid):
        orders.upsell(order.id, items=[line], tenders=[paid], by=SYSTEM)


def capture(opened):
    paid = Tender(method="credit_card", amount=opened.due, reference="Visa 4242", state="captured")
    return checkout.capture(opened.id, tenders=[paid], by=SYSTEM)


SPOILT = {
    "frozen": lambda card: cards.freeze(card.id, by=AGENT, reason="lost"),
    "cancelled": lambda card: cards.endings.cancel(card.id, by=AGENT),
    "another's": lambda card: cards.holder.correct_holder(
        card.id, email="bob@example.com", name="Bob", by=AGENT, reason="sold on"
    ),
    "full": lambda card: cards.top_up(
        card.id, amount=amount_of(f"{LIMIT_MINOR // 100 - 60}.00 USD"), by=SYSTEM
    ),
}


@pytest.mark.parametrize("how", SPOILT)
def test_what_cannot_take_the_money_any_more_is_reported_in_the_cart_and_never_charged(how):
    card = make_card("50.00 USD").card
    opened = make_checkout(goods("20.00 USD"), recharge(card), **FREE)
    assert orders.recharges.problems(opened) == {}
    SPOILT[how](card)
    before = balance(card)
    assert list(orders.recharges.problems(opened)) == [card.id]
    with pytest.raises(CardNotRechargeable):
        checkout.authorise(opened.id, by=SYSTEM)
    with pytest.raises(CardNotRechargeable):
        capture(opened)
    assert balance(card) == before
    assert database.scalar("SELECT COUNT(*) FROM orders") == 0


def test_a_card_that_was_replaced_meanwhile_leaves_the_money_to_the_one_in_its_stead():
    card = make_card("50.00 USD").card
    opened = make_checkout(recharge(card), **FREE)
    fresh = cards.endings.replace_card(card.id, by=AGENT).card
    assert orders.recharges.problems(opened) == {}
    order = capture(opened)
    assert balance(fresh) == "75.00 USD"
    (done,) = sheet(order).recharges
    assert done.card_id == fresh.id
    assert sheet(order).lines[0].name == f"Recharge of •••• {fresh.last4}"


def test_a_card_and_the_one_in_its_stead_are_one():
    card = make_card("50.00 USD").card
    first = recharge(card)
    fresh = cards.endings.replace_card(card.id, by=AGENT).card
    opened = make_checkout(first, recharge(fresh), **FREE)
    with pytest.raises(CardNotRechargeable):
        capture(opened)
    assert balance(fresh) == "50.00 USD"


@pytest.mark.proves("S66")
def test_a_card_of_another_currency_gets_its_own_at_the_rate_kept_with_the_line():
    card = make_card("50.00 EUR").card
    day = "2026-01-01"
    catalogue.rates.set_rates([_rate(day, "0.90")], by=ROOT)
    opened = make_checkout(recharge(card, "25.00 USD"), **FREE)
    catalogue.rates.set_rates([_rate(day, "0.50")], by=ROOT)
    order = capture(opened)
    assert balance(card) == "72.50 EUR"
    assert "recharged with €22.50, for $25.00" in notes_of(order)


def _rate(day: str, figure: str) -> NewRate:
    return NewRate(date.fromisoformat(day), "USD", "EUR", figure)


def test_two_orders_at_the_same_moment_recharge_it_twice():
    card = make_card("50.00 USD").card
    of = gift_card_product()
    opened = [make_checkout(recharge(card, of=of), **FREE) for _ in range(4)]
    at_once(*[lambda each=each: capture(each) for each in opened])
    assert balance(card) == "150.00 USD"


def test_a_recharge_and_a_freeze_at_the_same_moment_end_in_one_or_the_other():
    card = make_card("50.00 USD").card
    opened = make_checkout(recharge(card), **FREE)
    at_once(lambda: capture(opened), lambda: cards.freeze(card.id, by=AGENT, reason="lost"))
    placed = database.scalar("SELECT COUNT(*) FROM orders")
    assert balance(card) == ("75.00 USD" if placed else "50.00 USD")


# Taken back


@pytest.mark.proves("S73", "I24")
def test_a_refunded_order_takes_an_unspent_recharge_back_and_leaves_the_rest():
    card = make_card("40.00 USD").card
    order = buy(card)
    refunds.refund_all(order.id, by=AGENT)
    assert (balance(card), now(card).status) == ("40.00 USD", "active")
    assert history(card)[0] == ("cancelled", -2500, order.number)
    assert "$25.00 was taken back from gift card" in notes_of(order)
    assert shortfalls(order) == []
    assert str(sheet(order).recharges[0].taken) == "25.00 USD"


@pytest.mark.proves("S73", "I24")
def test_the_oldest_money_is_spent_first_and_what_is_gone_is_a_shortfall():
    card = make_card("40.00 USD").card
    order = buy(card)
    spend(card, "50.00 USD")
    refunds.refund_all(order.id, by=AGENT)
    assert (balance(card), now(card).status) == ("0.00 USD", "used_up")
    assert shortfalls(order) == [("recharge", 1000)]


def test_what_came_later_is_not_touched():
    card = make_card("40.00 USD").card
    first, second = buy(card), buy(card, "50.00 USD")
    spend(card, "60.00 USD")
    refunds.refund_all(first.id, by=AGENT)
    assert balance(card) == "50.00 USD"
    assert shortfalls(first) == [("recharge", 2000)]
    refunds.refund_all(second.id, by=AGENT)
    assert balance(card) == "0.00 USD"
    assert shortfalls(second) == []


def test_money_that_an_order_holds_stays_held():
    card = make_card("10.00 USD")
    order = buy(card.card)
    held = make_checkout(goods("20.00 USD"), **FREE)
    carts.apply(held.id, code=card.code)
    checkout.authorise(held.id, by=SYSTEM)
    refunds.refund_all(order.id, by=AGENT)
    assert balance(card.card) == "20.00 USD"
    assert shortfalls(order) == [("recharge", 1000)]
    checkout.capture(held.id, tenders=[], by=SYSTEM)
    assert balance(card.card) == "0.00 USD"


def test_it_is_taken_from_the_card_in_its_stead():
    card = make_card("40.00 USD").card
    order = buy(card)
    fresh = cards.endings.replace_card(card.id, by=AGENT).card
    refunds.refund_all(order.id, by=AGENT)
    assert balance(fresh) == "40.00 USD"
    assert str(sheet(order).recharges[0].taken) == "25.00 USD"


def test_a_partly_refunded_order_leaves_it_and_the_rest_takes_it_back_once():
    card = make_card("40.00 USD").card
    order = place(goods("30.00 USD"), recharge(card), **FREE)
    paid = paid_by(order, "credit_card")
    refunds.refund(paid.id, amount=amount_of("30.00 USD"), by=AGENT)
    assert balance(card) == "65.00 USD"
    spend(card, "50.00 USD")
    desk.orders.ship(order.id, by=AGENT)
    refunds.refund_all(order.id, by=AGENT)
    desk.orders.unship(order.id, by=AGENT)
    assert balance(card) == "0.00 USD"
    assert notes_of(order).count("was taken back") == 1
    assert shortfalls(order) == [("recharge", 1000)]


@pytest.mark.proves("S52", "D12")
def test_a_chargeback_freezes_the_card_and_takes_nothing():
    card = make_card("40.00 USD").card
    order = buy(card)
    spend(card, "50.00 USD")
    paid = paid_by(order, "credit_card")
    desk.orders.charge_back(order.id, payment_id=paid.id, amount=paid.amount, by=AGENT)
    assert (balance(card), now(card).status) == ("15.00 USD", "frozen")
    assert shortfalls(order) == [("chargeback", 1000)]


@pytest.mark.proves("S52", "S73")
def test_what_a_chargeback_found_missing_is_not_missed_again_by_the_refund_of_the_rest():
    card = make_card("40.00 USD").card
    order = buy(card)
    spend(card, "50.00 USD")
    paid = paid_by(order, "credit_card")
    desk.orders.charge_back(order.id, payment_id=paid.id, amount=amount_of("10.00 USD"), by=AGENT)
    refunds.refund_all(order.id, by=AGENT)
    assert (balance(card), now(card).status) == ("0.00 USD", "frozen")
    assert shortfalls(order) == [("chargeback", 1000)]


@pytest.mark.proves("S73")
def test_a_bought_card_that_was_recharged_loses_its_own_orders_money_alone():
    bought = sheet(place(gift_card_item("30.00 USD"), **FREE)).purchased[0]
    later = buy(bought)
    first = orders.find(bought.order_id)
    refunds.refund_all(first.id, by=AGENT)
    assert (balance(bought), now(bought).status) == ("25.00 USD", "active")
    refunds.refund_all(later.id, by=AGENT)
    assert balance(bought) == "0.00 USD"


@pytest.mark.proves("B14", "I24")
def test_a_bonus_that_was_spent_is_not_taken_out_of_the_holders_recharge():
    campaign = make_campaign(issue_after_sales=True, absolute_on=True, absolute_minor=1000)
    order = place(goods("50.00 USD"), campaign_id=campaign.id, **FREE)
    bonus = sheet(order).issued[0]
    spend(bonus, "10.00 USD")
    buy(bonus)
    refunds.refund_all(order.id, by=AGENT)
    assert balance(bonus) == "25.00 USD"
    assert shortfalls(order) == [("bonus", 1000)]


def test_a_recharge_that_was_taken_back_does_not_count_as_the_bonus():
    campaign = make_campaign(issue_after_sales=True, absolute_on=True, absolute_minor=1000)
    order = place(goods("50.00 USD"), campaign_id=campaign.id, **FREE)
    bonus = sheet(order).issued[0]
    refunds.refund_all(buy(bonus).id, by=AGENT)
    refunds.refund_all(order.id, by=AGENT)
    assert (balance(bonus), now(bonus).status) == ("0.00 USD", "cancelled")
    assert shortfalls(order) == []


@pytest.mark.proves("S44", "S45", "D6")
def test_a_deleted_card_gives_the_price_of_its_recharges_back():
    card = make_card("40.00 USD").card
    order = place(goods("30.00 USD"), recharge(card), **FREE)
    gone = desk.card_withdrawal.withdraw(card.id, by=AGENT, reason="Wrong card")
    assert [str(each.amount) for each in gone.refunds] == ["25.00 USD"]
    assert (balance(card), now(card).status) == ("0.00 USD", "cancelled")
    assert str(paid_by(order, "credit_card").refunded) == "25.00 USD"
    assert not desk.card_withdrawal.price_parts(now(card))


@pytest.mark.proves("I21")
def test_a_card_whose_recharge_was_taken_back_can_be_deleted():
    card = make_card("40.00 USD").card
    refunds.refund_all(buy(card).id, by=AGENT)
    assert not desk.card_withdrawal.withdraw(card.id, by=AGENT).refunds
    assert now(card).status == "cancelled"


# Where its money came from


def sources(card) -> dict[str, str]:
    return {part.source: str(part.amount) for part in now(card).funding}


def owed() -> dict[str, str]:
    found = reports.find("liability", reports.wanted(by=("source",))).rows
    return {row["source"]: str(Money(row["amount"], row["currency"])) for row in found}


@pytest.mark.proves("D29", "E9", "I33", "I35")
def test_a_paid_recharge_of_a_goodwill_card_is_sold_money():
    card = make_card("20.00 USD").card
    buy(card)
    assert sources(card) == owed() == {"sales": "25.00 USD", "goodwill": "20.00 USD"}
    spend(card, "30.00 USD")
    assert sources(card) == owed() == {"sales": "15.00 USD"}


@pytest.mark.proves("D29", "E9", "I35", "S73")
def test_a_recharge_that_is_taken_back_leaves_what_was_given():
    card = make_card("20.00 USD").card
    order = buy(card)
    refunds.refund_all(order.id, by=AGENT)
    assert sources(card) == owed() == {"goodwill": "20.00 USD"}


@pytest.mark.proves("D29", "I35", "S73")
def test_older_money_that_came_back_makes_up_for_a_recharge_that_was_spent():
    issued = make_card("20.00 USD")
    first = place(goods("20.00 USD"), cards=[issued], **FREE)
    card = issued.card
    order = buy(card)
    spend(card, "25.00 USD")
    refunds.refund_all(first.id, by=AGENT)
    assert sources(card) == {"goodwill": "20.00 USD"}
    refunds.refund_all(order.id, by=AGENT)
    assert (sources(card), balance(card)) == ({}, "0.00 USD")


@pytest.mark.proves("D29", "I35", "S73", "D23")
def test_later_money_of_the_same_source_is_left_when_older_money_makes_up():
    issued = make_card("20.00 USD")
    first = place(goods("20.00 USD"), cards=[issued], **FREE)
    order = buy(issued.card)
    spend(issued.card, "25.00 USD")
    card = cards.endings.replace_card(issued.card.id, by=AGENT).card
    buy(card, "10.00 USD")
    refunds.refund_all(first.id, by=AGENT)
    assert sources(card) == {"sales": "10.00 USD", "goodwill": "20.00 USD"}
    refunds.refund_all(order.id, by=AGENT)
    assert sources(card) == {"sales": "10.00 USD"}


@pytest.mark.proves("D29", "E9", "I33", "I35")
def test_every_report_by_source_is_the_sum_of_the_cards_parts():
    sold = place(gift_card_item("30.00 USD"), **FREE)
    (bought,) = sheet(sold).purchased
    given = make_card("20.00 USD")
    buy(given.card)
    order = place(goods("35.00 USD"), cards=[given], **FREE)
    refunds.refund(paid_by(order, "gift_card").id, amount=amount_of("17.00 USD"), by=AGENT)
    cards.endings.replace_card(bought.id, by=AGENT)
    cards.adjust(given.card.id, change=amount_of("4.00 USD"), reason="x", by=ROOT)
    total = Counter()
    for card in cards.select():
        total += Counter({part.source: part.amount.minor for part in card.funding})
    found = reports.find("liability", reports.wanted(by=("source",))).rows
    assert {row["source"]: row["amount"] for row in found} == total
    assert total == {"sales": 3000 + 2500, "goodwill": 200, "adjustments": 400}
