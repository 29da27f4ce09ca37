"""What is bought in the hosted shop: goods by number, gift cards with what makes them presents."""

from typing import Any

from wtforms import IntegerField, RadioField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import Length, NumberRange, Optional

from giftweb.domain import catalogue
from giftweb.domain.campaigns.campaigns import Campaign
from giftweb.domain.catalogue.items import Item
from giftweb.domain.catalogue.products import MOST_AT_ONCE, Product
from giftweb.language import gettext, lazy_gettext
from giftweb.web.forms import amounts
from giftweb.web.forms.delivery import DeliveryFields
from giftweb.web.forms.fields import EmailField, Form, MoneyField, Required


class GoodsForm(Form):
    """How many of a product."""

    quantity = IntegerField(
        lazy_gettext("Quantity"),
        [NumberRange(1, MOST_AT_ONCE, lazy_gettext("Enter a number from 1 to 99."))],
        default=1,
        render_kw={"inputmode": "numeric"},
    )


class GiftForm(GoodsForm, DeliveryFields):
    """A gift card to buy (S65, S68 to S70), with its design and when it is sent (D25)."""

    choice = RadioField(lazy_gettext("Amount"), [Optional()], validate_choice=False)
    amount = MoneyField(lazy_gettext("Your own amount"))
    design = RadioField(lazy_gettext("Design"), [Optional()], validate_choice=False)
    recipient_name = StringField(
        lazy_gettext("Recipient Name"),
        [Required(lazy_gettext("Enter who it is for.")), Length(max=200)],
    )
    recipient_email = EmailField(lazy_gettext("Recipient Email"))
    sender_name = StringField(
        lazy_gettext("Sender Name"), [Required(lazy_gettext("Enter your name.")), Length(max=200)]
    )
    sender_email = EmailField(lazy_gettext("Sender Email"))
    message = TextAreaField(
        lazy_gettext("Message"),
        [Length(max=500, message=lazy_gettext("Use at most 500 characters."))],
    )

    @classmethod
    def of(cls, product: Product, campaign: Campaign, sender: dict[str, Any]) -> "GiftForm":
        """The form of a gift card, with the sender as far as they are known."""
        first = amounts.choices(product)
        values = {"deliver_zone": campaign.time_zone} | sender
        if first:
            values["choice"] = first[0].value
        form = cls(currency=campaign.currency, data=values)
        form.shop_zone = campaign.time_zone
        form.choice.choices = first
        form.design.choices = [
            SelectChoice("", gettext("Plain")),
            *(SelectChoice(each.key, each.label) for each in catalogue.designs.to_choose(product)),
        ]
        if product.is_mailed:
            missing = gettext("Enter the address to send it to.")
            form.recipient_email.validators = [Required(missing)]
            form.sender_email.validators = [Required(gettext("Enter your own address."))]
        return form

    def to_item(self, product: Product) -> Item:
        """The line of a cart.

        Raises: Invalid (choice, amount, design, quantity).
        """
        return product.to_item(
            quantity=self.quantity.data,
            amount=amounts.chosen(product, self),
            recipient_name=self.recipient_name.data,
            recipient_email=self.recipient_email.data,
            sender_name=self.sender_name.data,
            sender_email=self.sender_email.data,
            message=self.message.data or None if product.allows_message else None,
            design=catalogue.designs.checked(product, self.design.data or ""),
            **self.item_fields(),
        )
