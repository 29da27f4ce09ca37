"""Many orders marked as shipped at once: the check page, what is left alone, and the undo."""

import pytest

from giftweb.domain import desk, orders
from tests.orders import place
from tools import queries

ADDRESS = "/staff/orders/shipments/"


def text_of(answer) -> str:
    return answer.get_data(as_text=True)


def chosen(*found) -> str:
    return ADDRESS + "?" + "&".join(f"order={order.number}" for order in found)


def fulfilments(*found) -> list[str]:
    return [orders.find(order.id).fulfilment for order in found]


@pytest.mark.proves("S44")
def test_chosen_orders_are_looked_at_and_then_marked(staff_client):
    client, found = staff_client(), [place() for _ in range(3)]
    page = text_of(client.get(chosen(*found)))
    assert "Mark 3 orders as shipped" in page
    assert fulfilments(*found) == ["pending"] * 3
    first, second, third = found
    form = {"order": [first.number, third.number], f"tracking-{first.number}": "TRACK 1"}
    answer = client.post(ADDRESS, data=form, follow_redirects=True)
    assert "2 orders marked as shipped" in text_of(answer)
    assert "TRACK 1" in text_of(answer)
    assert fulfilments(*found) == ["shipped", "pending", "shipped"]
    assert orders.find(first.id).tracking == "TRACK 1"
    assert orders.find(second.id).tracking is None


def test_what_cannot_be_shipped_is_named_with_its_reason_and_stops_no_other(staff_client):
    client = staff_client()
    before, ready = place(), place()
    client.post(ADDRESS, data={"order": before.number})
    page = text_of(client.get(chosen(before, ready)))
    assert "Mark 1 order as shipped" in page
    assert "It is marked shipped already." in page
    client.post(ADDRESS, data={"order": [before.number, ready.number, 999_999]})
    assert fulfilments(before, ready) == ["shipped", "shipped"]


def test_two_of_forty_are_taken_back(staff_client):
    client, found = staff_client(), [place() for _ in range(40)]
    numbers = [order.number for order in found]
    client.post(ADDRESS, data={"order": numbers})
    assert set(fulfilments(*found)) == {"shipped"}
    for order in found[:2]:
        undone = client.post(
            f"{ADDRESS}{order.number}/withdrawal", data={"order": numbers}, follow_redirects=True
        )
        assert f"Order {order.number} is not marked shipped any more." in text_of(undone)
    assert "38 orders marked as shipped" in text_of(undone)
    assert fulfilments(*found).count("pending") == 2


def test_pressing_twice_marks_once(staff_client):
    client, order = staff_client(), place()
    for _ in range(2):
        answer = client.post(ADDRESS, data={"order": order.number}, follow_redirects=True)
        assert "1 order marked as shipped" in text_of(answer)
    undo = f"{ADDRESS}{order.number}/withdrawal"
    client.post(undo, data={"order": order.number})
    again = client.post(undo, data={"order": order.number}, follow_redirects=True)
    assert "This order is not marked shipped." in text_of(again)


def test_nothing_chosen_leads_to_the_orders_that_wait(staff_client):
    client = staff_client()
    for query in ("", "?order=", "?order=x&order=7777", "?order=" + "9" * 30):
        page = client.get(ADDRESS + query)
        assert page.status_code == 200
        assert "No order to mark as shipped" in text_of(page)


def test_the_list_offers_it_to_those_who_may(staff_client):
    place()
    assert 'name="order"' in text_of(staff_client("customer_service").get("/staff/orders/"))
    assert 'name="order"' not in text_of(staff_client("finance").get("/staff/orders/"))


def test_a_tracking_number_that_is_too_long_is_refused_and_marks_nothing(staff_client):
    client, order = staff_client(), place()
    form = {"order": order.number, f"tracking-{order.number}": "x" * 121}
    answer = client.post(ADDRESS, data=form, follow_redirects=True)
    assert "Use at most 120 characters." in text_of(answer)
    assert fulfilments(order) == ["pending"]


@pytest.mark.proves("S44")
def test_more_orders_cost_no_more_queries(staff_client, watched):
    found = [place() for _ in range(6)]
    with queries.collecting() as few:
        desk.shipments.check([found[0].number])
    with queries.collecting() as many:
        checked = desk.shipments.check([order.number for order in found])
    assert [each.problem for each in checked] == [""] * 6
    assert len(many) == len(few) > 0
