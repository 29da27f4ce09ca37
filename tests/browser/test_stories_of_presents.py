"""Stories of presents, each twice: in English at a desk on SQLite, in German on a phone on the
other engine. What stands on a page is looked for in the reader's language.
"""

import io
import re
from collections.abc import Iterator
from typing import Any

import pytest
import segno
from playwright.sync_api import Browser, expect

from giftweb import codes, days, language
from giftweb.domain import awaited, cards, carts, catalogue, checkout, customers, desk
from giftweb.domain.audit.log import SYSTEM
from giftweb.domain.cards import stock
from giftweb.domain.catalogue.products import NewProduct
from giftweb.web.text.words import status_label
from tests import factories
from tests.browser.readers import TOO_WIDE, Reader, reading
from tests.browser.server import enter
from tests.browser.test_widget import Shop, shop
from tests.factories import ROOT, goods, make_campaign, make_card, make_checkout
from tests.orders import newest_order, sheet
from tests.web.test_account import mailed_token

__all__ = ["shop"]

pytestmark = [
    pytest.mark.engines("sqlite", "postgresql"),
    pytest.mark.proves("B12", "B17", "B21", "B22", "B23", "B25", "S71"),
]


@pytest.fixture
def reader(engine, browser: Browser, site) -> Iterator[Reader]:
    on_phone = engine.name == "postgresql"
    with reading(browser, site, "de" if on_phone else "en", on_phone=on_phone) as found:
        yield found


def qr_photo(text: str) -> dict[str, Any]:
    drawn = io.BytesIO()
    segno.make(text, error="m").save(drawn, kind="png", scale=12)
    return {"name": "card.png", "mimeType": "image/png", "buffer": drawn.getvalue()}


# Forty cards for a team


PEOPLE = [f"Person {n}, p{n}@example.com, Thank you number {n}" for n in range(40)]


def test_forty_cards_for_a_team_are_forty_mails_of_one_order(reader, mailbox):
    campaign = make_campaign(bank_details="PT50 0002")
    gift = NewProduct(
        sku="GIFT",
        name="Card",
        kind="gift_card",
        card_type="virtual",
        requires_shipping=False,
        amounts_minor=(2500, 5000),
        allows_message=True,
    )
    catalogue.create(campaign.id, new=gift, by=ROOT)
    place, page = f"/shop/{campaign.id}", reader.page
    page.goto(f"{place}/products/GIFT/team")
    wrong = [*PEOPLE[:6], "Bob, bob@", *PEOPLE[7:]]
    page.locator("[name=choice]").first.check(force=True)
    reader.fill(people="\n".join(wrong), sender_name="Zoe", sender_email="zoe@example.com")
    reader.press("Add to cart")
    fault = reader.text("{address} is no email address.", address="bob@")
    reader.sees("Row {row}: {fault}", row=7, fault=fault)
    reader.fill(people="\n".join(PEOPLE))
    reader.press("Add to cart")
    page.wait_for_url("**/cart")
    page.goto(f"{place}/checkout")
    reader.fill(email="zoe@example.com", name="Zoe")
    page.locator("form.form button[type=submit]").click()
    page.wait_for_url("**/pay")
    page.locator("main form button[type=submit]").last.click()
    page.wait_for_url("**/thanks/*")
    (payment,) = sheet(newest_order()).payments
    assert payment.amount.minor == 40 * 2500
    awaited.receive(payment.id, by=SYSTEM)
    sent = [mail for mail in mailbox.all() if mail.kind == "cards_purchased"]
    assert {mail.to for mail in sent} == {f"p{n}@example.com" for n in range(40)}
    assert len(sent) == len(sheet(newest_order()).purchased) == 40


# A printed card from stock


def test_a_printed_card_is_activated_spent_given_back_and_spent_online(reader, shop: Shop, site):
    campaign = make_campaign(origins=(shop.origin,), language=reader.language)
    made: list[stock.Printed] = []
    batch = stock.Batch(currency="USD", campaign_id=campaign.id)
    stock.make(1, batch=batch, has_pins=True, write=made.extend, by=ROOT)
    (printed,) = made
    look_up(reader, printed)
    at_the_counter(reader, printed)
    assert str(cards.find_by_code(printed.code).balance) == "30.00 USD"
    online(reader, printed, shop=shop, site=site, campaign_id=campaign.id)
    assert str(cards.find_by_code(printed.code).balance) == "0.00 USD"
    day = desk.counter_day.read(campaign, days.today(campaign.time_zone))
    sums = {each.kind: str(each.total) for each in day.sums}
    assert sums == {
        "redeemed": "25.00 USD",
        "given_back": "5.00 USD",
        "activated": "50.00 USD",
    }


def look_up(reader: Reader, printed: stock.Printed) -> None:
    """The balance page says that it is not activated."""
    reader.page.goto("/balance")
    reader.fill(code=printed.code)
    reader.page.locator("main form button[type=submit]").first.click()
    reader.fill(pin=printed.pin)
    reader.page.locator("main form button[type=submit]").first.click()
    with language.use(reader.language):
        status = status_label("inactive")
    expect(reader.page.locator("#found")).to_contain_text(status)


def at_the_counter(reader: Reader, printed: stock.Printed) -> None:
    """Activated for 50.00, half of it spent by its QR code from a photo, 5.00 given back."""
    page = reader.page
    enter(page, factories.make_staff("cashier"))
    page.goto("/staff/counter/")
    page.locator("[name=code]").fill(codes.grouped(printed.code))
    page.keyboard.press("Enter")
    reader.sees("A printed card from stock: it is worth nothing until it is activated.")
    reader.fill(amount="50", receipt="A-1")
    reader.press("Activate")
    page.wait_for_url("**/done/**")
    page.goto("/staff/counter/")
    page.locator("[name=photo]").set_input_files(qr_photo(f"{page.url}#gift-card={printed.code}"))
    expect(page.locator("form[action$=redemption]")).to_be_visible()
    reader.fill(amount="25", pin=printed.pin, receipt="R-1")
    reader.press("Redeem")
    page.wait_for_url("**/done/**")
    page.goto("/staff/counter/return?receipt=R-1")
    reader.fill(amount="5")
    page.locator("main form[method=post] button[type=submit]").click()
    page.wait_for_url("**/done/**")
    page.goto("/staff/counter/day")
    expect(page.locator("main tbody tr")).to_have_count(3)
    assert page.evaluate(TOO_WIDE) <= 0


def online(
    reader: Reader, printed: stock.Printed, *, shop: Shop, site: str, campaign_id: str
) -> None:
    """The rest pays a cart of another site, with the PIN."""
    opened = make_checkout(goods("30.00 USD"), shipping="0.00 USD", campaign_id=campaign_id)
    shop.show(site, carts.client_token(opened))
    shop.page = shop.page.replace('lang="en"', f'lang="{reader.language}"')
    reader.page.goto(shop.origin)
    frame = reader.page.frame_locator("giftweb-checkout iframe")
    frame.locator("[name=code]").fill(printed.code)
    frame.locator("[name=pin]").fill(printed.pin)
    frame.get_by_role("button", name=reader.text("Apply"), exact=True).click()
    expect(frame.locator("#cards")).to_have_attribute("data-gift-card-amount", "3000")
    checkout.authorise(opened.id, by=SYSTEM)
    checkout.capture(opened.id, tenders=(), by=SYSTEM)


# A card bound to its holder, and small rests


def test_a_card_bound_to_ann_pays_nothing_for_ben_and_says_so(reader):
    campaign = make_campaign(language=reader.language)
    mug = NewProduct(sku="MUG", name="Mug", unit_minor=1200, requires_shipping=False)
    catalogue.create(campaign.id, new=mug, by=ROOT)
    bound = make_card("50.00 USD", holder="ann@example.com", bound_to_holder=True)
    page = reader.page
    for email, name in (("ben@example.com", "Ben"), ("ann@example.com", "Ann")):
        page.goto(f"/shop/{campaign.id}/products/MUG")
        reader.press("Add to cart")
        page.wait_for_url("**/cart")
        page.goto(f"/shop/{campaign.id}/checkout")
        reader.fill(email=email, name=name)
        page.locator("form.form button[type=submit]").click()
        page.wait_for_url("**/pay")
        page.locator("#code").fill(bound.code)
        if name == "Ben":
            expect(page.locator("#wrong")).to_have_text(
                reader.text(
                    "This gift card is bound to its holder: it pays only for orders with the"
                    " holder's email."
                )
            )
            page.context.clear_cookies()
    expect(page.locator("#cards")).to_have_attribute("data-amount-due", "0")
    page.locator("main form button[type=submit]").last.click()
    page.wait_for_url("**/thanks/*")
    assert str(cards.find(bound.card.id).balance) == "38.00 USD"


def test_three_rests_become_one_card_whose_history_says_so(reader):
    rests = [make_card(f"{amount}.00 USD").card for amount in (1, 2, 3)]
    page = reader.page
    customers.sign_in.request_link("ann@example.com")
    page.goto(f"/account/sign-in?token={mailed_token()}")
    page.locator("main form button[type=submit]").first.click()
    page.wait_for_url("**/account/")
    page.goto("/account/merge")
    reader.press("Put them together")
    page.wait_for_url(re.compile("/account/(cards/.*)?$"))
    (one,) = [card for card in cards.search.of_holder("ann@example.com") if card.origin == "merge"]
    assert {cards.find(card.id).status for card in rests} == {"replaced"}
    assert (one.balance.minor, one.status) == (600, "active")
    enter(page, factories.make_staff("customer_service"))
    page.goto(f"/staff/gift-cards/{one.id}")
    expect(page.locator("#details")).to_contain_text(reader.text("Merged from"))
    for card in rests:
        expect(page.locator("#details")).to_contain_text(card.last4)
