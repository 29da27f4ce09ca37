"""Gift cards that a stranger buys by card wait for a person, who refuses them (B26)."""

from datetime import timedelta

import pytest
from playwright.sync_api import Page, expect

from giftweb import clock
from giftweb.domain import cards, catalogue, orders
from giftweb.domain.catalogue.products import NewProduct
from giftweb.errors import ReviewRefused
from tests.browser.test_desk_cards import entered
from tests.browser.test_store_stripe import GOOD, config, pay_by_card, stripe_api
from tests.factories import ROOT, make_campaign
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


def buy(page: Page, shop: str, *, count: int, recipient: str) -> orders.OrderSheet:
    """So many gift cards of 500.00 for one recipient, paid by card."""
    page.goto(f"{shop}products/GIFT")
    page.get_by_text("$500.00", exact=True).first.click()
    for label, text in (
        ("Recipient Name", "Rob"),
        ("Recipient Email", recipient),
        ("Sender Name", "Stan"),
        ("Sender Email", "stan@example.com"),
        ("Quantity", str(count)),
    ):
        page.get_by_label(label, exact=True).fill(text)
    page.get_by_role("button", name="Add to cart").click()
    page.get_by_role("link", name="Check out").click()
    page.get_by_label("Email", exact=True).fill("stan@example.com")
    page.get_by_label("Full name", exact=True).fill("Stan Stranger")
    page.get_by_role("button", name="Continue to payment").click()
    pay_by_card(page, GOOD, due=f"${500 * count:,}.00")
    expect(page.get_by_role("heading", name="Thank you, Stan Stranger")).to_be_visible()
    return orders.sheet(newest_order())


@pytest.mark.engines("sqlite", "postgresql")
@pytest.mark.proves("B26", "D22")
def test_ten_cards_of_a_stranger_wait_and_are_refused(page, shop, check_axe):
    bought = buy(page, shop, count=5, recipient="rob@example.com").purchased
    expect(page.get_by_text("before we send them").first).to_be_visible()
    expect(page.locator(".own-card-act")).to_have_count(0)
    check_axe(page)
    with clock.moved(timedelta(minutes=50)):
        bought += buy(page, shop, count=5, recipient="kim@example.com").purchased
        assert len(bought) == 10
        assert {card.status for card in bought} == {"frozen"}
        refuse_all(page, check_axe)
    ended = [cards.find(card.id) for card in bought]
    assert {(card.status, card.balance.minor) for card in ended} == {("cancelled", 0)}
    for card in ended:
        with pytest.raises(ReviewRefused):
            cards.holder.open_code(card.id)
    assert "cards_purchased" not in Mailbox().kinds()


def refuse_all(page: Page, check_axe) -> None:
    """Refuse both orders from the work list; their money goes back by the way it came."""
    desk = entered(page)
    desk.goto("/staff/")
    for left in (1, 0):
        row = desk.locator("#work").get_by_role("link", name="Refuse")
        expect(row).to_have_count(left + 1)
        expect(desk.get_by_text("a lot for one customer in a day").first).to_be_visible()
        row.first.click()
        panel = desk.locator("#panel[open]")
        expect(panel.get_by_text("$500.00 goes back").first).to_be_visible()
        check_axe(desk)
        panel.get_by_label("Reason").fill("A stolen card")
        panel.get_by_role("button", name="Refuse").click()
        expect(row).to_have_count(left)
        expect(desk.get_by_text("are withdrawn").first).to_be_visible()
        expect(desk.get_by_role("heading", level=1)).to_have_text("Dashboard")
    sheet = orders.sheet(newest_order())
    assert [(pay.method, pay.left_minor, pay.status) for pay in sheet.payments] == [
        ("credit_card", 0, "refunded")
    ]
