"""The hosted shop shows its tax from the product to the order, included or added (S35)."""

from dataclasses import replace

import pytest

from giftweb.domain import campaigns, catalogue, outbox
from giftweb.domain.catalogue.products import NewProduct
from giftweb.domain.mail.letters import gather
from giftweb.web.mail import letters
from tests.factories import ROOT, make_card
from tests.orders import newest_order
from tests.web.test_store import DETAILS, fill_cart, place, place_by_card, plain, shop, words

pytestmark = pytest.mark.proves("S35", "D2")

__all__ = ["shop"]


def tax(shop: str, rates: str | None, **more) -> None:
    campaign = campaigns.find(shop.rpartition("/")[2])
    settings = replace(campaign.settings, tax_rates=rates, **more)
    campaigns.change(campaign.id, settings=settings, by=ROOT)


def mail(app) -> tuple[str, str]:
    with app.test_request_context():
        queued = outbox.mails.of_address("ann@example.com")
        (found,) = [letters.write(gather(one)) for one in queued if one.kind.startswith("order_c")]
    return plain(found.text), plain(found.html)


def test_an_added_tax_stands_on_every_page_and_is_paid(app, client, shop, provider, staff_client):
    tax(shop, "US +8.25")
    assert "Plus 8.25% tax" in words(client.get(f"{shop}/products/LAMP"))
    german = words(client.get(f"{shop}/products/LAMP?lang=de")).replace("\xa0", " ")
    assert "Zuzüglich 8,25 % Steuer" in german
    client.get(f"{shop}/products/LAMP?lang=en")
    fill_cart(client, shop)
    for page in ("cart", "checkout", "checkout/pay"):
        found = words(client.get(f"{shop}/{page}"))
        assert "Tax, 8.25% $5.78 Shipping, with its tax $9.74" in found
        assert "$85.52" in found
    thanks = words(client.get(place_by_card(client, shop).headers["Location"]))
    assert "Tax, 8.25% $5.78 Shipping, with its tax $9.74 Total $85.52" in thanks
    for text in mail(app):
        assert "Tax, 8.25%" in text
        assert "Shipping, with its tax" in text
        assert "$85.52" in text
    desk = words(staff_client("root").get(f"/staff/orders/{newest_order().number}"))
    assert "Tax, 8.25% $5.78" in desk


def test_an_included_tax_is_stated_and_adds_nothing(app, client, shop, provider, staff_client):
    tax(shop, "US 19")
    assert "Includes 19% tax" in words(client.get(f"{shop}/products/LAMP"))
    fill_cart(client, shop)
    found = words(client.get(f"{shop}/cart"))
    assert "$79.00 Includes 19% tax $12.61" in found
    thanks = words(client.get(place_by_card(client, shop).headers["Location"]))
    assert "Total $79.00 Includes 19% tax $12.61" in thanks
    assert all("Includes 19% tax" in text and "$12.61" in text for text in mail(app))
    desk = words(staff_client("root").get(f"/staff/orders/{newest_order().number}"))
    assert "Includes 19% tax $12.61" in desk


def test_the_country_of_the_address_decides(client, shop):
    tax(shop, "US +8.25\nDE 19")
    client.post(f"{shop}/products/LAMP", data={"quantity": "1"})
    assert "Tax, 8.25%" in words(client.get(f"{shop}/cart"))
    client.post(f"{shop}/checkout", data=DETAILS | {"country": "de"})
    page = words(client.get(f"{shop}/checkout/pay"))
    assert "Includes 19% tax $12.61" in page
    assert "Tax, 8.25%" not in page
    client.post(f"{shop}/cart", data={"quantity-0": "2"})
    assert "Includes 19% tax" in words(client.get(f"{shop}/cart"))
    client.post(f"{shop}/checkout", data=DETAILS | {"country": "fr"})
    assert "tax" not in words(client.get(f"{shop}/checkout/pay"))


def test_gift_cards_alone_bear_no_tax(client, shop):
    tax(shop, "US +8.25")
    assert "tax" not in words(client.get(f"{shop}/products/GIFT"))


def test_what_is_added_with_one_click_is_taxed_as_the_order_is(client, shop, provider):
    tax(shop, "US +8.25")
    fill_cart(client, shop)
    place_by_card(client, shop)
    order = newest_order()
    page = client.get(f"{shop}/thanks/{order.id}")
    assert "Add for $6.50 with one click" in words(page)
    client.post(f"{shop}/thanks/{order.id}", data={"sku": "WRAP", "method": "again"})
    after = newest_order()
    assert (after.tax_minor, after.total.minor) == (578 + 50, 8552 + 650)


def test_a_rate_that_is_none_is_refused_at_its_field(client, staff_client, shop):
    campaign_id = shop.rpartition("/")[2]
    root = staff_client("root")
    form = {"name": "Shop", "currency": "USD", "is_active": "y", "tax_rates": "Germany 19"}
    refused = root.post(f"/staff/campaigns/{campaign_id}", data=form)
    assert refused.status_code == 422
    assert "such as DE 19 or US +8.25, not Germany 19" in words(refused)
    root.post(f"/staff/campaigns/{campaign_id}", data=form | {"tax_rates": " DE 19 \n\nUS +8.25"})
    assert campaigns.find(campaign_id).tax_rates == "DE 19\nUS +8.25"


@pytest.mark.proves("B24")
def test_no_gift_card_pays_for_a_category_of_the_shop_that_is_left_out(client, shop, provider):
    tax(shop, None, excluded_categories="Books")
    catalogue.create(
        shop.rpartition("/")[2],
        new=NewProduct(sku="NOVEL", name="A novel", unit_minor=2000, category="books"),
        by=ROOT,
    )
    client.post(f"{shop}/products/NOVEL", data={"quantity": "1"})
    fill_cart(client, shop, code=make_card("200.00 USD").code)
    place(client, shop, method="bank_transfer")
    order = newest_order()
    assert (order.total.minor, order.covers_minor) == (7000 + 2000 + 900, 7000)


@pytest.mark.proves("B24")
def test_the_desk_names_the_category_of_a_product(staff_client, shop):
    campaign_id = shop.rpartition("/")[2]
    root = staff_client("root")
    address = f"/staff/products/{campaign_id}/LAMP"
    form = {"name": "Reading lamp", "sku": "LAMP", "kind": "goods", "unit": "70.00"}
    root.post(address, data=form | {"category": "  Home   goods "})
    assert catalogue.find(campaign_id, "LAMP").category == "Home goods"
    assert 'value="Home goods"' in root.get(address).text
    root.post(address, data=form | {"category": ""})
    assert catalogue.find(campaign_id, "LAMP").category is None
