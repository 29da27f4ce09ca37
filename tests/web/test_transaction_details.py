"""**View Details** > **Transaction Details** (S41), whatever became of the payment."""

import pytest

from giftweb.domain import carts, checkout
from giftweb.domain.audit.log import SYSTEM
from giftweb.domain.payments.payments import Tender
from tests.factories import make_card, make_checkout
from tests.orders import paid_by, place


def details(client, order, method: str) -> str:
    address = f"/staff/orders/{order.number}/payments/{paid_by(order, method).id}"
    answer = client.get(address)
    assert answer.status_code == 200
    return answer.get_data(as_text=True)


@pytest.mark.proves("S41")
def test_a_payment_of_which_nothing_went_back_has_its_details_too(staff_client):
    page = details(staff_client(), place(), "credit_card")
    for words in ("Visa 4242", "Captured", "Left to refund", "$100.00", "Record a chargeback"):
        assert words in page, words


@pytest.mark.proves("S41", "S46")
def test_the_details_lead_on_to_the_card_and_to_the_refund(staff_client):
    card = make_card("40.00 USD")
    order = place(cards=[card])
    page = details(staff_client(), order, "gift_card")
    assert f'href="/staff/gift-cards/{card.card.id}"' in page
    assert f"/payments/{paid_by(order, 'gift_card').id}/refund" in page
    assert "Not held: it was captured at once" in page
    assert "/refund" not in details(staff_client("finance"), order, "gift_card")


@pytest.mark.proves("S41")
def test_the_details_say_what_was_held_and_by_whom(staff_client):
    card = make_card("40.00 USD")
    opened = carts.apply(make_checkout().id, code=card.code)
    checkout.authorise(opened.id, by=SYSTEM)
    rest = Tender(method="credit_card", amount=opened.due, reference="Visa 4242", state="captured")
    order = checkout.capture(opened.id, tenders=[rest], by=SYSTEM)
    page = details(staff_client(), order, "gift_card")
    assert "Not held" not in page
    assert page.count("$40.00") >= 4
    assert "<bdi>System</bdi>" in page
