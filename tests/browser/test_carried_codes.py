"""A code that a link brings in its fragment: to the balance, and into the shop's cart (B31)."""

import pytest
from playwright.sync_api import Page, expect

from giftweb.domain import catalogue
from giftweb.domain.catalogue.products import NewProduct
from tests.browser.test_store import fill_in_details
from tests.factories import ROOT, make_campaign, make_card

pytestmark = pytest.mark.proves("B31", "B13")


def test_a_code_in_the_fragment_is_looked_up_and_reaches_no_address(page: Page, site):
    issued, asked = make_card("50.00 USD"), []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(f"{site}/balance#gift-card={issued.code}")
    expect(page.locator("#found")).to_contain_text("$50.00")
    assert page.url == f"{site}/balance"
    assert not [url for url in asked if issued.code in url]


def test_a_code_is_carried_to_the_payment_and_applied_there_once(page: Page, site, check_axe):
    campaign = make_campaign(shipping_minor=900)
    lamp = NewProduct(sku="LAMP", name="Reading lamp", unit_minor=7000)
    catalogue.create(campaign.id, new=lamp, by=ROOT)
    issued, asked = make_card("50.00 USD"), []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(f"{site}/shop/{campaign.id}/#gift-card={issued.code}")
    note = page.locator("#carried")
    expect(note).to_contain_text(f"•••• {issued.card.last4} is ready")
    check_axe(page)
    page.get_by_role("link", name="Reading lamp").click()
    page.get_by_role("button", name="Add to cart").click()
    page.get_by_role("link", name="Check out").click()
    fill_in_details(page)
    expect(page.locator("#cards")).to_contain_text("You still pay $29.00")
    assert not [url for url in asked if issued.code in url]
    page.reload()
    expect(page.locator("#cards")).to_contain_text("You still pay $29.00")
    page.goto(f"{site}/shop/{campaign.id}/")
    expect(page.locator("#carried")).to_be_hidden()


def test_without_a_connection_the_page_says_so_and_goes_on_when_it_is_back(page: Page, site):
    issued = make_card("50.00 USD")
    page.goto(f"{site}/balance")
    page.context.set_offline(True)
    page.get_by_label("Gift card code").fill(issued.code)
    page.get_by_role("button", name="Check").click()
    expect(page.locator("#offline")).to_contain_text("There is no connection.")
    page.context.set_offline(False)
    page.get_by_role("button", name="Check").click()
    expect(page.locator("#found")).to_contain_text("$50.00")
