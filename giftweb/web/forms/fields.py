"""Forms: fields that read what people type, and messages that name the way out."""

import re
from collections.abc import Callable, Sequence
from datetime import date, datetime
from typing import Any, ClassVar

from flask_wtf import FlaskForm
from wtforms import Field, StringField, ValidationError
from wtforms import fields as wtf
from wtforms.validators import StopValidation

from giftweb import clock, money
from giftweb.domain import emails
from giftweb.errors import DomainError, Invalid
from giftweb.language import LazyText, gettext, lazy_gettext, ngettext
from giftweb.money import Money
from giftweb.web.http import requests

_TOO_OLD = lazy_gettext("This form has been open too long. Send it again.")
MESSAGES = {
    "This field is required.": lazy_gettext("Fill this in."),
    "Not a valid choice.": lazy_gettext("Choose one of the list."),
    "Not a valid choice": lazy_gettext("Choose one of the list."),
    "Not a valid date value.": lazy_gettext("Enter a date such as 2027-01-31."),
    "The CSRF token is missing.": _TOO_OLD,
    "The CSRF token has expired.": _TOO_OLD,
    "The CSRF tokens do not match.": _TOO_OLD,
}
"""The library's sentences, in our words."""


class _Words:
    """Where WTForms looks its sentences up."""

    def gettext(self, text: str) -> str:
        return str(MESSAGES.get(text, text))

    def ngettext(self, _one: str, _many: str, count: int) -> str:
        """The library counts one thing alone: the characters of a text that is too long."""
        return ngettext("Use at most {count} character.", "Use at most {count} characters.", count)


def strip(value: Any) -> Any:
    """Text without the blanks around it."""
    return value.strip() if isinstance(value, str) else value


def require_text(value: Any) -> Any:
    """What was typed, without control characters but tabs and line ends.

    Raises: ValueError, which the form shows on the field.
    """
    if isinstance(value, str) and requests.CONTROL.search(value):
        raise ValueError(gettext("Leave control characters out."))
    return value


def require_line(value: Any) -> Any:
    """The same for a field of one line.

    Raises: ValueError, which the form shows on the field.
    """
    if isinstance(value, str) and not _ONE_LINE.isdisjoint(value):
        raise ValueError(gettext("Leave tabs and line breaks out."))
    return require_text(value)


_ONE_LINE = frozenset("\t\n\r")
_WHOLE = re.compile("[0-9]{1,5}")


class Form(FlaskForm):
    """Every form of the product. Text is stripped; after an error what was typed stays.

    ``currency`` is the currency of its money fields: ``RechargeForm(currency=card.currency)``.
    """

    form_errors: list[str]

    class Meta(FlaskForm.Meta):
        currency = "USD"

        def bind_field(self, form: Any, unbound_field: Any, options: dict[str, Any]) -> Field:
            kind = unbound_field.field_class
            if issubclass(kind, StringField) and not issubclass(kind, wtf.PasswordField):
                has_lines = issubclass(kind, (wtf.TextAreaField, wtf.HiddenField))
                check = require_text if has_lines else require_line
                options["filters"] = [strip, check, *unbound_field.kwargs.get("filters", ())]
            return unbound_field.bind(form=form, **options)

        def get_translations(self, form: Any) -> _Words:
            return _Words()

    def __init__(self, *args: Any, currency: str = "", **kwargs: Any):
        if currency:
            kwargs["meta"] = {**kwargs.get("meta", {}), "currency": currency}
        super().__init__(*args, **kwargs)

    def refuse(self, error: DomainError) -> None:
        """Show a refusal of the domain on the field it names, or above the form.

        What could not be read says so already: the domain never saw it.
        """
        found = (
            error.errors if isinstance(error, Invalid) else [(error.field or "", error.sentence)]
        )
        unread = {field.name for field in self if field.errors}
        for name, sentence in found:
            if name in unread:
                continue
            field = self._fields.get(name)
            if field is None:
                self.form_errors = [*self.form_errors, sentence]
            else:
                field.errors = [*field.errors, sentence]


def is_empty(field: Field) -> bool:
    """Was nothing typed or chosen? Text that cannot be read is not nothing."""
    value = field.raw_data[0] if field.raw_data else field.data
    return strip(value) in (None, "")


class Required:
    """``Required("Enter the holder's email address.")``: the message is an instruction.

    Where it depends on the form it is a function of the field.
    """

    field_flags: ClassVar = {"required": True}

    def __init__(self, message: str | LazyText | Callable[[Field], str]):
        self.message = message

    def __call__(self, form: Any, field: Field) -> None:
        if is_empty(field):
            message = self.message(field) if callable(self.message) else self.message
            raise StopValidation(str(message))


def enter_amount(field: Field) -> str:
    """The instruction of a field of money, in the currency of its form."""
    example = money.example(field.meta.currency)
    return gettext("Enter an amount, such as {example}.", example=example)


class TypedField(StringField):
    """Text that is read as something; an empty field is None, a bad one keeps its text."""

    def read(self, text: str) -> Any:
        raise NotImplementedError

    def write(self, value: Any) -> str:
        return str(value)

    def _value(self) -> str:
        if self.raw_data:
            return str(self.raw_data[0])
        return "" if self.data is None else self.write(self.data)

    def process_formdata(self, valuelist: list[str]) -> None:
        text = valuelist[0].strip() if valuelist else ""
        self.data = None
        if text:
            try:
                self.data = self.read(text)
            except Invalid as error:
                raise ValidationError(error.sentence) from error


class MoneyField(TypedField):
    """An amount in the form's currency; data is Money. ``least`` is in minor units."""

    def __init__(
        self,
        label: str | LazyText = "",
        validators: Sequence[Any] = (),
        *,
        least: int = 1,
        **kwargs: Any,
    ):
        self.least = least
        kwargs["render_kw"] = {"inputmode": "decimal", "autocomplete": "off"} | (
            kwargs.get("render_kw") or {}
        )
        super().__init__(label, validators, **kwargs)

    @property
    def currency_code(self) -> str:
        """The form's currency, which the page shows before the field."""
        return str(self.meta.currency)

    def read(self, text: str) -> Money:
        return money.parse(text, self.currency_code, least=self.least)

    def write(self, value: Money) -> str:
        return money.typed_text(value.minor, value.currency)


class EmailField(TypedField):
    """An address; data is text, as ``domain.emails`` reads it."""

    widget = wtf.EmailField.widget

    def __init__(self, label: str | LazyText = "", validators: Sequence[Any] = (), **kwargs: Any):
        kwargs["render_kw"] = {"autocomplete": "email", "spellcheck": "false"} | (
            kwargs.get("render_kw") or {}
        )
        super().__init__(label, validators, **kwargs)

    def read(self, text: str) -> str:
        return emails.read(text, field=self.name)


class WholeField(TypedField):
    """A whole number, such as days or minutes."""

    def __init__(self, label: str | LazyText = "", validators: Sequence[Any] = (), **kwargs: Any):
        attributes = kwargs.get("render_kw") or {}
        kwargs["render_kw"] = {"inputmode": "numeric", "autocomplete": "off"} | attributes
        super().__init__(label, validators, **kwargs)

    def read(self, text: str) -> int:
        if not _WHOLE.fullmatch(text):
            raise Invalid(gettext("Enter a whole number, such as 10."), field=self.name)
        return int(text)


class DateField(TypedField):
    """A day; data is a date."""

    widget = wtf.DateField.widget

    def read(self, text: str) -> date:
        for pattern in ("%Y-%m-%d", "%d %b %Y", "%d %B %Y"):
            try:
                day = datetime.strptime(text, pattern).date()  # noqa: DTZ007 - a day has no zone
            except ValueError:
                continue
            if clock.FIRST_DAY <= day <= clock.LAST_DAY:
                return day
        raise Invalid(gettext("Enter a date such as 2027-01-31."), field=self.name)

    def write(self, value: date) -> str:
        return value.isoformat()


def known_currency(text: str) -> str:
    """The currency that was typed; USD when it is none."""
    typed = text.strip().upper()
    try:
        money.exponent(typed)
    except Invalid:
        return "USD"
    return typed


def sent_currency() -> str:
    """The currency in the request's form, for its fields of money."""
    return known_currency(requests.posted("currency"))
