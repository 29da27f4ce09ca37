"""A currency is chosen from one list, in every form (E36)."""

import re
from pathlib import Path

import pytest
from wtforms import SelectField
from wtforms.fields.core import UnboundField

import giftweb
from giftweb.domain import campaigns, cards
from giftweb.money import is_currency
from giftweb.web.forms.currencies import CHOICES
from giftweb.web.forms.fields import Form
from tests.web.test_campaigns import TYPED

TEMPLATES = sorted((Path(giftweb.__file__).parent / "templates").rglob("*.html"))
pytestmark = pytest.mark.proves("E36")


def every_form(form: type[Form] = Form) -> list[type[Form]]:
    return [form, *(each for more in form.__subclasses__() for each in every_form(more))]


@pytest.mark.no_database
def test_every_form_with_a_currency_offers_the_list():
    ours = [form for form in every_form() if form.__module__.startswith("giftweb.")]
    found = {form.__name__: form.currency for form in ours if hasattr(form, "currency")}
    assert {"NewCardForm", "CampaignForm", "CurrencyForm"} <= set(found)
    for name, field in found.items():
        assert isinstance(field, UnboundField), name
        assert issubclass(field.field_class, SelectField), name
        assert field.kwargs["choices"] is CHOICES, name


@pytest.mark.no_database
def test_no_template_has_a_field_of_its_own_for_it():
    for path in TEMPLATES:
        for typed in re.findall(r'<(?:input|select)[^>]*name="currency"[^>]*>', path.read_text()):
            assert 'type="hidden"' in typed, path


@pytest.mark.no_database
def test_the_list_has_every_currency_that_amounts_can_have_once():
    listed = [choice.value for choice in CHOICES]
    assert len(listed) == len(set(listed)) > 150
    assert all(map(is_currency, listed))


@pytest.mark.parametrize(
    ("role", "page"),
    [
        ("customer_service", "/staff/gift-cards/new"),
        ("marketing", "/staff/campaigns/new"),
        ("root", "/staff/approvals/limits"),
    ],
)
def test_the_page_shows_it_as_a_list(staff_client, role, page):
    text = staff_client(role).get(page).text
    (chosen,) = re.findall(r'<select[^>]*name="currency"[^>]*>.*?</select>', text, re.DOTALL)
    for code in ("USD", "EUR", "ISK", "LAK"):
        assert f'value="{code}"' in chosen


def test_a_rare_currency_of_the_list_is_taken(staff_client):
    typed = TYPED | {"currency": "ISK"}
    assert staff_client("marketing").post("/staff/campaigns/new", data=typed).status_code == 303
    assert [campaign.currency for campaign in campaigns.find_all()] == ["ISK"]
    new = {"holder_email": "ann@example.com", "amount": "5000", "currency": "ISK"}
    answer = staff_client("customer_service").post("/staff/gift-cards/new/cards", data=new)
    assert answer.status_code == 303
    assert [str(card.balance) for card in cards.select()] == ["5000 ISK"]


@pytest.mark.parametrize("currency", ["", "usd", "XXQ", "XAU", "US", "UsD "])
def test_what_is_not_on_the_list_is_refused_on_its_field(staff_client, currency):
    answer = staff_client("marketing").post(
        "/staff/campaigns/new", data={"name": "North", "currency": currency}
    )
    assert answer.status_code == 422
    assert 'href="#currency"' in answer.text
    new = {"holder_email": "ann@example.com", "amount": "50", "currency": currency}
    answer = staff_client("customer_service").post("/staff/gift-cards/new/cards", data=new)
    assert answer.status_code == 422
    assert 'href="#currency"' in answer.text
