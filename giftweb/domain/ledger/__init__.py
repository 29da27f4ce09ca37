"""Accounts and transfers: the one way that money moves (docs/ledger.md).

It knows no order and no person. Door: ``transfers``; ``holds`` reserves, ``funding`` says where the
money came from.
"""

from giftweb.domain.ledger import funding, holds, transfers
from giftweb.domain.ledger.transfers import (
    CARD,
    Movement,
    Position,
    account_row,
    change_held,
    empty,
    following,
    open_with,
    opening,
    post,
)
