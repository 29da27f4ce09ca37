"""An order's page says what is next, what is kept, and all that has happened, newest first."""

import re

import pytest

from giftweb.domain import campaigns, desk, refunds
from tests.factories import AGENT, ROOT, amount_of, goods, make_campaign
from tests.orders import gift_card_item, paid_by, place


def awaited_order():
    """An order whose transfer has not come."""
    return place(method="bank_transfer", state="pending", paid_as="W-1")


def page_of(client, order) -> str:
    return " ".join(client.get(f"/staff/orders/{order.number}").text.split())


def primary(page: str) -> list[str]:
    """The words on the primary buttons of the page."""
    found = re.findall(r'class="button button-primary[^>]*>(?:<svg.*?</svg>)?([^<]+)', page)
    return [words.strip() for words in found]


@pytest.mark.proves("E33", "S52")
def test_goods_that_wait_are_shipped_next(staff_client):
    client, order = staff_client(), place()
    assert primary(page_of(client, order)) == ["Mark shipped"]
    desk.orders.ship(order.id, by=AGENT)
    page = page_of(client, order)
    assert primary(page) == ["Issue New Gift Card"]
    assert "Change tracking" in page


@pytest.mark.proves("E33", "D21")
def test_money_that_has_not_come_is_next_for_who_may_say_so(staff_client):
    order = awaited_order()
    assert primary(page_of(staff_client("finance"), order)) == ["Payment received"]
    assert "Payment received" not in primary(page_of(staff_client(), order))


@pytest.mark.proves("E33", "D21")
@pytest.mark.parametrize("ships", [False, True])
def test_shipping_is_offered_only_where_it_would_not_be_refused(staff_client, ships):
    made = make_campaign(ship_before_payment=ships)
    order = place(method="bank_transfer", state="pending", campaign_id=made.id)
    page = page_of(staff_client(), order)
    assert ("Mark shipped" in page) == ships
    assert ("once the payment has come" in page) != ships


@pytest.mark.proves("E33", "S47")
def test_a_refund_that_the_shop_is_asked_for_is_next(staff_client):
    client, order = staff_client(), place(gateway="shop")
    refunds.refund(paid_by(order, "credit_card").id, by=AGENT)
    assert primary(page_of(client, order)) == ["It was returned"]


@pytest.mark.proves("E33", "S8", "I23")
def test_no_card_is_offered_where_nothing_of_the_order_is_left(staff_client):
    agent, lead, order = staff_client(), staff_client("customer_service_admin"), place()
    assert "Issue New Gift Card" in page_of(agent, order)
    refunds.refund_all(order.id, by=AGENT)
    assert "Issue New Gift Card" not in page_of(agent, order)
    assert "Issue New Gift Card" in page_of(lead, order)
    assert "Issue New Gift Card" not in primary(page_of(lead, order))


def test_what_is_kept_of_an_order_stands_beside_what_was_paid(staff_client):
    client, order = staff_client(), place(goods("143.00 USD"), shipping="0.00 USD")
    assert "kept" not in page_of(client, order)
    refunds.refund(paid_by(order, "credit_card").id, amount=amount_of("20.00 USD"), by=AGENT)
    page = page_of(client, order)
    assert "$143.00 paid · $20.00 back · <strong>$123.00 kept</strong>" in page
    desk.orders.charge_back(
        order.id,
        payment_id=paid_by(order, "credit_card").id,
        amount=amount_of("100.00 USD"),
        by=AGENT,
    )
    assert "<strong>$23.00 kept</strong>" in page_of(client, order)


@pytest.mark.proves("D6")
def test_an_order_names_its_campaign_as_it_is_called_now(staff_client):
    made = make_campaign("Harbour Books")
    order = place(campaign_id=made.id)
    assert "Harbour Books" in page_of(staff_client(), order)
    assert f"/staff/campaigns/{made.id}" not in page_of(staff_client(), order)
    assert f"/staff/campaigns/{made.id}" in page_of(staff_client("root"), order)
    campaigns.change(
        made.id, settings=campaigns.settings.Settings(name="Quay", currency="USD"), by=ROOT
    )
    assert "Quay" in page_of(staff_client(), order)


@pytest.mark.proves("S5", "E29")
def test_payments_mails_and_notes_are_one_list_newest_first(staff_client):
    client, order = staff_client(), place(gift_card_item("50.00 USD"), shipping="0.00 USD")
    client.post(f"/staff/orders/{order.number}/notes", data={"text": "She called"})
    box = page_of(client, order).partition('id="notes"')[2].partition("</section>")[0]
    order_of_words = [
        box.index(words)
        for words in ("Add note", "She called", "paid by Visa 4242", "The order was placed")
    ]
    assert order_of_words == sorted(order_of_words)
    assert "Cards purchased: " in box
    assert "Order confirmation: " in box
    assert "#mail" in box
    assert "#money" in box


@pytest.mark.proves("D21", "E1")
def test_money_that_is_awaited_stands_in_no_list_of_what_has_happened(staff_client):
    box = page_of(staff_client(), awaited_order()).partition('id="notes"')[2]
    assert "paid by" not in box.partition("</section>")[0]
