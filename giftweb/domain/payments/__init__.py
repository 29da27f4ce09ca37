"""What paid an order, tender by tender, and the providers behind them.

Returning money is refunds. Door: ``Tender``, ``Payment``, ``record``.
"""

from giftweb.domain.payments import charge_names, payload, payments, providers, refund_values
from giftweb.domain.payments.charge_names import (
    charge_of,
    find_by_charge,
    require_distinct,
    require_unused,
)
from giftweb.domain.payments.payments import (
    CANCELLED,
    CAPTURED,
    GIFT_CARD,
    PENDING,
    REPORTED_BY_HAND,
    Payment,
    Tender,
    find,
    is_transfer,
    lock,
    of_order,
    of_orders,
    record,
    take_from_card,
)
