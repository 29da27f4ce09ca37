"""The amount of a gift card as it is chosen in the hosted shop: from a list, or typed (S65)."""

from typing import Any

from wtforms import RadioField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import Optional

from giftweb import money
from giftweb.domain.catalogue.products import Product
from giftweb.errors import Invalid
from giftweb.money import Money
from giftweb.web.forms.fields import Form, MoneyField
from giftweb.web.text.amounts import money_text

OTHER = "other"


class RechargeForm(Form):
    """How much goes on a card."""

    choice = RadioField("Amount", [Optional()], validate_choice=False)
    amount = MoneyField("Your own amount")

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
        found.append(SelectChoice(OTHER, "Another amount"))
    return found


def chosen(product: Product, form: Any) -> Money | None:
    """What was chosen or typed in the fields ``choice`` and ``amount``.

    Raises: Invalid (choice).
    """
    choice = form.choice.data
    if form.amount.data is not None or not product.amounts or choice == OTHER:
        # An amount that was typed is meant, whatever the list stood at.
        return form.amount.data
    try:
        return money.parse(choice or "", product.currency, field="choice")
    except Invalid:
        raise Invalid("Choose an amount.", field="choice") from None
