"""**Cash out** on a card's page: there where the law gives that right, once, in so many words."""

from html import unescape

import pytest

from giftweb.domain import campaigns, cards
from tests.factories import make_campaign, make_card

pytestmark = pytest.mark.proves("B27")


@pytest.fixture
def desk(staff_client):
    return staff_client("customer_service")


def card_of(rules: str, amount: str = "9.00 USD") -> cards.Card:
    return make_card(amount, campaign_id=make_campaign(rules=rules).id, source="sales").card


def test_a_small_rest_is_paid_out_once(desk):
    card = card_of("us-ca")
    address = f"/staff/gift-cards/{card.id}/cash-out"
    assert address in desk.get(f"/staff/gift-cards/{card.id}").text
    panel = desk.get(address).text
    assert "You pay $9.00 in cash" in panel
    assert "1749.5" in panel
    key = panel.split('name="key"')[1].split('value="')[1].split('"')[0]
    answer = desk.post(address, data={"key": key, "reason": "At the till"})
    assert answer.status_code == 303
    page = desk.get(answer.location).text
    assert "Paid out: $9.00." in page
    assert "Used up" in page
    assert desk.post(address, data={"key": key}).status_code == 409
    assert cards.find(card.id).version == 2


def test_without_a_rule_there_is_no_button_and_no_way(desk):
    card = card_of("us")
    address = f"/staff/gift-cards/{card.id}/cash-out"
    assert address not in desk.get(f"/staff/gift-cards/{card.id}").text
    answer = desk.post(address)
    assert answer.status_code == 409
    assert "pays out no rest of this size" in answer.text


def test_a_campaign_chooses_its_law_on_its_page(staff_client):
    marketing, campaign = staff_client("marketing"), make_campaign()
    page = f"/staff/campaigns/{campaign.id}"
    fields = {"name": "Corner Shop", "time_zone": "UTC", "is_active": "y", "bonus_claw_back": "y"}
    fields |= {"bonus_base": "grand_total", "covers": "goods", "brand_colour": "", "rules": "us"}
    refused = marketing.post(page, data=fields | {"card_valid_days": "365"})
    assert refused.status_code == 422
    assert "five years" in refused.text
    assert marketing.post(page, data=fields).status_code == 303
    assert campaigns.find(campaign.id).rules == "us"


def test_choosing_a_law_shows_what_it_changes_before_it_is_saved(staff_client):
    marketing = staff_client("marketing")
    shown = marketing.get("/staff/campaigns/law?rules=us-ca&card_valid_days=365").text
    assert "Sold cards do not expire" in shown
    assert "Rests below $15.00" in shown
    assert "no last day" in shown
    assert "1749.5" in shown
    german = marketing.get("/staff/campaigns/law?rules=de&card_valid_days=1460").text
    assert "from the end of the year in which" in german
    assert "BGB" in german
    assert "<ul>" not in marketing.get("/staff/campaigns/law?rules=none").text
    saved = make_campaign(rules="us")
    assert "five years or more" in marketing.get(f"/staff/campaigns/{saved.id}").text


def test_a_rule_is_explained_in_the_readers_language_and_cited_in_its_own(staff_client):
    marketing = staff_client("marketing")
    place = "/staff/campaigns/law?rules=us-ca&card_valid_days=365&lang=de"
    shown = unescape(marketing.get(place).text)
    assert "Ein verkaufter Gutschein läuft nicht ab." in shown
    assert "Kalifornien, kein letzter Tag (Cal. Civ. Code § 1749.5(a)(1))" in shown
    assert "A sold card" not in shown
