"""A customer sees what they have bought, and nobody else does (B20)."""

import pytest

from giftweb.domain import awaited, cards
from giftweb.domain.audit.log import SYSTEM
from tests.factories import ROOT, goods, make_campaign, make_card
from tests.orders import paid_by, place
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


@pytest.mark.proves("D21", "E1")
def test_an_order_that_is_not_paid_says_where_to_send_the_money_until_it_has_come(client):
    campaign = make_campaign(bank_details="IBAN DE00 1234", payment_days=7)
    order = place(method="bank_transfer", state="pending", campaign_id=campaign.id)
    sign_in(client, order.customer_email)
    address = f"/account/orders/{order.id}"
    page = client.get(address).text
    for part in ("Waiting for your payment", "IBAN DE00 1234", "then it is cancelled"):
        assert part in page, part
    awaited.receive(paid_by(order, "bank_transfer").id, by=SYSTEM)
    assert "IBAN DE00 1234" not in client.get(address).text


def test_cards_that_are_over_stand_below_those_that_can_be_spent(client):
    older, kept = make_card("5.00 USD").card, make_card("6.00 USD").card
    newest = make_card("7.00 USD").card
    cards.endings.cancel(newest.id, by=ROOT)
    sign_in(client)
    page = client.get("/account/").text
    assert page.index(kept.last4) < page.index(older.last4) < page.index(newest.last4)
