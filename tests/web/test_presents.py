"""Buying a present: amounts, a design, a preview, a day and an hour where somebody else lives
(B12, B28, S65 to S70)."""

import re
from dataclasses import replace
from datetime import time, timedelta
from io import BytesIO

import pytest
from PIL import Image

from giftweb import clock, days
from giftweb.domain import awaited, campaigns, cards, catalogue, countries, mail, outbox
from giftweb.domain.audit.log import SYSTEM
from giftweb.domain.catalogue.products import NewProduct
from giftweb.domain.mail import sent
from giftweb.domain.mail.letters import gather
from giftweb.web.mail import letters, smtp
from tests.factories import ADDRESS, ROOT, make_campaign
from tests.orders import gift_card_item, newest_order, place, sheet
from tests.web.test_account import sign_in
from tests.web.test_paper import scanned, words
from tests.web.test_store import DETAILS, PRESENT

pytestmark = pytest.mark.proves("B12", "B28")

GIFT = NewProduct(
    sku="GIFT",
    name="Gift card",
    kind="gift_card",
    card_type="virtual",
    requires_shipping=False,
    amounts_minor=(2500, 5000),
    open_least_minor=1000,
    open_most_minor=50000,
    allows_message=True,
)
TOKYO, LISBON = "Asia/Tokyo", "Europe/Lisbon"


def plain(text: str) -> str:
    return " ".join(re.sub("<[^>]*>", " ", text).split())


@pytest.fixture
def shop():
    campaign = make_campaign(time_zone=LISBON, brand_name="Sea & Sun")
    catalogue.create(campaign.id, new=GIFT, by=ROOT)
    return f"/shop/{campaign.id}"


@pytest.fixture
def day():
    return days.later(days.today(TOKYO), 3)


def tokyo_morning(day):
    return {"deliver_on": day.isoformat(), "deliver_hour": "08:00", "deliver_zone": TOKYO}


def text_of_day(day) -> str:
    return f"{days.day_text(day)}, 08:00 (Tokyo)"


# The form


@pytest.mark.proves("S65", "S68", "S70")
def test_the_preview_shows_what_is_typed_whatever_is_still_missing(client, shop):
    typed = {"choice": "50.00", "design": "love", "recipient_name": "Dora <b>", "message": "Hi"}
    answer = client.post(
        f"{shop}/products/GIFT/preview", data=typed, headers={"HX-Request": "true"}
    )
    assert answer.status_code == 200
    assert "<form" not in answer.text
    for part in ("$50.00", "designs/love.webp", "Dora &lt;b&gt;", "Sea &amp; Sun", ">Hi<"):
        assert part in answer.text, part


def test_the_preview_speaks_the_language_of_its_page(client, shop):
    campaign = campaigns.find(shop.rpartition("/")[2])
    campaigns.change(campaign.id, settings=replace(campaign.settings, language="de"), by=ROOT)
    page = client.get(f"{shop}/products/GIFT").text
    typed = {"choice": "50.00", "recipient_name": "Dora"}
    part = client.post(
        f"{shop}/products/GIFT/preview", data=typed, headers={"HX-Request": "true"}
    ).text
    for found in (page, part):
        assert "Die E-Mail" in found
        assert "The mail" not in found


def test_without_script_the_preview_is_the_page_with_what_was_typed(client, shop):
    typed = {"choice": "50.00", "design": "love", "recipient_name": "Dora"}
    page = client.post(f"{shop}/products/GIFT/preview", data=typed).text
    assert 'value="Dora"' in page
    assert "$50.00" in re.search(r'id="preview".*?</div>', page, re.S)[0]
    assert re.search(r'value="love"\s+checked', page)
    assert client.get(f"{shop}/cart").text.count("basket-line") == 0


def test_a_design_that_is_not_offered_is_refused(client, shop):
    answer = client.post(f"{shop}/products/GIFT", data=PRESENT | {"design": "../../keys"})
    assert answer.status_code == 422
    assert "Choose one of the designs." in answer.text


def test_an_hour_of_today_that_is_over_there_is_refused_on_its_field(client, shop):
    until_noon = timedelta(hours=(12 - days.local(clock.now(), TOKYO).hour) % 24)
    with clock.moved(until_noon):
        today = days.local(clock.now(), TOKYO).date().isoformat()
        typed = {"deliver_on": today, "deliver_hour": "00:00", "deliver_zone": TOKYO}
        refused = client.post(f"{shop}/products/GIFT", data=PRESENT | typed)
    assert refused.status_code == 422
    assert "This time has passed there." in refused.text


@pytest.mark.parametrize("zone", ["Nowhere/City", "<script>", "12345"])
def test_a_place_that_nobody_knows_is_refused(client, shop, day, zone):
    typed = tokyo_morning(day) | {"deliver_zone": zone}
    refused = client.post(f"{shop}/products/GIFT", data=PRESENT | typed)
    assert refused.status_code == 422
    assert "time zone such as" in refused.text


def test_a_city_alone_is_enough(client, shop, day):
    typed = tokyo_morning(day) | {"deliver_zone": "tokyo"}
    assert client.post(f"{shop}/products/GIFT", data=PRESENT | typed).status_code == 303
    assert text_of_day(day) in plain(client.get(f"{shop}/cart").text)


# Who buys


@pytest.mark.proves("S38", "S69")
def test_what_is_mailed_asks_for_no_street_and_knows_the_sender(client, shop):
    client.post(f"{shop}/products/GIFT", data=PRESENT)
    page = client.get(f"{shop}/checkout").text
    assert 'name="line1"' not in page
    assert 'value="ann@example.com"' in page
    assert 'value="Ann"' in page
    answer = client.post(f"{shop}/checkout", data={"email": "ann@example.com", "name": "Ann"})
    assert answer.status_code == 303
    placed = client.post(f"{shop}/checkout/place", data={"method": "bank_transfer"})
    assert "/thanks/" in placed.location


@pytest.mark.parametrize(
    ("zone", "currency", "country"),
    [
        ("Europe/Lisbon", "EUR", "PT"),
        ("UTC", "USD", "US"),
        ("UTC", "CHF", "CH"),
        ("UTC", "EUR", ""),
        ("Asia/Tokyo", "USD", "JP"),
    ],
)
@pytest.mark.no_database
def test_the_country_is_that_of_the_shop_until_another_is_chosen(zone, currency, country):
    assert countries.of_shop(time_zone=zone, currency=currency) == country


def test_goods_ask_for_an_address_in_the_shops_country(client, shop):
    campaign_id = shop.rpartition("/")[2]
    catalogue.create(campaign_id, new=NewProduct(sku="MUG", name="Mug", unit_minor=900), by=ROOT)
    client.post(f"{shop}/products/MUG", data={"quantity": "1"})
    page = client.get(f"{shop}/checkout").text
    assert 'name="line1"' in page
    assert re.search(r'<option selected value="PT">', page)


@pytest.mark.proves("S69")
def test_who_is_signed_in_finds_their_name_and_their_last_address(client, shop):
    order = place()
    sign_in(client, order.customer_email)
    campaign_id = shop.rpartition("/")[2]
    catalogue.create(campaign_id, new=NewProduct(sku="MUG", name="Mug", unit_minor=900), by=ROOT)
    client.post(f"{shop}/products/MUG", data={"quantity": "1"})
    page = client.get(f"{shop}/checkout").text
    assert f'value="{order.customer_name}"' in page
    assert f'value="{order.shipping_address["line1"]}"' in page


@pytest.mark.proves("S69")
def test_who_is_signed_in_chooses_among_earlier_addresses(client, shop):
    first, second = "1 High Street", "2 Low Road"
    for line1 in (first, second, second):
        place(shipping_address=ADDRESS | {"line1": line1})
    campaign_id = shop.rpartition("/")[2]
    catalogue.create(campaign_id, new=NewProduct(sku="MUG", name="Mug", unit_minor=900), by=ROOT)
    client.post(f"{shop}/products/MUG", data={"quantity": "1"})
    assert "Earlier addresses" not in client.get(f"{shop}/checkout").text
    sign_in(client, "ann@example.com")

    def line1(query: str = "") -> str:
        page = client.get(f"{shop}/checkout{query}").text
        assert re.findall('href="[?]address=([0-9])"', page) == ["0", "1"]
        return re.search('<input[^>]*name="line1"[^>]*value="([^"]*)"', page)[1]

    assert [line1(), line1("?address=1"), line1("?address=9")] == [second, first, second]
    client.post(f"{shop}/checkout", data=DETAILS | {"line1": "3 New Lane"})
    assert [line1(), line1("?address=0")] == ["3 New Lane", second]


# From the cart to the mail


def test_the_hour_and_the_place_stand_in_cart_order_mail_and_card(
    app, client, staff_client, shop, day
):
    typed = PRESENT | tokyo_morning(day) | {"design": "winter"}
    client.post(f"{shop}/products/GIFT", data=typed)
    when = text_of_day(day)
    assert when in plain(client.get(f"{shop}/cart").text)
    assert when in plain(client.get(f"{shop}/checkout").text)
    client.post(f"{shop}/checkout", data=DETAILS)
    placed = client.post(f"{shop}/checkout/place", data={"method": "bank_transfer"})
    assert when in plain(client.get(placed.location).text)
    (row,) = list(outbox.mails.listing(state="", to="ann@example.com", after=None).items)
    with app.app_context():
        assert when in plain(letters.write(gather(row)).html)


def mail_everything(*, later: timedelta = timedelta()) -> None:
    """The worker sends what is due so much later."""
    with clock.moved(later):
        while claimed := outbox.sending.claim():
            for each in claimed:
                outbox.sending.hand_over(each)
                sent.mark_sent(each)


@pytest.mark.proves("B17")
def test_the_mail_speaks_the_language_that_was_chosen_for_its_reader(app, client, shop, day):
    typed = PRESENT | tokyo_morning(day) | {"locale": "de", "recipient_name": "Dora"}
    client.post(f"{shop}/products/GIFT", data=typed, headers={"Accept-Language": "pt"})
    client.post(f"{shop}/checkout", data={"email": "ann@example.com", "name": "Ann"})
    client.post(f"{shop}/checkout/place", data={"method": "bank_transfer"})
    order = newest_order()
    (payment,) = sheet(order).payments
    awaited.receive(payment.id, by=SYSTEM)
    (card,) = sheet(order).purchased
    assert (card.holder_locale, card.deliver_zone) == ("de", TOKYO)
    (row,) = [each for each in outbox.mails.of_card(card.id) if each.kind == "cards_purchased"]
    assert gather(row).language == "de"


def bought(day, **more):
    at = days.at(day, time(8), TOKYO)
    item = gift_card_item(deliver_at=at.isoformat(), recipient_name="Bob Lee")
    item = item._replace(recipient_email="bob@example.com", deliver_zone=TOKYO, **more)
    campaign = make_campaign(time_zone=LISBON)
    order = place(item, campaign_id=campaign.id)
    return order, sheet(order).purchased[0]


def test_staff_and_the_giver_move_it_to_another_hour_in_another_place(client, staff_client, day):
    order, card = bought(day)
    place_ = f"/staff/gift-cards/{card.id}/delivery"
    desk = staff_client("customer_service")
    assert 'value="Asia/Tokyo"' in desk.get(place_).text
    desk.post(place_, data=tokyo_morning(day) | {"deliver_hour": "19:00"})
    moved = cards.find(card.id)
    assert moved.deliver_at == days.at(day, time(19), TOKYO)
    sign_in(client, order.customer_email)
    own = client.get("/account/").text
    assert "19:00 (Tokyo)" in own
    typed = {"deliver_on": day.isoformat(), "deliver_hour": "09:00", "deliver_zone": "lisbon"}
    client.post(f"/account/gifts/{card.id}", data=typed)
    assert cards.find(card.id).deliver_at == days.at(day, time(9), LISBON)
    assert cards.find(card.id).deliver_zone == LISBON


@pytest.mark.proves("B13", "S3")
def test_the_mail_and_the_paper_have_the_design_and_fit(app, client, day):
    _, card = bought(day, design="birthday")
    (row,) = list(outbox.mails.of_card(card.id))
    with app.app_context():
        written = letters.write(gather(row))
    kind, picture = written.pictures["design-birthday"]
    assert kind == "jpeg"
    assert Image.open(BytesIO(picture)).size == (640, 400)
    assert 'alt="Balloons in confetti"' in written.html
    assert len(smtp.Message(row, written, sender="a@shop.example").content) < 150_000
    printed = client.post("/balance/card.pdf", data={"code": cards.holder.open_code(card.id)})
    assert b"/DCTDecode" in printed.data
    assert scanned(printed.data)
    assert "Bob Lee" in words(printed.data)


def test_the_giver_is_notified_when_it_went_out_and_nobody_twice(app, mailbox, day):
    order, card = bought(day)
    mail_everything(later=timedelta(days=10))
    mail_everything(later=timedelta(days=10))
    (reported,) = [each for each in mailbox.to(order.customer_email) if each.kind == "gift_sent"]
    assert reported.card_id == card.id
    (mail_row,) = [each for each in outbox.mails.of_card(card.id) if each.kind == "gift_sent"]
    with app.app_context():
        written = letters.write(mail.letters.gather(mail_row))
    assert "Your gift to Bob Lee is sent" in written.subject
    assert card.last4 not in written.text
    assert "bob@example.com" in written.text


def test_of_a_card_that_goes_at_once_the_giver_hears_by_the_confirmation_alone(mailbox):
    item = gift_card_item(recipient_name="Bob")._replace(recipient_email="bob@example.com")
    order = place(item, campaign_id=make_campaign().id)
    (card,) = sheet(order).purchased
    mail_everything()
    assert cards.find(card.id).delivered_at
    assert "gift_sent" not in mailbox.kinds()
