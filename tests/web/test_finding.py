"""One search over orders, gift cards and customers, from every page of the desk."""

import pytest

from giftweb import codes
from giftweb.domain import customers
from tests.factories import AGENT, make_card
from tests.orders import place

ADDRESS = "/staff/search"


def text_of(answer) -> str:
    return answer.get_data(as_text=True)


def goal(client, text: str) -> str:
    answer = client.post(ADDRESS, data={"q": text})
    assert answer.status_code == 303
    return answer.headers["Location"]


@pytest.mark.proves("S13", "S9")
def test_one_hit_is_opened_whatever_it_is(staff_client):
    client = staff_client()
    order = place(customer_name="Grace Hopper", customer_email="grace@example.com")
    card = make_card("50.00 USD", holder="dora@example.com").card
    customer = customers.register(email="zoe@example.com", name="Zoe Zed", by=AGENT)
    assert goal(client, str(order.number)) == f"/staff/orders/{order.number}"
    assert goal(client, order.reference) == f"/staff/orders/{order.number}"
    assert goal(client, card.last4) == f"/staff/gift-cards/{card.id}"
    assert goal(client, "dora@example.com") == f"/staff/gift-cards/{card.id}"
    assert goal(client, "zed") == f"/staff/customers/{customer.id}"


@pytest.mark.proves("S9")
def test_a_whole_number_opens_its_order_beside_the_cards_that_paid_it(staff_client):
    order = place(cards=[make_card("40.00 USD")])
    assert goal(staff_client(), str(order.number)) == f"/staff/orders/{order.number}"


@pytest.mark.proves("S9")
def test_a_whole_address_opens_its_customer_beside_their_cards_and_orders(staff_client):
    client = staff_client()
    place(customer_email="grace@example.com")
    make_card("50.00 USD", holder="grace@example.com")
    customers.register(email="grace@example.community", name="Grace Murray", by=AGENT)
    own = customers.find_by_emails(["grace@example.com"])["grace@example.com"]
    assert goal(client, "Grace@Example.com") == f"/staff/customers/{own.id}"
    assert goal(client, "grace@example") == f"{ADDRESS}?q=grace@example"


@pytest.mark.proves("I6")
def test_a_whole_code_opens_its_card_and_stands_in_no_address(staff_client):
    client, issued = staff_client(), make_card("50.00 USD")
    assert goal(client, issued.code) == f"/staff/gift-cards/{issued.card.id}"
    unknown = codes.generate()
    for text in (unknown, issued.code):
        answer = client.get(ADDRESS, query_string={"q": text})
        assert text not in answer.headers.get("Location", "")
    assert unknown[:4] not in goal(client, unknown)


def test_several_hits_are_listed_by_kind(staff_client):
    client = staff_client()
    orders = [place(customer_name="Grace Hopper", customer_email="g@example.com") for _ in "ab"]
    make_card("50.00 USD", holder_name="Grace Murray")
    page = text_of(client.get(goal(client, "grace")))
    for words in (*(f">{order.number}<" for order in orders), "Grace Murray", "Customers"):
        assert words in page
    assert "Nothing fits" in text_of(client.get(goal(client, "nobody at all")))
    assert "Nothing fits" in text_of(client.get(ADDRESS))


def test_last_four_and_a_surname_find_the_one_card(staff_client):
    client = staff_client()
    card = make_card("50.00 USD", holder_name="Mona Haddad").card
    for _ in range(3):
        make_card("20.00 USD", holder_name="Mona Haddad")
    for text in (f"{card.last4} Haddad", f"haddad {card.last4.lower()}"):
        assert goal(client, text) == f"/staff/gift-cards/{card.id}"
    assert "search" in goal(client, f"{card.last4} Smith")


def test_odd_texts_find_nothing_and_break_nothing(staff_client):
    client = staff_client()
    for text in ("", " ", "9" * 40, "%_%", "#", "gc_", "ord_1", "'; --", "ſ" * 300):
        assert client.get(goal(client, text)).status_code == 200


def test_those_who_read_orders_have_the_field(staff_client):
    for role, has_it in (("finance", True), ("customer_service", True), ("marketing", False)):
        page = text_of(staff_client(role).get("/staff/"))
        assert ("data-everywhere" in page) == has_it
