"""What paid an order, tender by tender, and the providers behind them.

Returning money is refunds. Door: ``Tender``, ``Payment``, ``record``.
"""

from giftweb.domain.payments import payments, providers, refund_values
from giftweb.domain.payments.payments import (
    COLUMNS,
    FROM,
    GIFT_CARD,
    METHODS,
    SELECT,
    CardPart,
    Payment,
    Tender,
    find,
    from_row,
    is_transfer,
    lock,
    of_order,
    record,
    take_from_card,
)

__all__ = [
    "COLUMNS",
    "FROM",
    "GIFT_CARD",
    "METHODS",
    "SELECT",
    "CardPart",
    "Payment",
    "Tender",
    "find",
    "from_row",
    "is_transfer",
    "lock",
    "of_order",
    "payments",
    "providers",
    "record",
    "refund_values",
    "take_from_card",
]
