"""The form of the page New Gift Card, and the draft that it fills in."""

from collections.abc import Sequence
from typing import Any

from flask import current_app
from werkzeug.datastructures import MultiDict
from wtforms import (
    BooleanField,
    HiddenField,
    RadioField,
    StringField,
    TextAreaField,
)
from wtforms.fields.choices import SelectChoice
from wtforms.validators import Optional

from giftweb import money
from giftweb.domain import desk
from giftweb.domain.desk.batches import Draft, Row
from giftweb.language import lazy_gettext
from giftweb.money import Money
from giftweb.web.forms.currencies import OFTEN, currency_field
from giftweb.web.forms.fields import DateField, Form, MoneyField, Required, enter_amount
from giftweb.web.forms.once import source_field
from giftweb.web.http import requests


class AmountField(MoneyField):
    """An amount whose currency is chosen in another field of the form."""

    currency_code = ""

    def read(self, text: str) -> Money:
        return money.parse(text, str(self.meta.currency), least=self.least)


class NewCardForm(Form):
    """One card, or one for each row of a batch. ``rows`` carries the errors of the batch's list."""

    is_customer = BooleanField(lazy_gettext("Is Customer"))
    is_batch = BooleanField(lazy_gettext("Is Batch Card"))
    is_test = BooleanField(lazy_gettext("Is Card Test"))
    holder_email = StringField(lazy_gettext("Holder Email"))
    holder_name = StringField(lazy_gettext("Holder Name"))
    paste = TextAreaField(lazy_gettext("Or paste a list of addresses"))
    rows = HiddenField(lazy_gettext("Addresses"))
    amount = AmountField(lazy_gettext("Amount"), [Required(enter_amount)])
    currency = currency_field()
    source = source_field()
    message = TextAreaField(lazy_gettext("Message"))
    note = TextAreaField(lazy_gettext("Note"))
    expires_on = DateField(lazy_gettext("Expires on"), [Optional()])
    repeats = RadioField(
        lazy_gettext("What to issue for them"),
        choices=[
            SelectChoice(desk.batches.ONCE_EACH, lazy_gettext("One card for each address")),
            SelectChoice(desk.batches.EVERY_ROW, lazy_gettext("A card for every row")),
        ],
        validators=[Optional()],
    )
    key = HiddenField()

    def total(self, rows: Sequence[Row]) -> tuple[int, Money, Money] | None:
        """How many cards a batch has, what each is worth and all together; None while it is open.

        What is typed or pasted and not yet on the list counts as well.
        """
        count = len(rows) + bool(self.holder_email.data)
        count += len(desk.batches.read_list(self.paste.data or ""))
        each = self.amount.data
        return (count, each, Money(each.minor * count, each.currency)) if count and each else None

    def take_addresses(self, rows: Sequence[Row]) -> list[Row]:
        """The rows with what was typed and pasted put to them; both fields are empty then."""
        typed = [Row(self.holder_email.data, self.holder_name.data or "")]
        taken = [*rows, *desk.batches.read_list(self.paste.data or "")]
        taken += typed if self.holder_email.data else []
        for field in (self.holder_email, self.holder_name, self.paste):
            field.data = ""
        return taken

    def draft(self, rows: Sequence[Row]) -> Draft:
        """What is about to be issued. Without a readable amount, one to look for other faults."""
        single = Row(self.holder_email.data or "", self.holder_name.data or "")
        return Draft(
            is_customer=self.is_customer.data,
            is_batch=self.is_batch.data,
            is_test=self.is_test.data,
            rows=tuple(rows) if self.is_batch.data else (single,) if single.email else (),
            amount=self.amount.data or Money(1, "USD"),
            source=self.source.data,
            message=self.message.data or "",
            note=self.note.data or "",
            expires_on=self.expires_on.data,
            repeats=self.repeats.data or "",
        )


def fresh(args: MultiDict[str, str]) -> NewCardForm:
    """An empty form; ``is_customer`` and ``holder_email`` of the address fill it in."""
    currency = current_app.config["GIFTWEB"].base_currency or OFTEN[0]
    values: dict[str, Any] = {
        "is_customer": bool(args.get("is_customer")),
        "holder_email": args.get("holder_email", ""),
        "currency": currency,
    }
    return NewCardForm(formdata=None, currency=currency, data=values)


def sent() -> tuple[NewCardForm, list[Row]]:
    """The form as it was sent, with the rows of its batch."""
    texts = requests.posted_texts("row")[: desk.batches.LARGEST + 1]
    rows = [Row(*text.split("\t", 1)) for text in texts]
    return NewCardForm(currency=requests.posted("currency") or OFTEN[0]), rows
