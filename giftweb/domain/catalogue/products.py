"""What a campaign's hosted shop sells: goods, and gift cards at their prices (S15, S65 to S70)."""

from dataclasses import dataclass
from typing import Any

from peewee import ModelSelect

from giftweb import clock, database, ids, models
from giftweb.database import records, transactional
from giftweb.domain import audit
from giftweb.domain.audit.log import Actor
from giftweb.domain.catalogue.items import Item
from giftweb.errors import Invalid, NotFound
from giftweb.language import gettext
from giftweb.money import LIMIT_MINOR, Money

MOST_AT_ONCE = 99


@dataclass(frozen=True, slots=True, kw_only=True)
class NewProduct:
    """A product as it is written; amounts in minor units of the campaign's currency.

    ``category``: of goods; gift cards pay for none of those that the campaign leaves out.
    """

    sku: str
    name: str
    description: str = ""
    kind: str = "goods"
    unit_minor: int | None = None
    requires_shipping: bool = True
    card_type: str | None = None
    amounts_minor: tuple[int, ...] = ()
    open_least_minor: int | None = None
    open_most_minor: int | None = None
    allows_message: bool = False
    is_upsell: bool = False
    is_active: bool = True
    category: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Product(NewProduct):
    """Something to buy. A gift card has ``amounts``, an open field from ``least`` to ``most``, or
    both; goods have one ``price``. Amounts are in the campaign's currency.
    """

    id: str
    campaign_id: str
    currency: str

    @property
    def price(self) -> Money | None:
        """The price of goods."""
        return self._money(self.unit_minor)

    @property
    def amounts(self) -> tuple[Money, ...]:
        """The amounts that a gift card is offered in."""
        return tuple(Money(minor, self.currency) for minor in self.amounts_minor)

    @property
    def least(self) -> Money | None:
        """The smallest amount that may be typed for a gift card."""
        return self._money(self.open_least_minor)

    @property
    def most(self) -> Money | None:
        """The largest amount that may be typed for a gift card."""
        return self._money(self.open_most_minor)

    def _money(self, minor: int | None) -> Money | None:
        return None if minor is None else Money(minor, self.currency)

    @property
    def is_gift_card(self) -> bool:
        """Whether it is a gift card."""
        return self.kind == "gift_card"

    @property
    def is_mailed(self) -> bool:
        """Whether its recipient needs an email address (S68)."""
        return self.card_type in ("virtual", "combined")

    def checked_price(self, amount: Money | None) -> Money:
        """The price of one, for the amount that was chosen or typed (S65).

        Raises: Invalid (amount).
        """
        if self.price is not None:
            return self.price
        if amount is not None and amount in self.amounts:
            return amount
        if amount is None or self.least is None or self.most is None:
            raise Invalid(gettext("Choose an amount."), field="amount")
        if not self.least <= amount <= self.most:
            raise Invalid(
                gettext(
                    "Enter an amount from {least} to {most}.", least=self.least, most=self.most
                ),
                field="amount",
            )
        return amount

    def to_item(self, *, quantity: int, amount: Money | None = None, **gift: Any) -> Item:
        """A cart's line of it; ``gift``: recipient, sender and message of ``Item``.

        Raises: Invalid (quantity, amount).
        """
        if not 1 <= quantity <= MOST_AT_ONCE:
            raise Invalid(
                gettext("Enter a number from 1 to {most_at_once}.", most_at_once=MOST_AT_ONCE),
                field="quantity",
            )
        return Item(
            sku=self.sku,
            name=self.name,
            quantity=quantity,
            unit_minor=self.checked_price(amount).minor,
            kind=self.kind,
            requires_shipping=self.requires_shipping,
            type=self.card_type,
            category=self.category,
            **gift,
        )


def _select() -> ModelSelect:
    return records.select(Product, models.Product, models.Campaign).join(models.Campaign)


def of_campaign(campaign_id: str, *, only_active: bool = True) -> list[Product]:
    """The campaign's products, in the order they were created."""
    found = _select().where(models.Product.campaign == campaign_id)
    if only_active:
        found = found.where(models.Product.is_active)
    return list(found.order_by(models.Product.id))


def sells(campaign_id: str) -> bool:
    """Whether the campaign's hosted shop has anything on its shelf."""
    product = models.Product
    offered = product.is_active & ~product.is_upsell & (product.campaign == campaign_id)
    return product.select(product.id).where(offered).exists()


def gift_cards() -> list[Product]:
    """The gift cards that anybody can buy in a hosted shop, in the order they were created."""
    product, shop = models.Product, models.Campaign
    offered = (product.kind == "gift_card") & product.is_active & ~product.is_upsell
    return list(_select().where(offered, shop.is_active).order_by(product.id))


def find(campaign_id: str, sku: str) -> Product:
    """The product with this number.

    Raises: NotFound.
    """
    product = models.Product
    found = _select().where(product.campaign == campaign_id, product.sku == sku).first()
    if found is None:
        raise NotFound
    return found


@transactional
def create(campaign_id: str, *, new: NewProduct, by: Actor) -> Product:
    """Add a product.

    Raises: Invalid on each wrong field.
    """
    require_sound(new)
    product_id = ids.new("prd")
    row = audit.seals.row(
        models.Product, new, id=product_id, campaign_id=campaign_id, created_at=clock.now()
    )
    # Of two people who add the same number at once, one meets the other's row here.
    insert = database.insert_sql("product", tuple(row))
    is_new = f"{insert} ON CONFLICT (campaign_id, sku) DO NOTHING"
    if not database.execute(is_new, *row.values()):
        raise Invalid(gettext("Another product has this number."), field="sku")
    audit.record(by=by, action="product.created", subject=product_id)
    return find(campaign_id, new.sku)


@transactional
def change(campaign_id: str, *, sku: str, new: NewProduct, by: Actor) -> Product:
    """Set all fields of a product; orders keep what they were sold at. Its number stays.

    Raises: NotFound, Invalid on each wrong field.
    """
    product = find(campaign_id, sku)
    require_sound(new)
    if new.sku != sku:
        raise Invalid(gettext("The number of a product stays."), field="sku")
    audit.seals.change(models.Product, product.id, **records.columns(models.Product, new))
    audit.record(by=by, action="product.changed", subject=product.id)
    return find(campaign_id, sku)


def require_sound(new: NewProduct) -> None:
    """Raises: Invalid on each wrong field."""
    faults = [
        (name, gettext("Fill this in."))
        for name in ("sku", "name")
        if not getattr(new, name).strip()
    ]
    if new.kind == "goods" and new.unit_minor is None:
        faults.append(("unit", gettext("Enter a price.")))
    if new.kind == "gift_card":
        faults += _card_faults(new)
    if faults:
        raise Invalid(errors=faults)


def _card_faults(new: NewProduct) -> list[tuple[str, str]]:
    faults = []
    if new.card_type is None:
        faults.append(("card_type", gettext("Choose how the card reaches its recipient.")))
    if any(not 0 < amount <= LIMIT_MINOR for amount in new.amounts_minor):
        faults.append(("amounts", gettext("Enter amounts above zero.")))
    limits = (new.open_least_minor, new.open_most_minor)
    if (limits[0] is None) != (limits[1] is None):
        faults.append(("open_least", gettext("Enter both the smallest and the largest amount.")))
    elif limits[0] is not None and limits[1] is not None and limits[0] > limits[1]:
        faults.append(("open_most", gettext("Enter a largest amount above the smallest.")))
    elif limits[0] is None and not new.amounts_minor:
        faults.append(
            ("amounts", gettext("Enter amounts to choose from, or a smallest and largest one."))
        )
    return faults
