"""What a campaign's hosted shop sells: goods, and gift cards at their prices (S15, S65 to S70)."""

import json
from dataclasses import dataclass
from typing import Any

from giftweb import clock, database, ids
from giftweb.database import constraints, transactional
from giftweb.domain import audit
from giftweb.domain.audit.log import Actor
from giftweb.domain.catalogue.items import Item
from giftweb.errors import Invalid, NotFound
from giftweb.money import LIMIT_MINOR, Money

MOST_AT_ONCE = 99


@dataclass(frozen=True, slots=True, kw_only=True)
class Product:
    """Something to buy. A gift card has ``amounts``, an open field from ``least`` to ``most``, or
    both; goods have one ``price``. Amounts are in the campaign's currency.
    """

    id: str
    campaign_id: str
    sku: str
    name: str
    description: str
    kind: str
    price: Money | None
    requires_shipping: bool
    card_type: str | None
    amounts: tuple[Money, ...]
    least: Money | None
    most: Money | None
    allows_message: bool
    is_upsell: bool
    is_active: bool

    @property
    def currency(self) -> str:
        """The campaign's."""
        (known, *_) = (each for each in (self.price, *self.amounts, self.least) if each)
        return known.currency

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
            raise Invalid("Choose an amount.", field="amount")
        if not self.least <= amount <= self.most:
            raise Invalid(f"Enter an amount from {self.least} to {self.most}.", field="amount")
        return amount

    def to_item(self, *, quantity: int, amount: Money | None = None, **gift: Any) -> Item:
        """A cart's line of it; ``gift``: recipient, sender and message of ``Item``.

        Raises: Invalid (quantity, amount).
        """
        if not 1 <= quantity <= MOST_AT_ONCE:
            raise Invalid(f"Enter a number from 1 to {MOST_AT_ONCE}.", field="quantity")
        return Item(
            sku=self.sku,
            name=self.name,
            quantity=quantity,
            unit_minor=self.checked_price(amount).minor,
            kind=self.kind,
            requires_shipping=self.requires_shipping,
            type=self.card_type,
            **gift,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class NewProduct:
    """A product as it is written; amounts in minor units of the campaign's currency."""

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


_SELECT = (
    "SELECT p.id, p.campaign_id, p.sku, p.name, p.description, p.kind, p.unit_minor,"
    " p.requires_shipping, p.card_type, p.amounts_minor, p.open_least_minor, p.open_most_minor,"
    " p.allows_message, p.is_upsell, p.is_active, c.currency"
    " FROM product p JOIN campaign c ON c.id = p.campaign_id"
)


def of_campaign(campaign_id: str, *, only_active: bool = True) -> list[Product]:
    """The campaign's products, in the order they were made."""
    active = " AND p.is_active" if only_active else ""
    found = database.rows(f"{_SELECT} WHERE p.campaign_id = ?{active} ORDER BY p.id", campaign_id)
    return [_product(row) for row in found]


def gift_cards() -> list[Product]:
    """The gift cards that anybody can buy in a hosted shop, in the order they were made."""
    found = database.rows(
        f"{_SELECT} WHERE p.kind = 'gift_card' AND p.is_active AND NOT p.is_upsell"
        " AND c.is_active ORDER BY p.id"
    )
    return [_product(row) for row in found]


def find(campaign_id: str, sku: str) -> Product:
    """The product with this number.

    Raises: NotFound.
    """
    found = database.row(f"{_SELECT} WHERE p.campaign_id = ? AND p.sku = ?", campaign_id, sku)
    if found is None:
        raise NotFound
    return _product(found)


constraints.declare(
    "product_campaign_id_sku", Invalid, "Another product has this number.", field="sku"
)


@transactional
def create(campaign_id: str, *, new: NewProduct, by: Actor) -> Product:
    """Add a product.

    Raises: Invalid on each wrong field.
    """
    _require_sound(new)
    product_id = ids.new("prd")
    database.insert(
        "product",
        id=product_id,
        campaign_id=campaign_id,
        created_at=clock.micros(),
        **_columns(new),
    )
    audit.record(by=by, action="product.created", subject=product_id)
    return find(campaign_id, new.sku)


@transactional
def change(campaign_id: str, *, sku: str, new: NewProduct, by: Actor) -> Product:
    """Set a product anew; orders keep what they were sold at. Its number stays.

    Raises: NotFound, Invalid on each wrong field.
    """
    product = find(campaign_id, sku)
    _require_sound(new)
    if new.sku != sku:
        raise Invalid("The number of a product stays.", field="sku")
    columns = _columns(new)
    named = ", ".join(f"{name} = ?" for name in columns)
    database.execute(f"UPDATE product SET {named} WHERE id = ?", *columns.values(), product.id)
    audit.record(by=by, action="product.changed", subject=product.id)
    return find(campaign_id, sku)


def _columns(new: NewProduct) -> dict[str, Any]:
    columns = {name: getattr(new, name) for name in NewProduct.__slots__}
    return columns | {"amounts_minor": database.to_json(list(new.amounts_minor))}


def _require_sound(new: NewProduct) -> None:
    faults = [(name, "Fill this in.") for name in ("sku", "name") if not getattr(new, name).strip()]
    if new.kind == "goods" and new.unit_minor is None:
        faults.append(("unit", "Enter a price."))
    if new.kind == "gift_card":
        faults += _card_faults(new)
    if faults:
        raise Invalid(errors=faults)


def _card_faults(new: NewProduct) -> list[tuple[str, str]]:
    faults = []
    if new.card_type is None:
        faults.append(("card_type", "Choose how the card reaches its recipient."))
    if any(not 0 < amount <= LIMIT_MINOR for amount in new.amounts_minor):
        faults.append(("amounts", "Enter amounts above zero."))
    limits = (new.open_least_minor, new.open_most_minor)
    if (limits[0] is None) != (limits[1] is None):
        faults.append(("open_least", "Enter both the smallest and the largest amount."))
    elif limits[0] is not None and limits[1] is not None and limits[0] > limits[1]:
        faults.append(("open_most", "Enter a largest amount above the smallest."))
    elif limits[0] is None and not new.amounts_minor:
        faults.append(("amounts", "Enter amounts to choose from, or a smallest and largest one."))
    return faults


def _product(row: tuple) -> Product:
    currency = row[15]

    def money(minor: int | None) -> Money | None:
        return None if minor is None else Money(minor, currency)

    return Product(
        id=row[0],
        campaign_id=row[1],
        sku=row[2],
        name=row[3],
        description=row[4],
        kind=row[5],
        price=money(row[6]),
        requires_shipping=bool(row[7]),
        card_type=row[8],
        amounts=tuple(Money(minor, currency) for minor in json.loads(row[9] or "[]")),
        least=money(row[10]),
        most=money(row[11]),
        allows_message=bool(row[12]),
        is_upsell=bool(row[13]),
        is_active=bool(row[14]),
    )
