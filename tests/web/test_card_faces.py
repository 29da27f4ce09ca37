"""A card shows its own design, and leads on: to its shop, its recharge, and whom to ask."""

from dataclasses import replace
from html import unescape

import pytest

from giftweb.domain import campaigns, catalogue
from tests.factories import ROOT, make_campaign, make_card
from tests.orders import gift_card_product
from tests.web.test_account import sign_in
from tests.web.test_balance import HTMX, ask, words

pytestmark = pytest.mark.proves("B28", "B31")

PICTURE = "/static/designs/birthday."


@pytest.fixture
def campaign():
    return make_campaign(brand_name="Harbour Books", contact="help@harbour.example")


def test_the_balance_page_shows_the_design_of_the_card_in_its_own_room(client, campaign):
    card = make_card(campaign_id=campaign.id, design="birthday")
    page = ask(client, card.code).text
    assert f'srcset="{PICTURE}webp' in page
    assert f'src="{PICTURE}jpg' in page
    assert 'width="640" height="400"' in page
    assert "faced-card" not in ask(client, make_card(campaign_id=campaign.id).code).text


def test_account_and_desk_show_it_too(client, staff_client, campaign):
    card = make_card(campaign_id=campaign.id, design="birthday", holder="ann@example.com")
    sign_in(client, "ann@example.com")
    assert f'src="{PICTURE}jpg' in client.get(f"/account/cards/{card.card.id}").text
    desk = staff_client("root").get(f"/staff/gift-cards/{card.card.id}").text
    assert f'src="{PICTURE}jpg' in desk
    assert 'alt="The design of the card"' in desk


def test_the_title_is_what_is_on_the_card_also_in_the_part_for_htmx(client, campaign):
    card = make_card("50.00 USD", campaign_id=campaign.id)
    title = f"<title>$50.00 · •••• {card.card.last4}"
    assert title in unescape(ask(client, card.code).text)
    assert title in unescape(ask(client, card.code, headers=HTMX).text)


def test_recharge_is_offered_where_the_cards_shop_sells_gift_cards(client, campaign):
    card = make_card(campaign_id=campaign.id)
    link = f'href="/account/cards/{card.card.id}/recharge"'
    assert link not in ask(client, card.code).text
    gift_card_product(campaign.id)
    assert link in ask(client, card.code).text
    assert (
        "/recharge" not in ask(client, make_card(campaign_id=campaign.id, is_test=True).code).text
    )
    product = catalogue.find(campaign.id, "GIFT")
    campaigns.change(campaign.id, settings=replace(campaign.settings, is_active=False), by=ROOT)
    assert product.is_active
    assert link not in ask(client, card.code).text


@pytest.mark.parametrize(
    ("contact", "link"),
    [
        ("help@harbour.example", 'href="mailto:help@harbour.example"'),
        ("https://harbour.example/help", 'href="https://harbour.example/help"'),
        ("+49 30 1234", ""),
        ("<b>us</b>", ""),
    ],
)
def test_whom_to_ask_stands_with_the_card(client, campaign, contact, link):
    settings = replace(campaign.settings, contact=contact)
    campaigns.change(campaign.id, settings=settings, by=ROOT)
    card = make_card(campaign_id=campaign.id, holder="ann@example.com")
    answer = ask(client, card.code)
    assert f"Questions about this card? {contact}" in words(answer)
    assert link in answer.text
    assert "<b>us" not in answer.text
    sign_in(client, "ann@example.com")
    page = client.get(f"/account/cards/{card.card.id}")
    assert f"Questions about this card? {contact}" in words(page)


def test_a_shop_without_a_contact_asks_nothing(client):
    card = make_card(campaign_id=make_campaign().id)
    assert "Questions about" not in words(ask(client, card.code))
