"""Finding orders."""

from datetime import timedelta

import pytest

from giftweb import clock
from giftweb.domain import orders, refunds
from giftweb.domain.orders.search import Query
from tests.factories import AGENT, goods, make_card
from tests.orders import paid_by, place


def found(text: str = "", **filters) -> list[int]:
    return [order.number for order in orders.search.search(Query(text=text, **filters)).items]


def test_an_order_is_found_by_all_that_people_know_of_it():
    card = make_card("40.00 USD")
    order = place(
        cards=[card],
        reference="SHOP-7781",
        customer_email="grace.b@navy.example.com",
        customer_name="Grace Brewster Hopper",
    )
    other = place(customer_email="ada@example.com", customer_name="Ada Lovelace")
    payment = paid_by(order, "gift_card")
    known = [
        *(str(order.number), f"#{order.number}", "SHOP-7781", "SHOP-77", "7781"),
        *("grace.", "GRACE.B@NA", "navy", "@navy", "b@navy"),
        *("grace", "grace b", "hopper", "brewster", "Brewster Ho"),
        *(card.card.last4, card.card.last4.lower(), f"•••• {card.card.last4}"),
        *(order.id, payment.id),
    ]
    for text in known:
        assert found(text) == [order.number], text
    assert found() == [other.number, order.number]
    assert found("nobody") == found("99999999999999999999") == found("%") == []


def test_the_filters_narrow_what_was_found():
    shipped, refunded = place(), place()
    trial = place(is_test=True)
    refunds.refund_all(refunded.id, by=AGENT)
    assert found(status="shipping_denied") == found(fulfilment="cancelled") == [refunded.number]
    assert found(mode="test") == [trial.number]
    assert found(mode="live") == [refunded.number, shipped.number]
    assert found(fulfilment="pending", mode="live") == [shipped.number]
    today = clock.today()
    assert len(found(placed_from=today, placed_until=today)) == 3
    assert found(placed_until=today - timedelta(days=1)) == []
    assert found("ann", placed_from=today + timedelta(days=1)) == []
    assert len(found(status="nonsense")) == 3


@pytest.mark.parametrize("text", ["", "ann"])
@pytest.mark.parametrize("sort", orders.search.LISTING.sorts)
def test_pages_follow_each_other_without_a_gap(text, sort):
    numbers = [place(goods("5.00 USD")).number for _ in range(5)]
    seen, after = [], None
    while True:
        page = orders.search.search(Query(text=text, sort=sort), after=after, limit=2)
        assert (page.count, page.is_count_exact) == (5, True)
        seen += [order.number for order in page.items]
        after = page.after
        if after is None:
            break
    assert seen == (numbers if sort == "placed" else numbers[::-1])


def test_the_last_page_asked_for_by_a_stranger_number_is_the_first():
    order = place()
    assert [each.number for each in orders.search.search(Query(), after=10**30).items] == [
        order.number
    ]
