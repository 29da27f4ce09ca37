"""The pages and the API, one blueprint a subject. They do not import each other.

A view parses, calls a verb and renders. Door: the tuple ``BLUEPRINTS``.
"""

BLUEPRINTS: tuple[str, ...] = (
    "public",
    "health",
    "widget",
    "account",
    "account_data",
    "account_merging",
    "notices",
    "pictures",
    "reminders",
    "wallets",
    "store.browse",
    "store.team",
    "store.checkout",
    "store.thanks",
    "api",
    "auth",
    "staff.home",
    "staff.finding",
    "staff.own_account",
    "staff.gift_cards",
    "staff.new_gift_card",
    "staff.card_actions",
    "staff.bulk",
    "staff.card_merging",
    "staff.customers",
    "staff.customer_data",
    "staff.imports",
    "staff.stock",
    "staff.retention",
    "staff.approvals",
    "staff.limits",
    "staff.campaign_logo",
    "staff.campaigns",
    "staff.orders",
    "staff.order_payments",
    "staff.order_cards",
    "staff.order_reviews",
    "staff.packing",
    "staff.counter",
    "staff.shipments",
    "staff.awaited_payments",
    "staff.people",
    "staff.products",
    "staff.product_pictures",
    "staff.reports",
    "staff.statements",
    "staff.books",
    "staff.rates",
    "staff.audit",
    "staff.outbox",
    "staff.webhooks",
)
"""Module names under giftweb.blueprints; each has an attribute ``blueprint``."""

WITHOUT_CSRF: frozenset[str] = frozenset(
    {"public", "widget", "api", "notices", "reminders", "wallets"}
)
"""Those that prove their caller otherwise: a key, a cart's token, a signature, the Origin."""
