"""What a shop opens a checkout with, and what it is changed to."""

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from giftweb import clock
from giftweb.domain import catalogue
from giftweb.domain.carts.allocation import Amounts
from giftweb.domain.carts.values import Checkout
from giftweb.domain.catalogue.items import Item
from giftweb.domain.catalogue.taxes import Tax

CART_LIFE = timedelta(hours=24)


@dataclass(frozen=True, slots=True, kw_only=True)
class Cart:
    """What a shop opens a checkout with; amounts in minor units of ``currency``.

    With a ``tax``, ``tax_minor`` follows from it and from what is in the cart.
    """

    reference: str
    currency: str
    items: tuple[Item, ...]
    customer_email: str
    customer_name: str
    customer_locale: str | None = None
    discount_minor: int = 0
    tax_minor: int = 0
    shipping_minor: int = 0
    shipping_address: dict[str, str] | None = None
    expires_in: timedelta = CART_LIFE
    tax: Tax | None = None

    @property
    def amounts(self) -> Amounts:
        """The amounts, with the items summed."""
        return Amounts(
            items_minor=sum(item.total_minor for item in self.items),
            discount_minor=self.discount_minor,
            tax_minor=self.tax_minor,
            shipping_minor=self.shipping_minor,
            card_items_minor=sum(item.total_minor for item in self.items if item.is_gift_card),
        )

    def with_tax(self) -> "Cart":
        """The cart with the tax on its goods that its rate gives."""
        if self.tax is None:
            return self
        return replace(self, tax_minor=self.tax.added_minor(self.amounts.goods_minor))

    def changed(self, changes: dict[str, Any]) -> "Cart":
        """The cart with other fields; a shop that names the tax itself has a rate no more."""
        rate = {"tax": None} if "tax_minor" in changes else {}
        return replace(self, **rate | changes).with_tax()


def of_checkout(checkout: Checkout) -> Cart:
    """The cart as it is, to change a part of it."""
    return Cart(
        reference=checkout.reference,
        currency=checkout.currency,
        items=checkout.items,
        customer_email=checkout.customer_email,
        customer_name=checkout.customer_name,
        customer_locale=checkout.customer_locale,
        discount_minor=checkout.discount_minor,
        tax_minor=checkout.tax_minor,
        shipping_minor=checkout.shipping_minor,
        shipping_address=checkout.shipping_address,
        expires_in=checkout.expires_at - clock.now(),
        tax=checkout.tax,
    )


def columns(cart: Cart, amounts: Amounts) -> dict[str, Any]:
    """The columns of a checkout that its cart says."""
    return (
        amounts._asdict()
        | catalogue.taxes.columns(cart.tax)
        | {
            "reference": cart.reference,
            "currency": cart.currency,
            "items": [item._asdict() for item in cart.items],
            "customer_email": cart.customer_email,
            "customer_name": cart.customer_name,
            "customer_locale": cart.customer_locale,
            "shipping_address": cart.shipping_address,
            "expires_at": clock.now() + cart.expires_in,
        }
    )
