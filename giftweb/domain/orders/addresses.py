"""Where a customer's parcels went."""

from giftweb import models

MOST = 5
_ORDERS = 50
"""So many of the latest orders are looked through."""

Address = dict[str, str]


def of_customer(customer_id: str) -> list[Address]:
    """The addresses of the customer's orders that were shipped, each once, the latest first."""
    order = models.Order
    shipped = order.select(order.shipping_address).where(
        order.customer == customer_id, order.shipping_address.is_null(False)
    )
    places: dict[tuple[tuple[str, str], ...], Address] = {}
    for found in shipped.order_by(order.number.desc()).limit(_ORDERS):
        places.setdefault(_place(found.shipping_address), found.shipping_address)
    return list(places.values())[:MOST]


def _place(address: Address) -> tuple[tuple[str, str], ...]:
    """What makes it another place: not who is there, nor their telephone."""
    return tuple(sorted((k, v) for k, v in address.items() if k not in ("name", "phone")))
