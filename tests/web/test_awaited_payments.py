"""**Payment received** and **Not received** at the desk, and what each will do (D21)."""

import pytest

from giftweb.domain import desk, orders
from tests.factories import limit_to, make_card
from tests.orders import balance, gift_card_item, paid_by, place, sheet

HX = {"HX-Request": "true"}


def awaited_order(*items, **more):
    cards = gift_card_item("50.00 USD", quantity=3)
    return place(
        *(items or (cards,)),
        shipping="0.00 USD",
        method="bank_transfer",
        state="pending",
        paid_as="W-1",
        **more,
    )


def address(order, what: str = "") -> str:
    place = f"/staff/orders/{order.number}"
    return f"{place}/payments/{paid_by(order, 'bank_transfer').id}/{what}" if what else place


def text_of(answer, status: int = 200) -> str:
    assert answer.status_code == status
    return " ".join(answer.get_data(as_text=True).split())


@pytest.mark.proves("D21", "E1", "I34")
@pytest.mark.parametrize("role", ["finance", "customer_service_admin", "root"])
def test_a_payment_that_has_come_makes_the_cards_and_says_so_first(staff_client, role):
    client, order = staff_client(role), awaited_order()
    page = text_of(client.get(address(order)))
    for words in ("Waiting for payment", "waiting for $150.00", "Payment received", "Not received"):
        assert words in page, words
    panel = text_of(client.get(address(order, "receipt")))
    assert "3 gift cards are issued and mailed now." in panel
    assert sheet(order).purchased == ()
    assert client.post(address(order, "receipt"), data={"reference": "B-9"}).status_code == 303
    after = sheet(orders.find(order.id))
    assert (after.payment_status, len(after.purchased)) == ("paid", 3)
    assert after.payments[0].reference == "B-9"
    page = text_of(client.get(address(order)))
    assert "Waiting for payment" not in page
    assert ">Payment received<" not in page
    assert "has come" in page
    for what in ("receipt", "cancellation"):
        assert "is not awaited" in text_of(client.get(address(order, what)), 409)


@pytest.mark.proves("D21", "E1")
def test_a_payment_that_never_comes_gives_the_card_its_money_back(staff_client):
    client, card = staff_client("finance"), make_card("20.00 USD")
    order = place(cards=[card], method="bank_transfer", state="pending")
    panel = text_of(client.get(address(order, "cancellation")))
    assert "The order is cancelled" in panel
    assert f"$20.00 goes back to card •••• {card.card.last4}" in panel
    assert "Say why" in text_of(client.post(address(order, "cancellation"), data={}), 422)
    assert balance(card.card) == "0.00 USD"
    answer = client.post(address(order, "cancellation"), data={"reason": "Never came"})
    assert answer.status_code == 303
    assert balance(card.card) == "20.00 USD"
    page = text_of(client.get(address(order)))
    assert "Cancelled" in page
    assert "Waiting for payment" not in page


@pytest.mark.proves("D21", "D14", "X1")
def test_customer_service_sees_what_is_awaited_and_cannot_say_that_it_came(staff_client):
    client, order = staff_client("customer_service"), awaited_order()
    page = text_of(client.get(address(order)))
    assert "Waiting for payment" in page
    assert ">Payment received<" not in page
    for what in ("receipt", "cancellation"):
        assert client.post(address(order, what), data={"reason": "x"}).status_code == 403
    assert sheet(order).payment_status == "awaited"


@pytest.mark.proves("D21", "X1", "X7")
def test_a_receipt_above_the_limit_waits_for_another_person(staff_client):
    limit_to("100.00 USD")
    finance, lead, order = staff_client("finance"), staff_client("root"), awaited_order()
    answer = finance.post(address(order, "receipt"), data={"reference": "B-9"}, headers=HX)
    assert "waits for another person" in answer.headers["HX-Trigger"]
    assert sheet(order).payment_status == "awaited"
    (waiting,) = desk.approvals.waiting()
    shown = text_of(lead.get(f"/staff/approvals/{waiting.id}"))
    assert "Payment received" in shown
    assert f'href="/staff/orders/{order.number}"' in shown
    assert finance.post(f"/staff/approvals/{waiting.id}/approval").status_code == 403
    assert lead.post(f"/staff/approvals/{waiting.id}/approval").status_code == 303
    after = sheet(orders.find(order.id))
    assert (after.payment_status, after.payments[0].reference) == ("paid", "B-9")


@pytest.mark.proves("D21", "E1")
def test_awaited_payments_stand_on_the_work_list_until_they_come(staff_client):
    client, order = staff_client("finance"), awaited_order()
    page = text_of(client.get("/staff/"))
    for words in ("Awaited payments", f'href="/staff/orders/{order.number}"', "W-1", "$150.00"):
        assert words in page, words
    client.post(address(order, "receipt"))
    assert "Awaited payments" not in text_of(client.get("/staff/"))


LIST = "/staff/awaited-payments/"
STATEMENT = f"{LIST}statement"


@pytest.mark.proves("D21", "E1")
def test_the_list_of_awaited_payments_leads_to_each_and_is_searched_by_amount(staff_client):
    client, order = staff_client("finance"), awaited_order()
    page = text_of(client.get(LIST))
    for words in ("1 awaited payment", "W-1", "$150.00", address(order, "receipt")):
        assert words in page, words
    assert "W-1" in text_of(client.get(f"{LIST}?q=150.00"))
    assert "No awaited payment fits" in text_of(client.get(f"{LIST}?q=151.00"))
    assert LIST in text_of(client.get("/staff/"))
    client.post(address(order, "receipt"))
    assert "No payment is awaited" in text_of(client.get(LIST))


@pytest.mark.proves("D21", "E1", "S36")
def test_a_pasted_statement_is_checked_first_and_records_what_fits_and_was_chosen(staff_client):
    client = staff_client("finance")
    first, second = awaited_order(reference="W-11"), awaited_order(reference="W-12")
    third = awaited_order(reference="W-13")
    lines = "W-11 150.00\nW-12;150,00\nW-13 149.00\nAnn 12.00"
    page = text_of(client.post(STATEMENT, data={"statement": lines}))
    for words in (
        "W-11 150.00",
        f'value="{paid_by(first, "bank_transfer").id}" checked',
        f"Order {third.number} waits for $150.00, and this line says $149.00.",
        "No awaited payment has a reference that stands here.",
    ):
        assert words in page, words
    assert sheet(first).payment_status == "awaited"
    chosen = paid_by(first, "bank_transfer").id
    data = {"statement": lines, "step": "record", "payment": chosen}
    page = text_of(client.post(STATEMENT, data=data))
    assert "1 payment received" in page
    assert [sheet(orders.find(o.id)).payment_status for o in (first, second, third)] == [
        "paid",
        "awaited",
        "awaited",
    ]
    again = text_of(client.post(STATEMENT, data=data))
    assert "0 payments received" in again
    assert f"Order {first.number} waits for no payment." in again
    page = text_of(client.post(STATEMENT, data={"statement": lines, "step": "change"}))
    assert "W-13 149.00" in page
    assert "Paste at least one line" in text_of(client.post(STATEMENT, data={}), 422)


@pytest.mark.proves("D21", "X7")
def test_a_payment_that_may_not_be_recorded_stops_no_other(staff_client):
    limit_to("100.00 USD")
    client = staff_client("finance")
    large = awaited_order(reference="W-11")
    small = awaited_order(gift_card_item("50.00 USD"), reference="W-12")
    chosen = [paid_by(order, "bank_transfer").id for order in (large, small)]
    lines = "W-11 150.00\nW-12 50.00"
    data = {"statement": lines, "step": "record", "payment": chosen}
    page = text_of(client.post(STATEMENT, data=data))
    for words in ("1 payment received", "Waiting for another person", "W-11 150.00"):
        assert words in page, words
    assert sheet(orders.find(small.id)).payment_status == "paid"
    assert sheet(orders.find(large.id)).payment_status == "awaited"
    assert [each.subject for each in desk.approvals.waiting()] == [chosen[0]]
