"""Gift cards that a stranger buys by card wait for a person, who refuses them (B26): in English at
a desk, in German on a phone on the other engine.
"""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from playwright.sync_api import Browser, expect

from giftweb import clock, language
from giftweb.domain import cards, catalogue, orders
from giftweb.domain.catalogue.products import NewProduct
from giftweb.errors import ReviewRefused
from giftweb.money import money_text
from tests.browser.readers import Reader, reading
from tests.browser.test_desk_cards import entered
from tests.browser.test_store_stripe import GOOD, config, stripe_api
from tests.factories import ROOT, amount_of, make_campaign
from tests.mailbox import Mailbox
from tests.orders import newest_order

__all__ = ["config", "stripe_api"]

GIFT = NewProduct(
    sku="GIFT",
    name="Gift card",
    kind="gift_card",
    card_type="virtual",
    requires_shipping=False,
    amounts_minor=(5000, 50_000),
)


@pytest.fixture
def shop(site):
    """A shop that looks at more than 1000.00 a day before it sends gift cards."""
    campaign = make_campaign(review_amount_per_day_minor=100_000)
    catalogue.create(campaign.id, new=GIFT, by=ROOT)
    return f"/shop/{campaign.id}/"


@pytest.fixture
def reader(engine, browser: Browser, site) -> Iterator[Reader]:
    on_phone = engine.name == "postgresql"
    with reading(browser, site, "de" if on_phone else "en", on_phone=on_phone) as found:
        yield found


def buy(reader: Reader, shop: str, *, count: int, recipient: str) -> orders.OrderSheet:
    """So many gift cards of 500.00 for one recipient, paid by card."""
    page = reader.page
    page.goto(f"{shop}products/GIFT")
    page.locator(".amount-choice").nth(1).click()
    reader.fill(recipient_name="Rob", recipient_email=recipient, quantity=str(count))
    reader.fill(sender_name="Stan", sender_email="stan@example.com")
    reader.press("Add to cart")
    page.get_by_role("link", name=reader.text("Check out")).click()
    reader.fill(email="stan@example.com", name="Stan Stranger")
    reader.press("Continue to payment")
    pay(reader)
    page.wait_for_url("**/thanks/*")
    return orders.sheet(newest_order())


def pay(reader: Reader) -> None:
    """Through Stripe's card field."""
    page = reader.page
    page.locator("[name=method][value=card]").check()
    page.locator("main form button[type=submit]").last.click()
    for name, text in (
        ("number", GOOD),
        ("exp_month", "12"),
        ("exp_year", "30"),
        ("cvc", "123"),
        ("postal_code", "12345"),
    ):
        page.get_by_placeholder(name).fill(text)
    reader.press("Place order")


@pytest.mark.engines("sqlite", "postgresql")
@pytest.mark.proves("B26", "D22")
def test_ten_cards_of_a_stranger_wait_and_are_refused(reader, shop, check_axe):
    page = reader.page
    bought = buy(reader, shop, count=5, recipient="rob@example.com").purchased
    reader.sees(
        "We look at larger purchases of gift cards before we send them. If we cannot send it, you"
        " get your money back."
    )
    expect(page.locator(".own-card-act")).to_have_count(0)
    check_axe(page)
    with clock.moved(timedelta(minutes=50)):
        bought += buy(reader, shop, count=5, recipient="kim@example.com").purchased
        assert len(bought) == 10
        assert {card.status for card in bought} == {"frozen"}
        refuse_all(reader, check_axe)
    ended = [cards.find(card.id) for card in bought]
    assert {(card.status, card.balance.minor) for card in ended} == {("cancelled", 0)}
    for card in ended:
        with pytest.raises(ReviewRefused):
            cards.holder.open_code(card.id)
    assert "cards_purchased" not in Mailbox().kinds()


def refuse_all(reader: Reader, check_axe) -> None:
    """Refuse both orders from the work list; their money goes back by the way it came."""
    desk = entered(reader.page)
    desk.goto("/staff/")
    why = reader.text("a lot for one customer in a day")
    with language.use(reader.language):
        price = money_text(amount_of("500.00 USD"))
    for left in (1, 0):
        row = desk.locator("#work").get_by_role("link", name=reader.text("Refuse"))
        expect(row).to_have_count(left + 1)
        expect(desk.locator("#work")).to_contain_text(why)
        desk.wait_for_load_state()  # The row leads to a panel once htmx is there.
        row.first.click()
        panel = desk.locator("#panel[open]")
        expect(panel).to_contain_text(price)
        check_axe(desk)
        panel.locator("[name=reason]").fill("A stolen card")
        panel.get_by_role("button", name=reader.text("Refuse")).click()
        expect(row).to_have_count(left)
        done = "The gift cards are withdrawn, and what was paid for them goes back."
        expect(desk.get_by_text(reader.text(done)).first).to_be_visible()
        expect(desk.get_by_role("heading", level=1)).to_have_text(reader.text("Dashboard"))
    sheet = orders.sheet(newest_order())
    assert [(pay.method, pay.left_minor, pay.status) for pay in sheet.payments] == [
        ("credit_card", 0, "refunded")
    ]
