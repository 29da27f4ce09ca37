"""The desk shows a shop's own clock, and filters by its days (D25)."""

import re
from datetime import UTC, datetime, timedelta

import pytest

from giftweb import clock
from giftweb.domain import cards, orders
from tests.factories import goods, make_campaign, make_card
from tests.orders import place

pytestmark = pytest.mark.proves("D25")

EVENING = datetime(2027, 3, 1, 22, 30, tzinfo=UTC)
"""The second of March in Auckland, half past eleven."""


def at(instant: datetime):
    return clock.moved(instant - clock.now())


def times(page: str) -> set[str]:
    return {
        day + hour for day, hour in re.findall(r"<time [^>]*><span>(.*?)</span>(.*?)</time>", page)
    }


def test_pages_of_an_order_and_a_card_show_the_clock_of_their_shop(staff_client):
    make_campaign("North", time_zone="UTC")
    there = make_campaign(time_zone="Pacific/Auckland").id
    client = staff_client("customer_service_admin")
    with at(EVENING):
        order = place(goods("20.00 USD"), campaign_id=there)
        card = make_card("5.00 USD", campaign_id=there).card
        other = make_card("5.00 USD").card
    page = client.get(f"/staff/orders/{order.number}").text
    assert "2 Mar 2027, 11:30" in times(page)
    assert 'datetime="2027-03-01T22:30' in page
    assert "NZDT" in page
    assert "2 Mar 2027, 11:30" in times(client.get(f"/staff/gift-cards/{card.id}").text)
    assert "1 Mar 2027, 22:30" in times(client.get(f"/staff/gift-cards/{other.id}").text)
    assert "1 Mar 2027, 22:30" in times(client.get("/staff/orders/").text)


def test_lists_show_and_filter_by_the_clock_that_all_shops_share(staff_client):
    there = make_campaign(time_zone="Pacific/Auckland").id
    client = staff_client("customer_service_admin")
    with at(EVENING):
        order = place(goods("20.00 USD"), campaign_id=there)
        card = make_card("5.00 USD", campaign_id=there).card
    assert "2 Mar 2027, 11:30" in times(client.get("/staff/orders/").text)
    first, second = EVENING.date(), EVENING.date() + timedelta(days=1)
    for day, found in ((first, False), (second, True)):
        listed = orders.search.search(orders.search.Query(placed_from=day, placed_until=day))
        assert (order.number in [each.number for each in listed.items]) is found
        query = cards.search.Query(issued_from=day, issued_until=day)
        assert (card.id in [each.id for each in cards.search.search(query).items]) is found


def test_the_first_and_last_days_of_the_calendar_are_days_there(staff_client):
    make_campaign(time_zone="Pacific/Auckland")
    client = staff_client("root")
    for address in ("/staff/orders/?from=0001-01-01&to=9999-12-31", "/staff/audit?to=9999-12-31"):
        assert client.get(address).status_code == 200
