"""**Release** and **Refuse** of bought cards at the desk, and what the shopper reads (B26)."""

import pytest

from giftweb import models
from giftweb.domain import orders, outbox
from giftweb.domain.mail.letters import gather
from giftweb.web import mail
from tests.factories import make_campaign
from tests.orders import gift_card_item, place, sheet


@pytest.fixture
def order():
    """An order of a gift card that waits for a review."""
    campaign = make_campaign(review_amount_above_minor=20_000)
    item = gift_card_item("300.00 USD")
    return place(item, campaign_id=campaign.id, shipping="0.00 USD")


def place_of(order, step: str) -> str:
    return f"/staff/orders/{order.number}/gift-cards/review/{step}"


@pytest.mark.proves("B26")
def test_what_waits_is_released_on_its_order(staff_client, order, mailbox):
    client = staff_client("customer_service")
    page = client.get(f"/staff/orders/{order.number}").text
    assert "Waiting for a review" in page
    assert "more than the campaign's limit".replace("'", "&#39;") in page
    assert "Gift cards to review before they are sent" in client.get("/staff/").text
    panel = client.get(place_of(order, "release")).text
    assert "$300.00" in panel
    done = client.post(place_of(order, "release"), data={"reason": ""})
    assert done.status_code == 303
    assert orders.reviews.waiting(order.id) == []
    assert "cards_purchased" in mailbox.kinds()
    assert "Waiting for a review" not in client.get(f"/staff/orders/{order.number}").text
    assert client.post(place_of(order, "release"), data={"reason": ""}).status_code == 409


@pytest.mark.proves("B26")
def test_what_waits_is_refused_with_a_reason(staff_client, order):
    client = staff_client("customer_service")
    assert "$300.00 goes back" in client.get(place_of(order, "refuse")).text
    unsaid = client.post(place_of(order, "refuse"), data={"reason": ""})
    assert unsaid.status_code == 422
    done = client.post(place_of(order, "refuse"), data={"reason": "A stolen card"})
    assert done.status_code == 303
    assert [card.status for card in sheet(order).purchased] == ["cancelled"]


@pytest.mark.proves("B26")
def test_the_shopper_is_informed_honestly(app, order):
    mail_id = models.Mail.get(models.Mail.kind == "order_confirmation").id
    letter = gather(outbox.mails.find(mail_id))
    with app.app_context():
        written = mail.letters.write(letter)
    for part in (written.html, written.text):
        assert "before we send them" in part.replace("\n", " ")
