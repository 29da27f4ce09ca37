"""The list of what is to be packed, and the labels (E25)."""

import pytest

from giftweb.domain import desk
from tests.factories import AGENT, goods
from tests.orders import gift_card_item, place
from tools import queries

pytestmark = pytest.mark.proves("E25", "S72")
ADDRESS = "/staff/packing/"


def text_of(answer) -> str:
    assert answer.status_code == 200
    return " ".join(answer.get_data(as_text=True).split())


def numbers_in(page: str, *found) -> list[int]:
    listed = [order for order in found if f">{order.number}</a>" in page]
    return [o.number for o in sorted(listed, key=lambda o: page.index(f">{o.number}</a>"))]


def test_paid_orders_stand_there_oldest_first_until_they_are_shipped(staff_client):
    client = staff_client()
    first, second = place(goods("20.00 USD", quantity=3)), place()
    mailed = place(gift_card_item(recipient_email="max@example.com"))
    page = text_of(client.get(ADDRESS))
    assert numbers_in(page, first, second, mailed) == [first.number, second.number]
    assert "3 pieces" in page
    desk.orders.ship(first.id, by=AGENT)
    assert numbers_in(text_of(client.get(ADDRESS)), first, second) == [second.number]


@pytest.mark.proves("D21")
def test_goods_wait_for_their_money(staff_client):
    awaited = place(method="bank_transfer", state="pending")
    assert "Nothing waits to be packed" in text_of(staff_client().get(ADDRESS))
    assert numbers_in(text_of(staff_client().get("/staff/orders/")), awaited)


def test_physical_gift_cards_are_counted(staff_client):
    card = goods("50.00 USD", kind="gift_card", type="physical", quantity=2, recipient_name="Lena")
    place(card)
    assert "2 gift cards" in text_of(staff_client().get(ADDRESS))


def test_labels_of_the_chosen_orders_are_printed(staff_client):
    client, order = staff_client(), place()
    page = text_of(client.get(f"{ADDRESS}labels?order={order.number}&order=999999"))
    assert order.shipping_address["postal_code"] in page
    assert "data-print" in page
    for query in ("", "?order=x", "?order=" + "9" * 40):
        assert "No label to print" in text_of(client.get(f"{ADDRESS}labels{query}"))


def test_only_service_packs(staff_client):
    for role, status in (("customer_service", 200), ("finance", 403), ("marketing", 403)):
        assert staff_client(role).get(ADDRESS).status_code == status


def test_more_orders_cost_no_more_queries(watched):
    place()
    with queries.collecting() as few:
        desk.packing.waiting()
    for _ in range(5):
        place()
    with queries.collecting() as many:
        desk.packing.waiting()
    assert len(many) == len(few) > 0
