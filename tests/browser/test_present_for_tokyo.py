"""A present that is bought at ten at night in Lisbon for the next morning in Tokyo: in German on a
phone, and in English at a desk on the other engine."""

from collections.abc import Iterator
from datetime import datetime, time, timedelta
from io import BytesIO

import pytest
import zxingcpp
from PIL import Image
from playwright.sync_api import Browser, expect

from giftweb import clock, days, language
from giftweb.domain import awaited, cards, catalogue, outbox
from giftweb.domain.audit.log import SYSTEM
from giftweb.domain.catalogue.items import Delivery
from giftweb.domain.catalogue.products import NewProduct
from giftweb.domain.mail import sent
from giftweb.domain.mail.letters import gather
from giftweb.web import pages
from giftweb.web.mail import letters
from giftweb.web.text.templating import delivery_text
from tests.browser.readers import Reader, reading
from tests.factories import ROOT, make_campaign
from tests.orders import newest_order, sheet
from tests.web.test_paper import scanned

LISBON, TOKYO = "Europe/Lisbon", "Asia/Tokyo"
GIFT = NewProduct(
    sku="GIFT",
    name="Gutschein",
    kind="gift_card",
    card_type="virtual",
    requires_shipping=False,
    amounts_minor=(2500, 5000),
    allows_message=True,
)

pytestmark = [
    pytest.mark.engines("sqlite", "postgresql"),
    pytest.mark.proves("B12", "B13", "B17", "B28", "S71"),
]


@pytest.fixture
def late_evening():
    """Ten at night in Lisbon, tomorrow."""
    evening = days.at(days.today(LISBON) + timedelta(days=1), time(22), LISBON)
    with clock.moved(evening - clock.now()):
        yield evening


@pytest.fixture
def shop(site, late_evening, reader):
    campaign = make_campaign(
        brand_name="Hafenladen",
        language=reader.language,
        time_zone=LISBON,
        bank_details="PT50 0002",
    )
    catalogue.create(campaign.id, new=GIFT, by=ROOT)
    return f"/shop/{campaign.id}/"


@pytest.fixture
def reader(engine, browser: Browser, site) -> Iterator[Reader]:
    """Anna, whose browser is in Lisbon."""
    on_phone = engine.name == "sqlite"
    spoken = "de" if on_phone else "en"
    with reading(browser, site, spoken, on_phone=on_phone, timezone_id=LISBON) as found:
        yield found


def buy(reader: Reader, shop: str, morning: datetime) -> None:
    """Fifty for Yuki, tomorrow at eight in Tokyo, with snowy hills, in French."""
    page = reader.page
    page.goto(f"{shop}products/GIFT")
    page.locator(".amount-choice").nth(1).click()
    page.locator("[name=design][value=winter]").check(force=True)
    reader.fill(recipient_name="Yuki", recipient_email="yuki@example.com")
    reader.fill(sender_name="Anna", sender_email="anna@example.com", message="Guten Morgen!")
    page.locator("#locale").select_option("fr")
    page.locator("#deliver_on").fill(days.day_of(morning, TOKYO).isoformat())
    page.locator("#deliver_hour").select_option("08:00")
    page.locator("#deliver_zone").fill(TOKYO)
    reader.press("Add to cart")


def letter(app, mail) -> letters.Written:
    with app.app_context():
        return letters.write(gather(mail))


def send_what_is_due() -> None:
    while claimed := outbox.sending.claim():
        for each in claimed:
            outbox.sending.hand_over(each)
            sent.mark_sent(each)


def the_mail(email: str, kind: str):
    (found,) = [each for each in outbox.mails.of_address(email) if each.kind == kind]
    return found


def qr_of(picture: bytes) -> str:
    (code,) = zxingcpp.read_barcodes(Image.open(BytesIO(picture)))
    return code.text


def test_a_present_from_lisbon_at_night_is_in_tokyo_in_the_morning(app, reader, shop, late_evening):
    page, morning = reader.page, late_evening + timedelta(hours=10)
    at_eight = days.at(days.day_of(morning, TOKYO), time(8), TOKYO)
    with language.use(reader.language):
        when = delivery_text(Delivery(at_eight, TOKYO))
    assert "08:00 (Tokyo)" in when
    buy(reader, shop, at_eight)
    expect(page.get_by_text(when).first).to_be_visible()
    page.get_by_role("link", name=reader.text("Check out")).click()
    expect(page.locator("#summary")).to_contain_text(when)
    reader.fill(email="anna@example.com", name="Anna Silva")
    page.locator("form.form button[type=submit]").click()
    page.locator("main form button[type=submit]").last.click()
    page.wait_for_url("**/thanks/*")
    expect(page.locator("main")).to_contain_text(when)

    order = newest_order()
    confirmation = letter(app, the_mail("anna@example.com", "order_confirmation"))
    assert when in confirmation.text
    assert reader.text("Thank you for your order") in confirmation.text
    awaited.receive(sheet(order).payments[0].id, by=SYSTEM)
    (card,) = sheet(order).purchased
    assert (card.deliver_at, card.deliver_zone) == (at_eight, TOKYO)
    page.reload()
    expect(page.locator("#bought")).to_contain_text(when)

    send_what_is_due()
    assert cards.find(card.id).delivered_at is None
    with clock.moved(at_eight - clock.now() + timedelta(seconds=1)):
        send_what_is_due()
    assert cards.find(card.id).delivered_at is not None
    written = letter(app, the_mail("yuki@example.com", "cards_purchased"))
    code = cards.holder.open_code(card.id)
    assert "Bonjour Yuki" in written.text
    assert "Guten Morgen!" in written.text
    assert pages.scanned.code_of(qr_of(written.pictures[f"qr-{card.id}"][1])) == code
    assert Image.open(BytesIO(written.pictures["design-winter"][1])).size == (640, 400)
    sent = letter(app, the_mail("anna@example.com", "gift_sent"))
    assert "Yuki" in sent.text

    paper = page.context.request.post(
        f"{page.url.partition('?')[0]}/cards/{card.id}/card.pdf",
        form={"csrf_token": page.locator("[name=csrf_token]").first.input_value()},
    )
    assert paper.headers["content-type"] == "application/pdf"
    assert pages.scanned.code_of(scanned(paper.body())) == code
