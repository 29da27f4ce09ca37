"""The day on which a bought card is sent: where it stands, and how it is moved (E28)."""

import re
from datetime import datetime, time, timedelta

import pytest

from giftweb import clock, days
from giftweb.domain import cards, catalogue, outbox
from giftweb.domain.mail.letters import gather
from giftweb.web.mail import letters
from tests.factories import ROOT, make_campaign
from tests.orders import gift_card_item, now, place, sheet
from tests.web.test_account import sign_in
from tests.web.test_store import DETAILS, GIFT, PRESENT, words

pytestmark = pytest.mark.proves("E28")

ZONE = "America/New_York"


@pytest.fixture
def day():
    return days.later(days.today(ZONE), 40)


@pytest.fixture
def order(day):
    """A gift from Ann to Bob that waits for its day in New York."""
    shop = make_campaign(time_zone=ZONE)
    at = days.at(day, time(23, 30), ZONE)
    item = gift_card_item(deliver_at=at.isoformat(), recipient_name="Bob Lee")
    return place(item._replace(recipient_email="bob@example.com"), campaign_id=shop.id)


def plain(page: str) -> str:
    return " ".join(re.sub("<[^>]*>", " ", page).split())


def printed(on) -> str:
    return days.day_text(on)


def test_the_day_stands_in_the_cart_the_checkout_and_the_confirmation(app, client, day):
    campaign = make_campaign(time_zone=ZONE)
    catalogue.create(campaign.id, new=GIFT, by=ROOT)
    shop, typed = f"/shop/{campaign.id}", PRESENT | {"deliver_on": day.isoformat()}
    assert client.post(f"{shop}/products/GIFT", data=typed).status_code == 303
    assert f"Send on {printed(day)}" in plain(client.get(f"{shop}/cart").text)
    assert f"Send on {printed(day)}" in plain(client.get(f"{shop}/checkout").text)
    client.post(f"{shop}/checkout", data=DETAILS)
    answer = client.post(f"{shop}/checkout/place", data={"method": "bank_transfer"})
    assert f"Send on {printed(day)}" in plain(client.get(answer.location).text)
    confirmation = confirmation_to(app, "ann@example.com")
    assert f"send on {printed(day)}" in confirmation.text
    assert f"send on {printed(day)}" in plain(confirmation.html)


def test_the_confirmation_of_a_paid_gift_leads_to_where_its_day_is_changed(app, order):
    confirmation = confirmation_to(app, "ann@example.com")
    assert "You can choose another day in your account until then" in confirmation.text
    assert "/account/" in confirmation.text
    assert '/account/"' in confirmation.html


def confirmation_to(app, email: str) -> letters.Written:
    found = outbox.mails.of_address(email)
    with app.app_context():
        return letters.write(gather(next(m for m in found if m.kind == "order_confirmation")))


def test_the_order_and_the_card_say_when_it_is_sent_at_the_desk(staff_client, order, day):
    client = staff_client("customer_service")
    (card,) = sheet(order).purchased
    page = plain(client.get(f"/staff/orders/{order.number}").text)
    assert f"Send on {printed(day)}" in page
    page = plain(client.get(f"/staff/gift-cards/{card.id}").text)
    assert f"To be sent {printed(day)}" in page
    assert "Send on another day" in page


def test_staff_move_the_day_and_are_refused_on_the_field(staff_client, order, day):
    client = staff_client("customer_service")
    (card,) = sheet(order).purchased
    place = f"/staff/gift-cards/{card.id}/delivery"
    assert f'value="{day}"' in client.get(place).text
    for typed in ("2020-01-31", "2099-01-31"):
        refused = client.post(place, data={"deliver_on": typed})
        assert refused.status_code == 422
        assert "Choose a day from today to one year ahead." in words(refused)
    assert "Choose a day." in words(client.post(place, data={"deliver_on": ""}))
    chosen = days.later(day, 3)
    answer = client.post(place, data={"deliver_on": chosen.isoformat()}, follow_redirects=True)
    assert f"It is sent on {printed(chosen)}, 23:00 (New York)." in words(answer)
    assert days.day_of(now(card).deliver_at, ZONE) == chosen
    assert f"Send on {printed(chosen)}" in plain(client.get(f"/staff/orders/{order.number}").text)


def test_a_card_that_was_sent_is_not_moved(staff_client, order):
    (card,) = sheet(order).purchased
    with clock.moved(timedelta(days=50)):
        client = staff_client("customer_service")
        place = f"/staff/gift-cards/{card.id}/delivery"
        assert client.get(place).status_code == 409
        assert "does not wait for its day" in words(client.post(place, data={"deliver_on": "x"}))


def test_the_giver_moves_the_day_and_nobody_else(client, order, day):
    (card,) = sheet(order).purchased
    place = f"/account/gifts/{card.id}"
    assert client.get(place).status_code == 404
    sign_in(client)
    page = plain(client.get("/account/").text)
    assert "Gifts on their way For Bob Lee" in page
    assert f"To be sent on {printed(day)}" in page
    assert f'value="{day}"' in client.get(place).text
    refused = client.post(place, data={"deliver_on": "2020-01-31"})
    assert refused.status_code == 422
    assert "Choose a day from today to one year ahead." in words(refused)
    chosen = days.later(day, -10)
    answer = client.post(place, data={"deliver_on": chosen.isoformat()}, follow_redirects=True)
    assert f"To be sent on {printed(chosen)}" in plain(answer.text)
    assert days.day_of(now(card).deliver_at, ZONE) == chosen
    sign_in(client, "bob@example.com")
    assert client.get(place).status_code == 404
    assert "Gifts on their way" not in client.get("/account/").text


def test_a_program_moves_it_too(api):
    shop = api()
    at = (clock.now() + timedelta(days=30)).isoformat()
    new = {"amount": 1000, "currency": "USD", "holder": {"email": "bob@example.com"}}
    made = shop.post("/gift-cards", new | {"deliver_at": at}).json
    assert datetime.fromisoformat(made["deliver_at"]) == datetime.fromisoformat(at)
    assert "delivered_at" not in made
    path = f"/gift-cards/{made['id']}"
    later = (clock.now() + timedelta(days=60)).isoformat()
    changed = shop.patch(path, {"deliver_at": later})
    assert changed.status_code == 200, (changed.location, changed.text)
    assert datetime.fromisoformat(changed.json["deliver_at"]) == datetime.fromisoformat(later)
    assert cards.find(made["id"]).deliver_at == datetime.fromisoformat(later)
    for gone in ("2020-01-01T00:00:00Z", "2099-01-01T00:00:00Z"):
        assert shop.patch(path, {"deliver_at": gone}).status_code == 422
        assert shop.post("/gift-cards", new | {"deliver_at": gone}).status_code == 422
    at_once = shop.post("/gift-cards", new).json
    assert "deliver_at" not in at_once
    assert shop.patch(f"/gift-cards/{at_once['id']}", {"deliver_at": later}).status_code == 409
