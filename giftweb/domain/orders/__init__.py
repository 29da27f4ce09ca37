"""Placed orders and what follows from them: bought cards, bonus, recharges, payment history.

Checkout decides when one is placed. Door: ``place``, ``upsell``, and the values of ``values``.
"""

from giftweb.domain.orders import (
    addresses,
    bonus,
    card_credits,
    consequences,
    facts,
    fulfilment,
    gifts,
    lines,
    of_campaign,
    of_customers,
    payload,
    payment_history,
    placing,
    purchases,
    recharge_shops,
    recharge_values,
    recharges,
    rests,
    reviews,
    search,
    shares,
    values,
)
from giftweb.domain.orders.placing import place, queue_event, to_be_shipped, upsell
from giftweb.domain.orders.values import (
    CANCELLED,
    COMPLETED,
    ISSUED,
    PENDING,
    PURCHASED,
    SHIPPING_DENIED,
    Order,
    OrderSheet,
    cards_of,
    find,
    find_by_number,
    find_by_numbers,
    lock,
    lock_with_payment,
    of_customer,
    sheet,
    sheets,
)
