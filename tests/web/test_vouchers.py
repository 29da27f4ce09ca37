"""The tax on single-purpose vouchers stands on product, confirmation and receipt
(docs/vouchers.md)."""

from dataclasses import replace

import pytest

from giftweb.domain import campaigns, outbox
from giftweb.domain.mail.letters import gather
from giftweb.web.mail import letters
from giftweb.web.text.vouchers import line_tax_text
from tests.factories import ROOT, make_card
from tests.orders import gift_card_item, place, sheet
from tests.web.test_store import DETAILS, PRESENT, place_by_card, shop, words

pytestmark = pytest.mark.proves("B27")

__all__ = ["shop"]


@pytest.fixture
def taxed(shop) -> str:
    """The shop sells its gift cards as single-purpose vouchers at 19%."""
    campaign = campaigns.find(shop.rpartition("/")[2])
    settings = replace(campaign.settings, voucher_tax_hundredths=1900)
    campaigns.change(campaign.id, settings=settings, by=ROOT)
    return shop


def buy(client, shop: str):
    client.post(f"{shop}/products/GIFT", data=PRESENT)
    client.post(f"{shop}/checkout", data=DETAILS)
    return client.get(place_by_card(client, shop).headers["Location"])


def mails(app) -> str:
    with app.test_request_context():
        queued = outbox.mails.of_address("ann@example.com")
        found = [letters.write(gather(mail)) for mail in queued]
    return "".join(mail.text + mail.html for mail in found)


def test_product_confirmation_and_mail_name_rate_and_amount(app, client, taxed, provider):
    assert "The price includes 19% VAT." in words(client.get(f"{taxed}/products/GIFT"))
    assert "Includes 19% VAT: $3.99" in words(buy(client, taxed))
    assert mails(app).count("Includes 19% VAT: $3.99") == 2


def test_a_multi_purpose_voucher_says_nothing_of_tax(app, client, shop, provider):
    assert "VAT" not in words(client.get(f"{shop}/products/GIFT"))
    assert "VAT" not in words(buy(client, shop))
    assert "VAT" not in mails(app)


def test_the_desk_sees_the_rate_on_the_card(staff_client, taxed):
    campaign_id = taxed.rpartition("/")[2]
    card = make_card(source="sales", origin="purchase", campaign_id=campaign_id).card
    page = words(staff_client("root").get(f"/staff/gift-cards/{card.id}"))
    assert "19%, due when it was sold" in page
    given = make_card(campaign_id=campaign_id).card
    assert "due when it was sold" not in words(
        staff_client("root").get(f"/staff/gift-cards/{given.id}")
    )


def test_the_campaigns_form_takes_the_rate_and_empties_it(staff_client, taxed):
    campaign_id = taxed.rpartition("/")[2]
    page = staff_client("root").get(f"/staff/campaigns/{campaign_id}").text
    assert "Value added tax on cards that are sold" in page
    assert 'name="voucher_tax"' in page
    assert 'value="19"' in page


def test_an_order_keeps_the_tax_that_its_cards_were_sold_with(app, client, taxed, provider):
    client.post(f"{taxed}/products/GIFT", data=PRESENT)
    client.post(f"{taxed}/checkout", data=DETAILS)
    address = place_by_card(client, taxed).headers["Location"]
    campaign = campaigns.find(taxed.rpartition("/")[2])
    settings = replace(campaign.settings, voucher_tax_hundredths=None)
    campaigns.change(campaign.id, settings=settings, by=ROOT)
    assert "Includes 19% VAT: $3.99" in words(client.get(address))
    assert mails(app).count("Includes 19% VAT: $3.99") == 2


def test_a_discount_lowers_the_tax_with_the_price(taxed):
    order = place(
        gift_card_item("50.00 USD"), campaign_id=taxed.rpartition("/")[2], shipping="0.00 USD"
    )
    (line,) = (found := sheet(order)).lines
    assert line_tax_text(line, found, 1900) == "Includes 19% VAT: $7.98"
    cheaper = replace(line, discount_minor=5_00)
    assert line_tax_text(cheaper, found, 1900) == "Includes 19% VAT: $7.18"
