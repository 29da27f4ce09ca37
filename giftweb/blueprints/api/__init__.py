"""The HTTP API, version 1 (docs/api.md). Each module declares its addresses with ``operations``.

What other programs see of a noun is its ``payload`` in the domain. Door: ``blueprint``.
"""

from giftweb.blueprints.api import (
    checkouts,
    docs_page,
    documents,
    events,
    gift_cards,
    orders,
    printed_cards,
    redemptions,
)
from giftweb.blueprints.api.operations import blueprint

__all__ = [
    "blueprint",
    "checkouts",
    "docs_page",
    "documents",
    "events",
    "gift_cards",
    "orders",
    "printed_cards",
    "redemptions",
]
