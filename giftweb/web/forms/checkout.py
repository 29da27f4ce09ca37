"""The form of the hosted shop's checkout: who buys, and where it goes (S38, D20)."""

from typing import Any

from wtforms import SelectField, StringField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import Length

from giftweb import language
from giftweb.domain import countries
from giftweb.language import LazyText, gettext, lazy_gettext
from giftweb.web.forms.fields import EmailField, Form, Required


def _field(
    label: LazyText, autocomplete: str, *, missing: LazyText | None = None, longest: int = 200
) -> StringField:
    """A line of text that a browser may know; needed when there is a word for its ``missing``."""
    needed = [Required(missing)] if missing else []
    attributes = {"autocomplete": autocomplete}
    return StringField(label, [*needed, Length(max=longest)], render_kw=attributes)


ADDRESS = ("line1", "line2", "city", "region", "postal_code", "country")
"""The fields of where it goes."""


class DetailsForm(Form):
    """Who buys, and where it goes (S38, D20)."""

    email = EmailField(lazy_gettext("Email"), [Required(lazy_gettext("Enter your email address."))])
    name = _field(lazy_gettext("Full name"), "name", missing=lazy_gettext("Enter your name."))
    line1 = _field(
        lazy_gettext("Address"),
        "address-line1",
        missing=lazy_gettext("Enter your street and number."),
    )
    line2 = _field(lazy_gettext("Address, second line"), "address-line2")
    city = _field(lazy_gettext("City"), "address-level2", missing=lazy_gettext("Enter your city."))
    region = _field(lazy_gettext("State or region"), "address-level1")
    postal_code = _field(
        lazy_gettext("Postal code"),
        "postal-code",
        missing=lazy_gettext("Enter your postal code."),
        longest=20,
    )
    country = SelectField(
        lazy_gettext("Country"),
        [Required(lazy_gettext("Choose your country."))],
        choices=[],
        coerce=lambda typed: (typed or "").upper(),
        render_kw={"autocomplete": "country"},
    )

    @classmethod
    def of(cls, *, needs_address: bool, data: dict[str, Any]) -> "DetailsForm":
        """The form; where nothing is shipped it asks for who buys alone."""
        form = cls(data=data)
        if not needs_address:
            for name in ADDRESS:
                delattr(form, name)
        return form

    def __init__(self, *args: Any, **kwargs: Any):
        super().__init__(*args, **kwargs)
        names = countries.names(language.current())
        first = SelectChoice("", gettext("Choose a country"))
        self.country.choices = [first, *map(SelectChoice, names, names.values())]

    def changes(self) -> dict[str, Any]:
        """The fields of a Cart that are typed here."""
        return {
            "customer_email": self.email.data,
            "customer_name": self.name.data,
            "customer_locale": language.current(),
            "shipping_address": self._address(),
        }

    def _address(self) -> dict[str, str] | None:
        """The shipping address as the API takes it, too; None where nothing is shipped."""
        if "line1" not in self:
            return None
        typed = {name: getattr(self, name).data for name in ("name", *ADDRESS)}
        return {name: text for name, text in typed.items() if text}
