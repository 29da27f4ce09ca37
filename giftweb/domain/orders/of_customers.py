"""What a customer has bought, in figures."""

from dataclasses import dataclass

from peewee import fn

from giftweb.domain.orders.values import CANCELLED, SHIPPING_DENIED
from giftweb.models import Order
from giftweb.money import Money


@dataclass(frozen=True, slots=True)
class Bought:
    """How many live orders there are, and what those that stand come to, one sum a currency."""

    count: int
    sums: list[Money]


def bought(customer_id: str) -> Bought:
    """What the customer has bought with live money (D17)."""
    stands = Order.status.not_in((SHIPPING_DENIED, CANCELLED))
    total = Order.items_minor - Order.discount_minor + Order.tax_minor + Order.shipping_minor
    found = (
        Order.select(Order.currency, fn.COUNT(Order.id), fn.SUM(total).filter(stands))
        .where(Order.customer == customer_id, ~Order.is_test)
        .group_by(Order.currency)
        .order_by(Order.currency)
        .tuples()
    )
    rows = list(found)
    sums = [Money(int(minor), currency) for currency, _, minor in rows if minor]
    return Bought(sum(count for _, count, _ in rows), sums)
