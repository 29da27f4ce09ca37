"""Refunds and chargebacks lead to the same end of an order, whichever comes first (D22)."""

import pytest

from giftweb import database
from giftweb.domain import cards, desk, orders, payments, refunds
from giftweb.domain.audit.log import SYSTEM
from giftweb.domain.cards.values import Issued
from giftweb.domain.orders.consequences import CancelCard
from giftweb.errors import Refused
from tests.factories import AGENT, amount_of, goods, make_campaign, make_card
from tests.orders import balance, gift_card_item, notes_of, now, paid_by, place, recharge, sheet
from tools import queries

USD = amount_of
PERCENT = {"issue_after_sales": True, "relative_hundredths": 1000}


def earned(*items, **more):
    """An order that earns a bonus, and that bonus."""
    campaign = make_campaign(**PERCENT)
    order = place(*items, shipping="0.00 USD", campaign_id=campaign.id, **more)
    (bonus,) = [card for card in sheet(order).issued if card.origin == "campaign"]
    return order, bonus


@pytest.mark.proves("B14", "D22", "E3")
def test_the_shipping_of_what_was_added_neither_earns_nor_takes():
    campaign = make_campaign(**PERCENT, bonus_base="without_shipping")
    order = place(goods("100.00 USD"), shipping="10.00 USD", campaign_id=campaign.id)
    tender = payments.payments.Tender(
        method="cash", amount=USD("45.00 USD"), reference="", state="captured"
    )
    orders.upsell(
        order.id,
        items=[goods("40.00 USD", sku="CAP")],
        tenders=[tender],
        shipping_minor=500,
        by=SYSTEM,
    )
    (bonus,) = sheet(order).issued
    assert balance(bonus) == "10.00 USD"
    refund(order, "10.00 USD")
    refunds.refund(paid_by(order, "cash").id, by=AGENT)
    assert balance(bonus) == "10.00 USD"
    refund(order, "20.00 USD")
    assert balance(bonus) == "8.00 USD"


def refund(order, amount: str) -> None:
    refunds.refund(paid_by(order, "credit_card").id, amount=USD(amount), by=AGENT)


def charge_back(order, amount: str, method: str = "credit_card") -> None:
    payment = paid_by(order, method)
    desk.orders.charge_back(order.id, payment_id=payment.id, amount=USD(amount), by=AGENT)


def shortfalls(order) -> list[tuple[str, int]]:
    found = database.rows(
        "SELECT kind, CAST(SUM(amount_minor) AS BIGINT) FROM shortfall WHERE order_id = ?"
        " GROUP BY kind ORDER BY kind",
        order.id,
    )
    return [tuple(row) for row in found]


@pytest.mark.proves("S52", "B14", "D22", "E4")
def test_a_chargeback_takes_the_bonus_and_denies_the_shipping():
    order, bonus = earned(goods("100.00 USD"))
    charge_back(order, "40.00 USD")
    assert balance(bonus) == "6.00 USD"
    charge_back(order, "60.00 USD")
    assert now(bonus).status == "cancelled"
    after = orders.find(order.id)
    assert (after.status, after.fulfilment) == ("shipping_denied", "cancelled")
    assert "Everything was refunded or charged back before anything was shipped" in notes_of(order)
    with pytest.raises(Refused):
        desk.orders.ship(order.id, by=AGENT)


@pytest.mark.proves("S52", "D22", "E4")
def test_what_was_shipped_stays_shipped_and_is_denied_when_it_was_not_after_all():
    order, bonus = earned(goods("100.00 USD"))
    desk.orders.ship(order.id, by=AGENT)
    charge_back(order, "100.00 USD")
    assert (orders.find(order.id).status, now(bonus).status) == ("completed", "cancelled")
    desk.orders.unship(order.id, by=AGENT)
    assert orders.find(order.id).status == "shipping_denied"


@pytest.mark.proves("S51", "D22", "E4")
def test_nothing_is_shipped_while_a_provider_returns_all_the_money(monkeypatch):
    order = place(goods("50.00 USD"), shipping="0.00 USD")
    monkeypatch.setattr(refunds.refunds, "_first_status", lambda payment: "claimed")
    refund(order, "50.00 USD")
    with pytest.raises(Refused, match="cannot be shipped"):
        desk.orders.ship(order.id, by=AGENT)


ORDERS_OF_EVENTS = (
    ("refund", "charge_back", "rest"),
    ("charge_back", "refund", "rest"),
    ("charge_back", "rest", "refund"),
    ("refund", "rest", "charge_back"),
    ("rest", "refund", "charge_back"),
    ("rest", "charge_back", "refund"),
)


@pytest.mark.proves("S52", "B14", "D22", "I38", "E4")
@pytest.mark.parametrize("is_spent", [False, True])
def test_refunds_and_chargebacks_end_the_same_in_every_order(is_spent):
    ends = [end_of(events, is_spent) for events in ORDERS_OF_EVENTS]
    assert ends == [ends[0]] * len(ends)
    assert ends[0][:4] == (
        "shipping_denied",
        "cancelled",
        "frozen",
        "used_up" if is_spent else "cancelled",
    )


def end_of(events: tuple[str, ...], is_spent: bool) -> tuple:
    """How an order of goods, a bought card, a recharge and a bonus ends after these events."""
    recharged = make_card("5.00 USD")
    items = (goods("60.00 USD"), gift_card_item("30.00 USD"), recharge(recharged.card))
    order, bonus = earned(*items)
    (bought,) = sheet(order).purchased
    if is_spent:
        place(goods("4.00 USD"), shipping="0.00 USD", cards=[_issued(bonus)])
        place(goods("20.00 USD"), shipping="0.00 USD", cards=[_issued(bought)])
    for event in events:
        if event == "refund":
            refund(order, "50.00 USD")
        else:
            charge_back(order, {"charge_back": "45.00 USD", "rest": "20.00 USD"}[event])
    after = orders.find(order.id)
    statuses = [now(card).status for card in (bought, bonus, recharged.card)]
    balances = [balance(card) for card in (bought, bonus, recharged.card)]
    return (after.status, after.fulfilment, *statuses, *balances, shortfalls(order))


def _issued(card):
    return Issued(card, cards.holder.open_code(card.id))


@pytest.mark.proves("S49", "D22")
@pytest.mark.parametrize("is_chargeback", [False, True])
def test_a_card_of_an_upsell_goes_with_its_money_and_the_rest_of_the_order_stays(is_chargeback):
    order, bonus = earned(goods("100.00 USD"))
    tender = payments.payments.Tender(
        method="paypal", amount=USD("50.00 USD"), reference="PP-1", state="captured"
    )
    orders.upsell(order.id, items=[gift_card_item("50.00 USD")], tenders=[tender], by=SYSTEM)
    (bought,) = sheet(order).purchased
    if is_chargeback:
        charge_back(order, "50.00 USD", "paypal")
    else:
        refunds.refund(paid_by(order, "paypal").id, by=AGENT)
    assert now(bought).status == ("frozen" if is_chargeback else "cancelled")
    assert (orders.find(order.id).status, balance(bonus)) == ("placed", "10.00 USD")


@pytest.mark.proves("D22")
def test_an_order_of_many_cards_is_read_with_no_more_queries_than_one_of_a_few(watched):
    few, many = (
        place(gift_card_item("10.00 USD", quantity=count), recharge(make_card().card, "25.00 USD"))
        for count in (2, 12)
    )
    collected = []
    for order in (few, many):
        (paid,) = payments.of_order(order.id)
        with queries.collecting() as found:
            follows = refunds.follow_up.preview(order, [(paid, paid.left)])
        collected.append((len(found), sum(isinstance(each, CancelCard) for each in follows)))
    (of_few, two), (of_many, twelve) = collected
    assert (two, twelve) == (2, 12)
    assert of_many == of_few > 0
