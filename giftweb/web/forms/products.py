"""The form of a product: goods at one price, or a gift card with its prices (S65 to S70)."""

import re
from typing import Any

from wtforms import BooleanField, RadioField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import Length

from giftweb import money
from giftweb.domain.catalogue.products import NewProduct, Product
from giftweb.errors import Invalid
from giftweb.language import gettext, lazy_gettext
from giftweb.web.forms.fields import Form, MoneyField, Required

KINDS = [
    SelectChoice("goods", lazy_gettext("Goods")),
    SelectChoice("gift_card", lazy_gettext("Gift card")),
]
TYPES = [
    SelectChoice("virtual", lazy_gettext("Virtual: sent by email")),
    SelectChoice("physical", lazy_gettext("Physical: shipped")),
    SelectChoice("combined", lazy_gettext("Combined: both")),
]


LONGEST_CATEGORY = 120
_BETWEEN = re.compile(r",?\s+|\s*;\s*|,$")
_GROUPED = re.compile(r"[0-9]{1,3}(,[0-9]{3})+([.][0-9]+)?")


class ProductForm(Form):
    """Money in the campaign's currency. What does not fit the kind is left aside."""

    name = StringField(
        lazy_gettext("Name"), [Required(lazy_gettext("Enter a name.")), Length(max=200)]
    )
    sku = StringField(
        lazy_gettext("Number"),
        [Required(lazy_gettext("Enter a number, such as MUG-1.")), Length(max=60)],
    )
    description = TextAreaField(lazy_gettext("Description"), [Length(max=2000)])
    kind = RadioField(lazy_gettext("What is it?"), choices=KINDS, default="goods")
    unit = MoneyField(lazy_gettext("Price"), least=0)
    category = StringField(lazy_gettext("Category"), [Length(max=LONGEST_CATEGORY)])
    requires_shipping = BooleanField(lazy_gettext("It is shipped"), default=True)
    card_type = RadioField(
        lazy_gettext("How does the card arrive?"), choices=TYPES, default="virtual"
    )
    amounts = StringField(lazy_gettext("Amounts to choose from"), [Length(max=200)])
    open_least = MoneyField(lazy_gettext("Smallest own amount"))
    open_most = MoneyField(lazy_gettext("Largest own amount"))
    allows_message = BooleanField(lazy_gettext("A message may be added"), default=True)
    is_upsell = BooleanField(lazy_gettext("Offer it after the order"))
    is_active = BooleanField(lazy_gettext("On sale"), default=True)

    def to_product(self, currency: str) -> NewProduct:
        """What was typed, as the catalogue takes it.

        Raises: Invalid (amounts).
        """
        is_card = self.kind.data == "gift_card"
        shared = {
            "sku": self.sku.data or "",
            "name": self.name.data or "",
            "description": self.description.data or "",
            "kind": self.kind.data,
            "is_upsell": bool(self.is_upsell.data) and not is_card,
            "is_active": bool(self.is_active.data),
        }
        return NewProduct(**shared, **(self._card(currency) if is_card else self._goods()))

    def _goods(self) -> dict[str, Any]:
        return {
            "unit_minor": _minor(self.unit),
            "category": " ".join((self.category.data or "").split()) or None,
            "requires_shipping": bool(self.requires_shipping.data),
        }

    def _card(self, currency: str) -> dict[str, Any]:
        return {
            "card_type": self.card_type.data,
            "requires_shipping": self.card_type.data != "virtual",
            "amounts_minor": read_amounts(self.amounts.data or "", currency),
            "open_least_minor": _minor(self.open_least),
            "open_most_minor": _minor(self.open_most),
            "allows_message": bool(self.allows_message.data),
        }


def read_amounts(text: str, currency: str) -> tuple[int, ...]:
    """``25, 50, 100`` or ``12,50; 25`` in minor units, smallest first.

    A comma between figures is a mark of one amount, but where it parts all of them: ``25,50,100``.

    Raises: Invalid (amounts), on a comma that could be either, too.
    """
    parts = [part for part in _BETWEEN.split(text.strip()) if part]
    if ";" not in text and any(_is_unclear(part) for part in parts):
        if len(parts) > 1 or money.decimal_mark() == ",":
            sentence = gettext(
                "Put a semicolon between amounts, such as {amounts}.", amounts="25; 50"
            )
            raise Invalid(sentence, field="amounts")
        parts = text.replace(",", " ").split()
    found = {money.parse(part, currency, field="amounts").minor for part in parts}
    return tuple(sorted(found))


def _is_unclear(part: str) -> bool:
    is_decimal_mark = money.decimal_mark() == "," and part.count(",") == 1
    return "," in part and not is_decimal_mark and not _GROUPED.fullmatch(part)


def filled(product: Product) -> dict[str, Any]:
    """A product's values for its form."""
    between = "; " if money.decimal_mark() == "," else ", "
    typed = (money.typed_text(each.minor, each.currency) for each in product.amounts)
    same = ("sku", "name", "description", "kind", "requires_shipping", "allows_message")
    more = ("is_upsell", "is_active", "category")
    return {name: getattr(product, name) for name in (*same, *more)} | {
        "unit": product.price,
        "card_type": product.card_type or "virtual",
        "amounts": between.join(typed),
        "open_least": product.least,
        "open_most": product.most,
    }


def _minor(field: MoneyField) -> int | None:
    return None if field.data is None else field.data.minor
