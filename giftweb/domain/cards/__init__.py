"""Gift cards: issue, recharge, freeze, replace, cancel, expire, import, search.

What an order does with a card is in orders and refunds. Door: the verbs of ``lifecycle`` and the
values of ``values``.
"""

from giftweb.domain.cards import (
    activation,
    by_code,
    cash_out,
    changes,
    delivery,
    endings,
    expected,
    exported,
    guesses,
    holder,
    import_file,
    import_formats,
    import_odds,
    import_rows,
    import_sheet,
    lifecycle,
    locking,
    merging,
    new_card,
    of_campaign,
    payload,
    pins,
    receivers,
    refusals,
    search,
    statement,
    stock,
    stock_file,
    tags,
    validity,
    values,
    voucher_tax,
    wallets,
)
from giftweb.domain.cards.by_code import find_by_code
from giftweb.domain.cards.lifecycle import (
    adjust,
    freeze,
    issue,
    issue_many,
    top_up,
    unfreeze,
)
from giftweb.domain.cards.new_card import NewCard
from giftweb.domain.cards.values import (
    CANCELLED,
    EXPIRED,
    FROZEN,
    STATUSES,
    Card,
    current_replacement,
    find,
    find_many,
    history,
    of_orders,
    select,
    status_of,
)
