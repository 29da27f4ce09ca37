"""What paid an order, tender by tender, and the providers behind them.

Returning money is refunds. Door: ``Tender``, ``Payment``, ``record``.
"""

from giftweb.domain.payments import payload, payments, providers, refund_values
from giftweb.domain.payments.payments import (
    CANCELLED,
    CAPTURED,
    GIFT_CARD,
    PENDING,
    SETTLED_BY_HAND,
    Payment,
    Tender,
    charge_of,
    find,
    is_transfer,
    lock,
    of_order,
    of_orders,
    record,
    require_unused,
    take_from_card,
)
