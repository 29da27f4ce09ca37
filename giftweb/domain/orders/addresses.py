"""Where a customer's parcels went."""

from giftweb import models


def last_address(customer_id: str) -> dict[str, str] | None:
    """The address of the customer's latest order that was shipped; None: there was none."""
    order = models.Order
    shipped = order.select(order.shipping_address).where(
        order.customer == customer_id, order.shipping_address.is_null(False)
    )
    found = shipped.order_by(order.number.desc()).first()
    return found.shipping_address if found else None
