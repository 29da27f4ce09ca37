"""Forms read what people type and say how to put it right."""

from datetime import date

import pytest
from werkzeug.datastructures import MultiDict
from wtforms import DecimalField, FloatField, IntegerField, SelectField, StringField
from wtforms.fields.core import UnboundField
from wtforms.validators import Optional

from giftweb.errors import CardAlreadyUsed, Invalid
from giftweb.money import Money
from giftweb.web.forms.fields import (
    DateField,
    EmailField,
    Form,
    MoneyField,
    Required,
    TypedField,
    WholeField,
)
from giftweb.web.forms.once import AmountForm
from tools import styleguide

pytestmark = pytest.mark.no_database


class CardForm(Form):
    amount = MoneyField("Amount", [Required("Enter an amount, such as 25.00.")])
    email = EmailField("Email", [Required("Enter an email address.")])
    expires_on = DateField("Expires on", [Optional()])
    name = StringField("Name")
    currency = SelectField("Currency", choices=["USD", "EUR"], default="USD")


@pytest.fixture(autouse=True)
def request_context():
    with styleguide.create_app().test_request_context("/", method="POST"):
        yield


def typed(currency: str = "USD", **values: str) -> CardForm:
    entered = {"amount": "25", "email": "ann@example.com", "currency": "USD"} | values
    return CardForm(MultiDict(entered), currency=currency, meta={"csrf": False})


def test_what_is_typed_arrives_as_values():
    form = typed(amount=" 1,250.50 ", email=" Ann@Example.com ", expires_on="2027-01-31")
    assert form.validate(), form.errors
    assert form.amount.data == Money(125050, "USD")
    assert form.email.data == "ann@example.com"
    assert form.expires_on.data == date(2027, 1, 31)


def test_text_is_stripped_again_and_again():
    assert [typed(name=f"  Ann {n} ").name.data for n in range(3)] == ["Ann 0", "Ann 1", "Ann 2"]


@pytest.mark.parametrize("text", ["ten", "-1", "1e3", "0", "٣", "1_000", "NaN", "1.2.3", "+5"])
def test_an_amount_that_cannot_be_read_names_the_way_out_and_stays(text):
    form = typed(amount=text)
    assert not form.validate()
    assert form.amount.errors == ["Enter an amount of 0.01 or more, such as 25.00."]
    assert f'value="{text}"' in str(form.amount())


def test_the_currency_of_the_form_decides_the_decimals():
    assert typed(currency="JPY", amount="2500").amount.data == Money(2500, "JPY")
    form = typed(currency="JPY", amount="25.00")
    assert not form.validate()
    assert form.amount.errors == ["JPY has no decimals. Enter a whole amount, such as 25."]


@pytest.mark.proves("E19")
@pytest.mark.parametrize(
    ("currency", "example"), [("USD", "25.00"), ("JPY", "25"), ("KWD", "25.000")]
)
def test_an_empty_amount_shows_one_of_its_currency(currency, example):
    form = AmountForm(MultiDict(), currency=currency, meta={"csrf": False})
    assert not form.validate()
    assert form.amount.errors == [f"Enter an amount, such as {example}."]


def test_an_empty_field_asks_for_what_it_needs():
    form = typed(amount="", email=" ")
    assert not form.validate()
    assert form.amount.errors == ["Enter an amount, such as 25.00."]
    assert form.email.errors == ["Enter an email address."]


def test_an_address_is_checked_for_its_form_only():
    assert typed(email="someone@no-such-host.test").validate()
    form = typed(email="someone@")
    assert not form.validate()
    assert form.email.errors == ["Enter an email address in the form name@example.com."]


@pytest.mark.parametrize("text", ["2027-01-31", "31 Jan 2027", "31 January 2027"])
def test_a_day_may_be_typed_as_people_write_it(text):
    assert typed(expires_on=text).expires_on.data == date(2027, 1, 31)


def test_an_optional_field_may_be_empty_but_not_wrong():
    assert typed(expires_on="").validate()
    form = typed(expires_on="soon")
    assert not form.validate()
    assert form.expires_on.errors == ["Enter a date such as 2027-01-31."]


def test_a_choice_outside_the_list_is_refused_in_our_words():
    form = typed(currency="XXX")
    form.currency.data = "XXX"
    assert not form.validate()
    assert form.errors["currency"] == ["Choose one of the list."]


def test_the_domains_no_lands_on_the_field_it_names():
    form = typed()
    form.validate()
    form.refuse(Invalid("No such customer.", field="email"))
    form.refuse(CardAlreadyUsed())
    assert form.email.errors == ["No such customer."]
    assert form.form_errors == [CardAlreadyUsed().sentence]
    assert set(form.errors) == {"email", ""}


def fields_of_every_form(kind: type[Form] = Form) -> dict[tuple[str, str], UnboundField]:
    """Each field of each form of the product, by the names of both."""
    own = {
        (kind.__name__, name): field
        for name, field in vars(kind).items()
        if isinstance(field, UnboundField) and kind.__module__.startswith("giftweb.")
    }
    for each in kind.__subclasses__():
        own |= fields_of_every_form(each)
    return own


def faults(field: UnboundField, text: str) -> list[str]:
    """What a form with this field alone says about a text."""
    alone = type("Alone", (Form,), {"typed": field})
    form = alone(MultiDict({"typed": text}), meta={"csrf": False})
    form.validate()
    return form.typed.errors


@pytest.mark.proves("X13")
@pytest.mark.parametrize("text", ["9" * 400, "9" * 5000, "-5", "٣", "1_0", "1e3", "NaN"])
def test_what_is_no_number_is_refused_by_every_field_that_reads_one(text):
    """The library's own fields read any digits there are, and any number of them."""
    every = fields_of_every_form()
    typed = {
        names: field for names, field in every.items() if issubclass(field.field_class, TypedField)
    }
    assert {WholeField, MoneyField} <= {field.field_class for field in typed.values()}
    assert [names for names, field in typed.items() if len(faults(field, text)) != 1] == []
    library = (IntegerField, DecimalField, FloatField)
    assert [n for n, field in every.items() if issubclass(field.field_class, library)] == []
