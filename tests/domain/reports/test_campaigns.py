"""Which campaigns sell and take the most; what bonuses cost and what they brought; who owes whom.
Every figure against a table written by hand."""

from datetime import timedelta

import pytest

from giftweb import clock, database, days, models
from giftweb.domain import audit, awaited, cards, desk, refunds, reports
from tests.factories import ADMIN, AGENT, amount_of, goods, make_campaign, make_card
from tests.orders import paid_by, place

pytestmark = pytest.mark.proves("B10", "B11", "D29")


@pytest.fixture(params=["summed up", "not summed up"])
def shops(request):
    """A and B. A sold 100.00 and gave a bonus of 30.00, of which 20.00 paid an order of 50.00 in B;
    a bonus of 5.00 was withdrawn."""
    a, b = (make_campaign(name).id for name in ("A", "B"))
    with clock.moved(-timedelta(days=40)):
        make_card("8.00 USD", source="sales", campaign_id=a)
    sold = make_card("100.00 USD", source="sales", campaign_id=a)
    bonus = make_card("30.00 USD", source="promotions", campaign_id=a)
    cards.endings.cancel(
        make_card("5.00 USD", source="promotions", campaign_id=a).card.id, by=ADMIN
    )
    make_card("9.00 USD", source="goodwill", campaign_id=b)
    place(goods("40.00 USD"), cards=[sold], campaign_id=a, shipping="0.00 USD")
    order = place(goods("20.00 USD"), cards=[bonus], campaign_id=b, shipping="30.00 USD")
    # A bonus of another time or mode counts for nothing.
    test = make_card("30.00 USD", source="promotions", campaign_id=a, is_test=True)
    place(goods("20.00 USD"), cards=[test], campaign_id=b, is_test=True)
    if request.param == "summed up":
        audit.checkpoints_by_day.write_all()
        count_orders_with_a_bonus()
    return a, b, order


def count_orders_with_a_bonus() -> None:
    while audit.checkpoints_of_orders.write():
        pass


def rows(name: str, *columns: str, **asked) -> list[tuple]:
    found = reports.find(name, reports.wanted(**asked))
    return [tuple(row[column] for column in columns) for row in found.rows]


TOP = ("campaign_id", "cards", "sold", "given", "bonus", "redeemed", "accepted", "left")


def test_the_campaign_that_sold_the_most_is_first(shops):
    a, b, _ = shops
    assert rows("campaigns", *TOP) == [
        (a, 2, 100_00, 0, 30_00, 60_00, 40_00, 78_00),
        (b, 1, 0, 9_00, 0, 0, 20_00, 9_00),
    ]
    assert rows("campaigns", *TOP, campaign_id=b) == [(b, 1, 0, 9_00, 0, 0, 20_00, 9_00)]


BONUS = ("campaign_id", "issued", "withdrawn", "expired", "cost", "left", "orders")


def test_a_bonus_costs_what_was_spent_of_it(shops):
    a, _, order = shops
    money = ("sales", "brought")
    assert rows("bonuses", *BONUS, *money) == [
        (a, 35_00, 5_00, 0, 20_00, 10_00, 1, 50_00, 30_00),
    ]
    refunds.refund(paid_by(order, "gift_card").id, amount=amount_of("6.00 USD"), by=AGENT)
    assert rows("bonuses", *BONUS, *money) == [
        (a, 35_00, 5_00, 0, 14_00, 16_00, 1, 44_00, 30_00),
    ]
    refunds.refund(paid_by(order, "credit_card").id, amount=amount_of("30.00 USD"), by=AGENT)
    assert rows("bonuses", *BONUS, *money) == [
        (a, 35_00, 5_00, 0, 14_00, 16_00, 1, 14_00, 0),
    ]


def count_orders(when: str) -> list[tuple]:
    """The report on bonuses, before or after the worker has counted the orders."""
    if when == "counted":
        count_orders_with_a_bonus()
        assert not models.BonusDue.select().exists()
    assert list(audit.checkpoints_of_orders.breaches()) == []
    return rows("bonuses", "orders", "sales", "brought")


@pytest.mark.parametrize("when", ["counted", "not counted yet"])
def test_an_order_counts_for_what_has_become_of_it(shops, when):
    _, b, order = shops
    assert count_orders(when) == [(1, 50_00, 30_00)]
    paid = paid_by(order, "credit_card")
    desk.orders.charge_back(order.id, payment_id=paid.id, amount=amount_of("10.00 USD"), by=ADMIN)
    assert count_orders(when) == [(1, 40_00, 20_00)]
    bonus = make_card("5.00 USD", source="promotions", campaign_id=b)
    late = place(
        *(goods("25.00 USD"),),
        cards=[bonus],
        campaign_id=b,
        shipping="0.00 USD",
        method="bank_transfer",
        state="pending",
    )
    assert count_orders(when) == [(1, 40_00, 20_00), (1, 5_00, 0)]
    awaited.receive(paid_by(late, "bank_transfer").id, by=ADMIN)
    assert count_orders(when) == [(1, 40_00, 20_00), (1, 25_00, 20_00)]


def test_an_order_counts_on_the_day_its_first_bonus_paid(shops):
    yesterday = days.later(days.today(days.WORLD), -1)
    assert rows("bonuses", "orders", first_on=yesterday, last_on=yesterday) == []
    _, b, _ = shops
    with clock.moved(-timedelta(days=1)):
        bonus = make_card("5.00 USD", source="promotions", campaign_id=b)
        order = place(goods("25.00 USD"), cards=[bonus], campaign_id=b, shipping="0.00 USD")
    refunds.refund(paid_by(order, "credit_card").id, amount=amount_of("2.00 USD"), by=AGENT)
    found = rows("bonuses", "orders", "sales", first_on=yesterday, last_on=yesterday)
    assert found == [(1, 23_00)]


@pytest.mark.tampers
@pytest.mark.parametrize(
    "change", ["UPDATE bonus_sum SET orders = 7", "UPDATE bonus_order SET brought_minor = 7"]
)
def test_a_sum_of_orders_that_was_changed_is_named_by_the_audit(shops, change):
    count_orders_with_a_bonus()
    assert list(audit.checkpoints_of_orders.breaches()) == []
    database.execute(change)
    assert {check for check, *_ in audit.checkpoints_of_orders.breaches()} == {
        audit.checkpoints_of_orders.CHECK
    }


def test_a_card_that_holds_sold_money_too_brought_only_what_no_bonus_paid(shops):
    a, b, _ = shops
    mixed = make_card("10.00 USD", source="promotions", campaign_id=b)
    cards.top_up(mixed.card.id, amount=amount_of("15.00 USD"), source="sales", by=AGENT)
    place(goods("25.00 USD"), cards=[mixed], campaign_id=a, shipping="0.00 USD")
    found = rows("bonuses", "campaign_id", "cost", "orders", "sales", "brought", campaign_id=b)
    assert found == [(b, 10_00, 1, 25_00, 15_00)]


def test_before_anything_happened_there_is_nothing(shops):
    before = clock.today() - timedelta(days=90)
    for name in ("campaigns", "bonuses", "life"):
        asked = reports.wanted(as_of=before, first_on=before, last_on=before)
        assert reports.find(name, asked).rows == []
