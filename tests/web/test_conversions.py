"""Before and after paying, the shopper reads what the recipient gets, and at which rate (E26)."""

from datetime import date

import pytest

from giftweb.domain import catalogue, outbox
from giftweb.domain.audit.log import SYSTEM
from giftweb.domain.catalogue.rates import NewRate
from giftweb.domain.mail.letters import gather
from giftweb.web.mail import letters
from giftweb.web.text import conversions
from tests.factories import make_campaign
from tests.orders import balance, gift_card_item, gift_card_product, newest_order, place, sheet
from tests.web.test_send_on import plain
from tests.web.test_store import DETAILS, PRESENT

pytestmark = pytest.mark.proves("E26", "S66")

RATE = "at 1 USD = 0.859 EUR"
GETS = f"€21.47, {RATE}"


@pytest.fixture
def shop(monkeypatch):
    """A shop in dollars, whose gift cards are all in euros."""
    monkeypatch.setattr(catalogue.prices, "_base", "EUR")
    know("0.8590")
    return make_campaign()


def know(rate: str, on: str = "2020-01-01") -> None:
    catalogue.rates.set_rates([NewRate(date.fromisoformat(on), "USD", "EUR", rate)], by=SYSTEM)


def test_the_shopper_is_informed_before_and_after_paying(app, client, staff_client, shop):
    gift_card_product(shop.id)
    place_of_it = f"/shop/{shop.id}"
    page = plain(client.get(f"{place_of_it}/products/GIFT").text)
    assert "The card is in EUR, at today’s rate of 1 USD = 0.859 EUR." in page
    assert "The recipient gets €21.47 for $25.00, €42.95 for $50.00." in page
    client.post(f"{place_of_it}/products/GIFT", data=PRESENT)
    know("0.5", on="2020-01-02")
    assert f"The recipient gets {GETS}" in plain(client.get(f"{place_of_it}/cart").text)
    assert f"who gets {GETS}" in plain(client.get(f"{place_of_it}/checkout").text)
    client.post(f"{place_of_it}/checkout", data=DETAILS)
    assert f"who gets {GETS}" in plain(client.get(f"{place_of_it}/checkout/pay").text)
    answer = client.post(f"{place_of_it}/checkout/place", data={"method": "bank_transfer"})
    assert f"The recipient gets {GETS}" in plain(client.get(answer.location).text)
    order = newest_order()
    page = staff_client().get(f"/staff/orders/{order.number}").text
    assert f"Each worth {GETS}" in plain(page)
    found = outbox.mails.of_address("ann@example.com")
    with app.app_context():
        mail = letters.write(gather(next(m for m in found if m.kind == "order_confirmation")))
    assert f"the recipient gets {GETS}" in " ".join(mail.text.split())
    assert f"the recipient gets {GETS}" in plain(mail.html)


def test_what_is_announced_is_what_the_card_gets(shop):
    order = place(gift_card_item("50.01 USD"), shipping="0.00 USD", campaign_id=shop.id)
    (line,) = sheet(order).lines
    assert conversions.worth_text(line, "USD") == f"€42.95, {RATE}"
    assert balance(sheet(order).purchased[0]) == "42.95 EUR"


def test_nothing_is_added_about_a_card_in_the_shops_own_currency(client):
    shop = make_campaign()
    product = gift_card_product(shop.id)
    assert conversions.product_text(product) == ""
    client.post(f"/shop/{shop.id}/products/GIFT", data=PRESENT)
    assert "recipient gets" not in client.get(f"/shop/{shop.id}/cart").text


def test_a_rate_that_has_no_end_is_printed_with_six_decimals(shop):
    catalogue.rates.set_rates([NewRate(date(2020, 1, 3), "EUR", "USD", "3")], by=SYSTEM)
    product = gift_card_product(shop.id, sku="ODD")
    assert "rate of 1 USD = 0.333333 EUR" in conversions.product_text(product)


def test_without_a_rate_the_page_promises_nothing(monkeypatch):
    monkeypatch.setattr(catalogue.prices, "_base", "JPY")
    assert conversions.product_text(gift_card_product()) == ""
