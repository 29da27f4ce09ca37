"""The tax of the hosted shop, in words."""

from giftweb.domain.catalogue.taxes import Tax
from giftweb.language import gettext
from giftweb.percentages import Percentage


def price_tax(tax: Tax) -> str:
    """What a price says of tax: ``Includes 19% tax``, ``Plus 8.25% tax``."""
    rate = Percentage(tax.hundredths)
    if tax.is_included:
        return gettext("Includes {rate} tax", rate=rate)
    return gettext("Plus {rate} tax", rate=rate)


def tax_name(tax: Tax | None) -> str:
    """What the tax of a cart or an order is called, with its rate where that is known."""
    return gettext("Tax, {rate}", rate=Percentage(tax.hundredths)) if tax else gettext("Tax")


def shipping_name(tax: Tax | None) -> str:
    """What its shipping is called, which is priced with the tax that is added to it."""
    has_added = tax is not None and not tax.is_included
    return gettext("Shipping, with its tax") if has_added else gettext("Shipping")
