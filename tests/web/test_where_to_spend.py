"""Every card knows its shop: mails, balance page and account lead there (B31)."""

import re

import pytest

from giftweb import codes
from giftweb.domain import catalogue, mail, outbox
from giftweb.domain.catalogue.products import NewProduct
from giftweb.web.mail import letters
from tests.factories import ROOT, make_campaign, make_card
from tests.web.test_account import sign_in

pytestmark = pytest.mark.proves("B31")

THEIRS = "https://sea.example/"


def hosted_shop(**settings):
    """A campaign whose hosted shop sells a mug."""
    campaign = make_campaign(**{"brand_name": "Sea & Sun"} | settings)
    mug = NewProduct(sku="MUG", name="A mug", unit_minor=900)
    catalogue.create(campaign.id, new=mug, by=ROOT)
    return campaign


def written(app, issued, *, with_secrets: bool = True):
    """The mail that brought the card, as it goes out."""
    (first, *_) = outbox.mails.of_card(issued.card.id)
    with app.app_context():
        return letters.write(mail.letters.gather(first, with_secrets=with_secrets))


def links(html: str) -> dict[str, str]:
    """Words -> address of every link."""
    found = re.findall(r'<a [^>]*href="([^"]*)"[^>]*>(.*?)</a>', html, re.S)
    return {re.sub(r"<[^>]+>", "", words).strip(): address for address, words in found}


def test_a_mail_leads_to_the_hosted_shop_with_the_code_in_the_fragment(app):
    campaign = hosted_shop()
    issued = make_card(campaign_id=campaign.id)
    found = written(app, issued)
    address = links(found.html)["Shop now"]
    before, _, fragment = address.partition("#")
    assert before.endswith(f"/shop/{campaign.id}/")
    assert fragment == f"gift-card={issued.code}"
    assert address in found.text
    assert links(found.html)["Check the balance"].endswith(f"/balance?shop={campaign.id}")


def test_whoever_may_not_see_codes_sees_none_in_the_links_of_a_mail(app):
    issued = make_card(campaign_id=hosted_shop().id)
    found = written(app, issued, with_secrets=False)
    for text in (found.html, found.text):
        assert issued.code not in text
        assert codes.grouped(issued.code) not in text
    assert "#" not in links(found.html)["Shop now"]


def test_another_shop_gets_the_code_only_where_its_address_asks_for_it(app):
    plain = make_card(campaign_id=make_campaign(shop_url=THEIRS).id)
    assert links(written(app, plain).html)["Shop now"] == THEIRS
    asking = make_card(campaign_id=make_campaign(shop_url=THEIRS + "#card={code}").id)
    assert links(written(app, asking).html)["Shop now"] == f"{THEIRS}#card={asking.code}"


@pytest.mark.parametrize("settings", [{}, {"is_active": False}])
def test_without_a_shop_a_mail_leads_to_the_balance_alone(app, settings):
    campaign = hosted_shop(**settings) if settings else make_campaign()
    found = written(app, make_card(campaign_id=campaign.id))
    assert "Shop now" not in links(found.html)
    assert "Check the balance" in links(found.html)


def test_the_balance_page_leads_on_to_the_shop_with_the_code_that_was_typed(client):
    campaign = hosted_shop()
    issued = make_card(campaign_id=campaign.id)
    page = client.post("/balance", data={"code": codes.grouped(issued.code)}).text
    address = links(page)["Shop at Sea &amp; Sun"]
    assert address == f"/shop/{campaign.id}/#gift-card={codes.grouped(issued.code)}"


def test_the_balance_page_shows_another_shop_as_its_campaign_names_it(client):
    issued = make_card(campaign_id=make_campaign(shop_url=THEIRS).id)
    assert links(client.post("/balance", data={"code": issued.code}).text)["Shop now"] == THEIRS


def test_a_card_that_is_used_up_or_has_no_shop_leads_nowhere(client):
    alone = make_card(campaign_id=make_campaign().id)
    page = client.post("/balance", data={"code": alone.code}).text
    assert not [words for words in links(page) if words.startswith("Shop")]


def test_the_account_names_the_shop_of_each_card_and_leads_there(client):
    issued = make_card(campaign_id=hosted_shop(shop_url=THEIRS + "#{code}").id)
    sign_in(client)
    listed = client.get("/account/").text
    assert "Sea &amp; Sun" in listed
    assert f'href="{THEIRS}"' in listed
    assert issued.code not in listed
    card = client.get(f"/account/cards/{issued.card.id}").text
    assert links(card)["Spend it at Sea &amp; Sun"] == THEIRS
