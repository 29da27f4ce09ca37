"""The hosted shop: products, cart, gift cards, the other tender, thanks and upsell."""

import re

import pytest
from playwright.sync_api import Page, expect

from giftweb.domain import cards, catalogue
from giftweb.domain.catalogue.products import NewProduct
from tests.factories import ROOT, make_campaign, make_card
from tests.orders import newest_order


@pytest.fixture
def shop(site):
    """A campaign whose shop sells a lamp, a gift card, and wrapping after the order."""
    campaign = make_campaign(shipping_minor=900)
    for new in (
        NewProduct(sku="LAMP", name="Reading lamp", unit_minor=7000),
        NewProduct(
            sku="GIFT",
            name="Gift card",
            kind="gift_card",
            card_type="virtual",
            requires_shipping=False,
            amounts_minor=(2500, 5000),
            open_least_minor=1000,
            open_most_minor=50000,
            allows_message=True,
        ),
        NewProduct(
            sku="WRAP", name="Wrapping", unit_minor=600, is_upsell=True, requires_shipping=False
        ),
    ):
        catalogue.create(campaign.id, new=new, by=ROOT)
    return f"/shop/{campaign.id}/"


def to_payment(page: Page, shop: str) -> None:
    page.goto(shop)
    page.get_by_role("link", name="Reading lamp").click()
    page.get_by_role("button", name="Add to cart").click()
    page.get_by_role("link", name="Check out").click()
    fill_in_details(page)


def fill_in_details(page: Page) -> None:
    for label, text in (
        ("Email", "ann@example.com"),
        ("Full name", "Ann Smith"),
        ("Address", "1 High Street"),
        ("City", "Springfield"),
        ("Postal code", "12345"),
    ):
        page.get_by_label(label, exact=True).fill(text)
    page.get_by_label("Country", exact=True).select_option("United States")
    page.get_by_role("button", name="Continue to payment").click()
    expect(page.get_by_role("heading", name="Payment")).to_be_visible()


@pytest.mark.proves("E33", "S65")
def test_an_amount_of_ones_own_chooses_another_amount(page, shop):
    page.goto(f"{shop}products/GIFT")
    own = page.get_by_label("Your own amount")
    listed = page.get_by_role("radio", name="$25.00")
    other = page.get_by_role("radio", name="Another amount")
    expect(listed).to_be_checked()
    own.fill("30")
    expect(other).to_be_checked()
    own.fill("")
    expect(listed).to_be_checked()
    own.fill("30")
    page.get_by_text("$50.00", exact=True).first.click()
    expect(own).to_have_value("")


@pytest.mark.proves("B28", "S70")
def test_card_and_mail_are_shown_as_one_types(page, shop, check_axe):
    page.goto(f"{shop}products/GIFT")
    preview = page.locator("#preview")
    page.get_by_text("$50.00", exact=True).first.click()
    expect(preview).to_contain_text("$50.00")
    page.get_by_label("Recipient Name").fill("Dora")
    expect(preview).to_contain_text("Hello Dora,")
    page.get_by_role("radio", name="Birthday").check()
    expect(preview.locator("img")).to_have_attribute("src", re.compile("birthday"))
    check_axe(page)
    page.set_viewport_size({"width": 320, "height": 800})
    width = page.evaluate("document.documentElement.scrollWidth")
    assert width == 320


@pytest.mark.engines("sqlite", "postgresql")
@pytest.mark.proves("S36", "S38", "S42", "S59")
def test_the_card_pays_the_goods_and_a_transfer_the_shipping(page, shop, check_axe):
    card = make_card("100.00 USD")
    to_payment(page, shop)
    page.get_by_label("Gift Card", exact=True).fill(card.code)
    expect(page.locator("#totals")).to_contain_text("You pay$9.00")
    check_axe(page)
    page.get_by_role("button", name="Pay $9.00").click()
    expect(page.get_by_role("heading", name="Thank you, Ann Smith")).to_be_visible()
    assert str(cards.find(card.card.id).balance) == "30.00 USD"
    check_axe(page)


def test_a_lost_connection_is_reported_and_mended_in_the_hosted_shop_too(page, shop):
    card = make_card("100.00 USD")
    to_payment(page, shop)
    page.wait_for_load_state()
    page.context.set_offline(True)
    page.get_by_label("Gift Card", exact=True).fill(card.code)
    expect(page.get_by_text("There is no connection")).to_be_visible()
    page.context.set_offline(False)
    page.get_by_role("button", name="Try again").click()
    expect(page.get_by_text("There is no connection")).to_be_hidden()
    page.get_by_label("Gift Card", exact=True).fill(card.code)
    expect(page.locator("#totals")).to_contain_text("You pay$9.00")


@pytest.mark.proves("S37", "S39", "I19")
def test_a_card_alone_leaves_nothing_an_upsell_could_charge(plain_page, shop):
    """The whole story without script."""
    page = plain_page
    card = make_card("100.00 USD")
    to_payment(page, shop)
    page.get_by_label("Gift Card", exact=True).fill(card.code)
    page.get_by_role("button", name="Apply").click()
    page.get_by_role("button", name="Pay $9.00").click()
    expect(page.get_by_text("A gift card leaves nothing to charge").first).to_be_visible()
    offer = page.locator("form:has([name=sku])")
    expect(offer.get_by_text("Bank transfer")).to_be_visible()
    expect(page.get_by_role("radio")).to_have_count(0)
    page.get_by_role("button", name="Add for $6.00").click()
    expect(page.get_by_text("Wrapping was added to your order.")).to_be_visible()
    order = newest_order()
    assert str(order.total) == "85.00 USD"


@pytest.mark.proves("S15", "S65", "S68", "S70", "S71")
def test_a_gift_card_is_bought_like_any_product(page, shop):
    page.goto(f"{shop}products/GIFT")
    page.get_by_role("button", name="Add to cart").click()
    expect(page.get_by_role("link", name="Enter who it is for.")).to_be_visible()
    page.get_by_text("Another amount", exact=True).click()
    page.get_by_label("Your own amount").fill("9.99")
    for label, text in (
        ("Recipient Name", "Bob"),
        ("Recipient Email", "bob@example.com"),
        ("Sender Name", "Ann"),
        ("Sender Email", "ann@example.com"),
        ("Message", "Happy birthday"),
    ):
        page.get_by_label(label).fill(text)
    page.get_by_role("button", name="Add to cart").click()
    expect(page.get_by_role("link", name="Enter an amount from")).to_be_visible()
    page.get_by_label("Your own amount").fill("30")
    page.get_by_role("button", name="Add to cart").click()
    expect(page.get_by_role("heading", name="Your cart")).to_be_visible()
    expect(page.get_by_text("bob@example.com")).to_be_visible()
    expect(page.locator("#totals")).to_contain_text("$30.00")


def test_the_cart_is_changed_by_keyboard_and_every_page_of_the_shop_passes(page, shop, check_axe):
    page.set_viewport_size({"width": 360, "height": 740})
    for address in (shop, f"{shop}cart", f"{shop}products/GIFT"):
        page.goto(address)
        check_axe(page)
    page.goto(f"{shop}products/LAMP")
    page.get_by_role("button", name="Add to cart").press("Enter")
    page.get_by_label("Quantity of Reading lamp").fill("2")
    page.keyboard.press("Enter")
    expect(page.locator("#totals")).to_contain_text("Items$140.00")
    check_axe(page)
    page.get_by_role("link", name="Check out").press("Enter")
    page.get_by_role("button", name="Continue to payment").press("Enter")
    expect(page.get_by_role("link", name="Enter your email address.")).to_be_visible()
    check_axe(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    page.get_by_role("link", name="Cart", exact=True).press("Enter")
    page.get_by_role("button", name="Remove · Reading lamp").press("Enter")
    expect(page.get_by_text("Your cart is empty")).to_be_visible()


@pytest.mark.proves("S63", "B17")
@pytest.mark.parametrize("width", [360, 1280])
def test_the_sum_stands_above_the_button_that_pays_it(page, shop, width, check_axe):
    page.set_viewport_size({"width": width, "height": 740})
    to_payment(page, shop)
    total = page.locator("#totals .sums-total").bounding_box()
    pay = page.get_by_role("button", name="Pay $79.00")
    assert total["y"] + total["height"] <= pay.bounding_box()["y"]
    check_axe(page)


PRESENT = (
    ("Recipient Name", "Bob"),
    ("Recipient Email", "bob@example.com"),
    ("Sender Name", "Ann"),
    ("Sender Email", "ann@example.com"),
)


def add_present(page: Page, shop: str, sku: str, fields: tuple[tuple[str, str], ...]) -> None:
    page.goto(f"{shop}products/{sku}")
    for label, text in fields:
        page.get_by_label(label).fill(text)
    page.get_by_role("button", name="Add to cart").click()
    expect(page.get_by_role("heading", name="Your cart")).to_be_visible()


@pytest.mark.proves("S38", "S65", "S67")
def test_what_is_mailed_is_bought_without_an_address_and_without_shipping(page, shop, check_axe):
    add_present(page, shop, "GIFT", PRESENT)
    expect(page.locator("#totals")).not_to_contain_text("Shipping")
    page.get_by_role("link", name="Check out").click()
    expect(page.get_by_label("Full name")).to_have_value("Ann")
    expect(page.get_by_label("Postal code")).to_have_count(0)
    check_axe(page)
    page.get_by_role("button", name="Continue to payment").click()
    page.get_by_role("button", name="Pay $25.00").click()
    expect(page.get_by_role("heading", name="Thank you")).to_be_visible()
    order = newest_order()
    assert (order.shipping_address, order.fulfilment) == (None, "not_needed")


@pytest.mark.proves("S38", "S42", "S67", "S68")
def test_a_printed_card_is_sent_as_a_parcel_with_address_and_shipping(page, shop, check_axe):
    printed = NewProduct(
        sku="PRINTED",
        name="Printed card",
        kind="gift_card",
        card_type="physical",
        requires_shipping=True,
        amounts_minor=(5000,),
    )
    catalogue.create(shop.split("/")[2], new=printed, by=ROOT)
    add_present(page, shop, "GIFT", PRESENT)
    add_present(page, shop, "PRINTED", PRESENT[:1] + PRESENT[2:3])
    expect(page.locator("#totals")).to_contain_text(re.compile(r"Shipping\s*\$9\.00"))
    page.get_by_role("link", name="Check out").click()
    fill_in_details(page)
    check_axe(page)
    page.get_by_role("button", name="Pay $84.00").click()
    expect(page.get_by_role("heading", name="Thank you")).to_be_visible()
    order = newest_order()
    assert order.shipping_address["city"] == "Springfield"
    assert order.fulfilment == "pending"
