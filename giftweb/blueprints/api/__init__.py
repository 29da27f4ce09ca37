"""The HTTP API, version 1 (API.md 3). Each module declares its addresses with ``operations``."""

from giftweb.blueprints.api import checkouts, docs_page, documents, events, gift_cards, orders
from giftweb.blueprints.api.operations import blueprint

__all__ = ["blueprint", "checkouts", "docs_page", "documents", "events", "gift_cards", "orders"]
