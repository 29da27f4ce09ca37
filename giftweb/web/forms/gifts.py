"""What is bought in the hosted shop: goods by number, gift cards with what makes them presents."""

from typing import Any

from flask_wtf.file import FileField
from wtforms import RadioField, SelectField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import Length, Optional

from giftweb import language
from giftweb.domain import catalogue
from giftweb.domain.campaigns.campaigns import Campaign
from giftweb.domain.catalogue.items import Item
from giftweb.domain.catalogue.products import Product
from giftweb.language import gettext, lazy_gettext
from giftweb.web.forms import amounts
from giftweb.web.forms.delivery import DeliveryFields
from giftweb.web.forms.fields import EmailField, Form, MoneyField, Required, WholeField


class GoodsForm(Form):
    """How many of a product."""

    quantity = WholeField(
        lazy_gettext("Quantity"),
        [Required(lazy_gettext("Enter a number from 1 to 99."))],
        default=1,
    )


class PresentFields(DeliveryFields):
    """What a bought gift card is, whoever gets it: amount, design, sender, message, time."""

    choice = RadioField(lazy_gettext("Amount"), [Optional()], validate_choice=False)
    amount = MoneyField(lazy_gettext("Your own amount"))
    design = RadioField(lazy_gettext("Design"), [Optional()], validate_choice=False)
    sender_name = StringField(
        lazy_gettext("Sender Name"), [Required(lazy_gettext("Enter your name.")), Length(max=200)]
    )
    sender_email = EmailField(lazy_gettext("Sender Email"))
    locale = SelectField(lazy_gettext("Language of the mail"), [Optional()], validate_choice=False)
    message = TextAreaField(
        lazy_gettext("Message"),
        [Length(max=500, message=lazy_gettext("Use at most 500 characters."))],
    )

    def prepare(self, product: Product, campaign: Campaign) -> None:
        """Offer what the product has, in the shop's zone."""
        self.shop_zone = campaign.time_zone
        self.choice.choices = amounts.choices(product)
        self.design.choices = [
            SelectChoice("", gettext("Plain")),
            *(SelectChoice(each.key, each.label) for each in catalogue.designs.to_choose(product)),
        ]
        self.locale.choices = [SelectChoice(*each) for each in language.LANGUAGES.items()]
        if product.is_mailed:
            self.sender_email.validators = [Required(gettext("Enter your own address."))]

    def present(self, product: Product) -> dict[str, Any]:
        """The fields of ``Product.to_item`` but the quantity and who gets it.

        Raises: Invalid (choice, amount, design).
        """
        return {
            "amount": amounts.chosen(product, self),
            "sender_name": self.sender_name.data,
            "sender_email": self.sender_email.data,
            "message": self.message.data or None if product.allows_message else None,
            "design": catalogue.designs.checked(product, self.design.data or ""),
            "recipient_locale": language.known(self.locale.data),
            **self.item_fields(),
        }


def _first(product: Product, campaign: Campaign, sender: dict[str, Any]) -> dict[str, Any]:
    """What the form holds before anything is typed."""
    first = amounts.choices(product)
    values = {"deliver_zone": campaign.time_zone, "locale": language.current()} | sender
    return values | {"choice": first[0].value} if first else values


class GiftForm(GoodsForm, PresentFields):
    """A gift card to buy (S65, S68 to S70), with its design and when it is sent (D25)."""

    recipient_name = StringField(
        lazy_gettext("Recipient Name"),
        [Required(lazy_gettext("Enter who it is for.")), Length(max=200)],
    )
    recipient_email = EmailField(lazy_gettext("Recipient Email"))

    @classmethod
    def of(cls, product: Product, campaign: Campaign, sender: dict[str, Any]) -> "GiftForm":
        """The form of a gift card, with the sender as far as they are known."""
        form = cls(currency=campaign.currency, data=_first(product, campaign, sender))
        form.prepare(product, campaign)
        if product.is_mailed:
            missing = gettext("Enter the address to send it to.")
            form.recipient_email.validators = [Required(missing)]
        return form

    def to_item(self, product: Product) -> Item:
        """The line of a cart.

        Raises: Invalid (choice, amount, design, quantity).
        """
        return product.to_item(
            quantity=self.quantity.data or 0,
            recipient_name=self.recipient_name.data,
            recipient_email=self.recipient_email.data,
            **self.present(product),
        )


class TeamForm(PresentFields):
    """A gift card for each person of a list; the message is for who has none there."""

    people = TextAreaField(
        lazy_gettext("People"), [Length(max=100_000)], render_kw={"rows": 10, "spellcheck": "false"}
    )
    file = FileField(lazy_gettext("Or a CSV file"), render_kw={"accept": ".csv,.txt,.tsv,text/csv"})

    @classmethod
    def of(cls, product: Product, campaign: Campaign, sender: dict[str, Any]) -> "TeamForm":
        """The form for a list, with the sender as far as they are known."""
        form = cls(currency=campaign.currency, data=_first(product, campaign, sender))
        form.prepare(product, campaign)
        return form

    def to_items(self, product: Product) -> list[Item]:
        """A line of a cart for each person.

        Raises: Invalid (people, by row; choice, amount, design).
        """
        present = self.present(product)
        return [
            product.to_item(
                quantity=1,
                recipient_name=person.name,
                recipient_email=person.email,
                **present | ({"message": person.message} if person.message else {}),
            )
            for person in catalogue.teams.read(self._list())
        ]

    def _list(self) -> str:
        uploaded = self.file.data.read() if self.file.data else b""
        if not uploaded:
            return self.people.data or ""
        try:
            return uploaded.decode("utf-8-sig")
        except UnicodeDecodeError:
            return uploaded.decode("cp1252", "replace")
