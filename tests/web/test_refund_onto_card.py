"""A refund as money on another card of the same customer (B3, B25)."""

import pytest

from giftweb.domain import cards, refunds
from giftweb.errors import Invalid
from tests.factories import ADMIN, amount_of, make_card
from tests.orders import paid_by, place


@pytest.fixture
def order():
    """An order of 100.00, paid by credit card."""
    return place()


@pytest.mark.proves("B3", "B25")
def test_a_refund_goes_on_another_card_of_the_customer(order):
    card = make_card("5.00 USD", holder=order.customer_email).card
    payment = paid_by(order, "credit_card")
    done = refunds.refund(
        payment.id, amount=amount_of("30.00 USD"), by=ADMIN, as_card=True, onto=card.id
    )
    assert (done.gift_card_id, done.stored_status) == (card.id, "succeeded")
    after = cards.find(card.id)
    assert after.balance_minor == 3500
    assert [(part.source, part.amount.minor) for part in after.funding] == [
        ("sales", 3000),
        ("goodwill", 500),
    ]
    assert paid_by(order, "credit_card").left_minor == 7000


@pytest.mark.proves("B3", "B25")
@pytest.mark.parametrize(
    "more", [{"holder": "eve@example.org"}, {"is_test": True}, {"amount": "5.00 EUR"}]
)
def test_but_on_no_other_card(order, more):
    more = {"amount": "5.00 USD", "holder": order.customer_email} | more
    card = make_card(more.pop("amount"), **more).card
    payment = paid_by(order, "credit_card")
    with pytest.raises(Invalid, match="of this order's customer"):
        refunds.refund(payment.id, by=ADMIN, as_card=True, onto=card.id)
    assert paid_by(order, "credit_card").left_minor == 10_000


@pytest.mark.proves("B3", "B25", "S46")
def test_the_desk_offers_the_customers_cards(staff_client, order):
    client = staff_client("customer_service_admin")
    card = make_card("5.00 USD", holder=order.customer_email).card
    payment = paid_by(order, "credit_card")
    place_of = f"/staff/orders/{order.number}/payments/{payment.id}/refund"
    asked = client.get(place_of).text
    assert f'value="{card.id}"' in asked
    key = asked.partition('name="key"')[2].partition('value="')[2].partition('"')[0]
    typed = {
        "amount": "20.00",
        "reason": "late",
        "as_card": "y",
        "onto": card.id,
        "key": key,
        "step": "",
    }
    check = client.post(place_of, data=typed)
    assert f"$20.00 goes on gift card •••• {card.last4}" in check.text
    assert client.post(place_of, data=typed | {"step": "confirm"}).status_code == 303
    assert cards.find(card.id).balance_minor == 2500
