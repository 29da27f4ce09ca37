"""The amount of a gift card as it is chosen in the hosted shop: from a list, or typed (S65)."""

from typing import Any

from wtforms import RadioField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import Optional

from giftweb import money
from giftweb.domain.catalogue.products import Product
from giftweb.errors import Invalid
from giftweb.language import gettext, lazy_gettext
from giftweb.money import Money, money_text
from giftweb.web.forms.fields import Form, MoneyField

OTHER = "other"


class RechargeForm(Form):
    """How much goes on a card."""

    choice = RadioField(lazy_gettext("Amount"), [Optional()], validate_choice=False)
    amount = MoneyField(lazy_gettext("Your own amount"))

    @classmethod
    def of(cls, product: Product) -> "RechargeForm":
        """The form with the amounts of a shop's gift card."""
        form = cls(currency=product.currency)
        form.choice.choices = [each for each in choices(product) if each.value != OTHER]
        return form


def choices(product: Product) -> list[SelectChoice]:
    """The amounts to choose from, and whether one may type one's own."""
    found = [
        SelectChoice(money.decimal_text(amount.minor, amount.currency), money_text(amount))
        for amount in product.amounts
    ]
    if found and product.least:
        found.append(SelectChoice(OTHER, gettext("Another amount")))
    return found


def chosen(product: Product, form: Any) -> Money | None:
    """What was chosen or typed in the fields ``choice`` and ``amount``.

    Raises: Invalid (choice): neither an amount of the list, nor one alone.
    """
    choice, typed = form.choice.data, form.amount.data
    if not product.amounts or choice in (OTHER, None):
        return typed
    try:
        listed = money.parse(choice, product.currency, field="choice")
    except Invalid:
        raise Invalid(gettext("Choose an amount."), field="choice") from None
    if typed not in (None, listed):
        raise Invalid(
            gettext(
                "{listed} is chosen and {typed} is typed. Choose another amount, or leave your"
                " own empty.",
                listed=listed,
                typed=typed,
            ),
            field="choice",
        )
    return listed
