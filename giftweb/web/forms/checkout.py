"""The form of the hosted shop's checkout: who buys, and where it goes (S38, D20)."""

from typing import Any

from wtforms import SelectField, StringField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import Length

from giftweb import language
from giftweb.domain import countries
from giftweb.web.forms.fields import EmailField, Form, Required


def _field(label: str, autocomplete: str, *, missing: str = "", longest: int = 200) -> StringField:
    """A line of text that a browser may know; needed when there is a word for its ``missing``."""
    needed = [Required(missing)] if missing else []
    attributes = {"autocomplete": autocomplete}
    return StringField(label, [*needed, Length(max=longest)], render_kw=attributes)


class DetailsForm(Form):
    """Who buys, and where it goes (S38, D20)."""

    email = EmailField("Email", [Required("Enter your email address.")])
    name = _field("Full name", "name", missing="Enter your name.")
    line1 = _field("Address", "address-line1", missing="Enter your street and number.")
    line2 = _field("Address, second line", "address-line2")
    city = _field("City", "address-level2", missing="Enter your city.")
    region = _field("State or region", "address-level1")
    postal_code = _field(
        "Postal code", "postal-code", missing="Enter your postal code.", longest=20
    )
    country = SelectField(
        "Country",
        [Required("Choose your country.")],
        choices=[
            SelectChoice("", "Choose a country"),
            *map(SelectChoice, countries.NAMES, countries.NAMES.values()),
        ],
        coerce=lambda typed: (typed or "").upper(),
        render_kw={"autocomplete": "country"},
    )

    def changes(self) -> dict[str, Any]:
        """The fields of a Cart that are typed here."""
        return {
            "customer_email": self.email.data,
            "customer_name": self.name.data,
            "customer_locale": language.current(),
            "shipping_address": self._address(),
        }

    def _address(self) -> dict[str, str]:
        """The shipping address as the API takes it, too."""
        names = ("name", "line1", "line2", "city", "region", "postal_code", "country")
        typed = {name: getattr(self, name).data for name in names}
        return {name: text for name, text in typed.items() if text}
