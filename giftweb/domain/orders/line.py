"""A line of an order as it is read."""

from dataclasses import dataclass
from datetime import datetime

from giftweb.money import Money


@dataclass(frozen=True, slots=True)
class Line:
    """One item of an order; ``recharges_id``: the card that its money is for.

    ``part``: 0 as the order was placed, n with the nth thing added later. ``taken_off_at``: the
    money for it never came, or was refunded. ``time_zone``: of the shop, if it is sent on a day.
    """

    id: str
    order_id: str
    sku: str
    name: str
    quantity: int
    currency: str
    unit_minor: int
    kind: str
    card_type: str | None
    requires_shipping: bool
    part: int
    recharges_id: str | None
    taken_off_at: datetime | None
    discount_minor: int
    tax_minor: int
    card_currency: str | None
    rate: str | None
    deliver_at: datetime | None
    deliver_zone: str | None
    time_zone: str

    @property
    def is_upsell(self) -> bool:
        """Whether it was added after the order was placed."""
        return self.part > 0

    @property
    def is_gift_card(self) -> bool:
        """Whether it buys a gift card or recharges one."""
        return self.kind == "gift_card"

    @property
    def unit(self) -> Money:
        """The price of one."""
        return Money(self.unit_minor, self.currency)

    @property
    def total(self) -> Money:
        """Quantity times unit amount."""
        return Money(self.quantity * self.unit_minor, self.currency)

    @property
    def share_minor(self) -> int:
        """What was paid for it, after its part of the discount and with its tax (D24)."""
        return self.total.minor - self.discount_minor + self.tax_minor

    def amount(self, name: str) -> Money:
        """One of its amounts by name: discount, tax, share."""
        return Money(getattr(self, f"{name}_minor"), self.currency)
