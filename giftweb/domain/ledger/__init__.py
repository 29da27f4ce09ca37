"""Accounts and transfers: the one way that money moves (docs/ledger.md).

It knows no order and no person. Door: ``transfers``; ``holds`` reserves, ``liability`` sums.
"""

from giftweb.domain.ledger import holds, liability, transfers
from giftweb.domain.ledger.transfers import (
    ACCOUNT,
    CARD,
    TRANSFER,
    Movement,
    Position,
    hold,
    lock,
    open_with,
    opening,
    post,
)

__all__ = [
    "ACCOUNT",
    "CARD",
    "TRANSFER",
    "Movement",
    "Position",
    "hold",
    "holds",
    "liability",
    "lock",
    "open_with",
    "opening",
    "post",
    "transfers",
]
