"""What a member of staff does and sees across nouns: orders, batches, approvals, the work list.

A verb of one noun alone lives with that noun. Door: its modules, one a page of the desk.
"""

from giftweb.domain.desk import (
    approvals,
    approved,
    asking,
    batches,
    bulk,
    card_page,
    card_withdrawal,
    counter,
    counter_day,
    counter_entries,
    counter_requests,
    customer_records,
    everywhere,
    exchange_rates,
    house_limits,
    live_keys,
    money_paths,
    notices,
    order_cards,
    orders,
    packing,
    resets,
    reviews,
    second_person,
    set_up,
    shipments,
    snapshots,
    stock,
    work_list,
)
