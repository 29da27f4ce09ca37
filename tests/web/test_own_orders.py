"""A customer sees what they have bought, and nobody else does (B20)."""

import pytest

from tests.factories import goods, make_card
from tests.orders import place
from tests.web.test_account import sign_in

pytestmark = pytest.mark.proves("B20", "S42")


def test_own_orders_are_listed_with_what_paid_them(client):
    paying = make_card("40.00 USD")
    order = place(goods("91.00 USD"), cards=[paying])
    sign_in(client, order.customer_email)
    assert "/account/orders/" in client.get("/account/").text
    listed = client.get("/account/orders/").text
    assert f"Order {order.number}" in listed
    assert "$100.00" in listed
    page = client.get(f"/account/orders/{order.id}").text
    for part in ("A mug", "$9.00", paying.card.last4, "Gift card", order.shipping_address["city"]):
        assert part in page, part
    assert paying.code not in page


def test_discount_and_tax_stand_between_the_items_and_the_total(client):
    order = place(goods("91.00 USD"), discount_minor=500, tax_minor=200)
    sign_in(client, order.customer_email)
    page = client.get(f"/account/orders/{order.id}").text
    assert "$5.00" in page
    assert "$2.00" in page


def test_nobody_sees_the_order_of_somebody_else(client):
    order = place()
    assert client.get("/account/orders/").status_code == 303
    assert client.get(f"/account/orders/{order.id}").status_code == 404
    make_card(holder="eve@example.com")
    sign_in(client, "eve@example.com")
    assert "No orders yet" in client.get("/account/orders/").text
    assert client.get(f"/account/orders/{order.id}").status_code == 404
