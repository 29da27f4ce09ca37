"""The desk's products (S15, S65 to S70)."""

import re

import pytest

from giftweb import language
from giftweb.domain import catalogue
from giftweb.errors import Invalid
from giftweb.web.forms.products import read_amounts
from tests.factories import make_campaign

GOODS = {"sku": "MUG", "name": "A mug", "kind": "goods", "unit": "18.00", "is_active": "y"}
CARD = {
    "sku": "GIFT",
    "name": "Gift card",
    "kind": "gift_card",
    "card_type": "combined",
    "amounts": "50, 25",
    "open_least": "10",
    "open_most": "500",
    "allows_message": "y",
    "is_active": "y",
}


@pytest.fixture
def campaign():
    return make_campaign()


@pytest.fixture
def client(staff_client):
    return staff_client("marketing")


@pytest.mark.proves("S15")
def test_goods_are_created_listed_and_changed(client, campaign):
    place = f"/staff/products/{campaign.id}"
    assert client.post(f"{place}/new", data=GOODS).status_code == 303
    assert "$18.00" in client.get(f"/staff/products/?campaign={campaign.id}").text
    client.post(f"{place}/MUG", data=GOODS | {"unit": "20.00", "is_active": ""})
    found = catalogue.find(campaign.id, "MUG")
    assert (str(found.price), found.is_active) == ("20.00 USD", False)
    assert catalogue.of_campaign(campaign.id) == []


@pytest.mark.proves("S65", "S67", "S70")
def test_a_gift_card_has_amounts_an_open_field_or_both(client, campaign):
    client.post(f"/staff/products/{campaign.id}/new", data=CARD)
    found = catalogue.find(campaign.id, "GIFT")
    assert [str(amount) for amount in found.amounts] == ["25.00 USD", "50.00 USD"]
    assert (str(found.least), str(found.most)) == ("10.00 USD", "500.00 USD")
    assert (found.card_type, found.requires_shipping, found.allows_message) == (
        "combined",
        True,
        True,
    )


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"unit": ""}, "Enter a price."),
        ({"unit": "ten"}, "Enter an amount of"),
        ({"name": ""}, "Enter a name."),
        (CARD | {"amounts": "", "open_least": "", "open_most": ""}, "Enter amounts to choose"),
        (CARD | {"open_most": ""}, "both the smallest and the largest"),
        (CARD | {"open_least": "600"}, "largest amount above the smallest"),
        (CARD | {"amounts": "25, x"}, "Enter an amount of"),
        (CARD | {"amounts": "12,50, 80"}, "Put a semicolon between amounts"),
    ],
)
def test_what_does_not_fit_is_reported_on_its_field(client, campaign, change, sentence):
    answer = client.post(f"/staff/products/{campaign.id}/new", data=GOODS | change)
    assert answer.status_code == 422
    assert sentence in answer.text
    assert catalogue.of_campaign(campaign.id, only_active=False) == []


@pytest.mark.parametrize(
    ("spoken", "typed", "minors"),
    [
        ("en", "25, 50, 100", [2500, 5000, 10_000]),
        ("en", "100 50;25", [2500, 5000, 10_000]),
        ("en", "25,50,100", [2500, 5000, 10_000]),
        ("en", "1,000, 25.50,", [2550, 100_000]),
        ("en", "12,50; 80", [1250, 8000]),
        ("de", "25, 50, 100", [2500, 5000, 10_000]),
        ("de", "12,50, 80", [1250, 8000]),
        ("de", "25,00, 1.050,00", [2500, 105_000]),
        ("de", "12,50", [1250]),
        ("de", "25,50,100", None),
        ("en", "25,50, 100", None),
    ],
)
@pytest.mark.proves("B17", "D28")
@pytest.mark.no_database
def test_amounts_to_choose_from_are_parted_as_they_are_meant(spoken, typed, minors):
    with language.use(spoken):
        if minors is None:
            with pytest.raises(Invalid, match=";"):
                read_amounts(typed, "USD")
        else:
            assert read_amounts(typed, "USD") == tuple(minors)


@pytest.mark.proves("B17")
def test_amounts_to_choose_from_are_filled_in_as_they_are_typed(client, campaign):
    client.post(f"/staff/products/{campaign.id}/new", data=GOODS | CARD)
    (product,) = catalogue.of_campaign(campaign.id)
    page = f"/staff/products/{campaign.id}/{product.sku}"
    assert 'value="25.00, 50.00"' in client.get(page).text
    assert 'value="25,00; 50,00"' in client.get(f"{page}?lang=de").text


def test_a_number_is_given_once(client, campaign):
    for status in (303, 422):
        answer = client.post(f"/staff/products/{campaign.id}/new", data=GOODS)
        assert answer.status_code == status


@pytest.mark.proves("D14")
def test_products_are_marketings_alone(staff_client, campaign):
    agent = staff_client("customer_service")
    assert agent.get("/staff/products/").status_code == 403
    assert agent.post(f"/staff/products/{campaign.id}/new", data=GOODS).status_code == 403


@pytest.mark.proves("S15")
def test_all_that_is_wrong_is_reported_at_once_and_in_the_order_of_the_page(client, campaign):
    typed = GOODS | {"sku": "", "name": "", "unit": ""}
    page = client.post(f"/staff/products/{campaign.id}/new", data=typed).text
    summary = page.partition('class="error-summary"')[2].partition("</div>")[0]
    assert re.findall(r'href="#(\w+)"', summary) == ["name", "sku", "unit"]
    unread = client.post(f"/staff/products/{campaign.id}/new", data=typed | {"unit": "ten"}).text
    assert unread.count('href="#unit"') == 1
    assert "Enter a price." not in unread
