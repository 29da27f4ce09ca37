"""The words on the screen for what is stored as a word: statuses, types, roles."""

from collections.abc import Iterable

from giftweb.domain.limits import verbs
from giftweb.language import LazyText, lazy_gettext

STATUSES: dict[str, tuple[LazyText, str]] = {
    # Gift cards (D12)
    "active": (lazy_gettext("Active"), "good"),
    "used_up": (lazy_gettext("Used up"), "quiet"),
    "frozen": (lazy_gettext("Frozen"), "careful"),
    "expired": (lazy_gettext("Expired"), "quiet"),
    "cancelled": (lazy_gettext("Cancelled"), "quiet"),
    "replaced": (lazy_gettext("Replaced"), "quiet"),
    "inactive": (lazy_gettext("Not activated"), "quiet"),
    "ending": (lazy_gettext("Ends in 30 days"), "careful"),
    # Orders and their fulfilment
    "placed": (lazy_gettext("Placed"), "info"),
    "completed": (lazy_gettext("Completed"), "good"),
    "shipping_denied": (lazy_gettext("Shipping Denied"), "bad"),
    "shipped": (lazy_gettext("Shipped"), "good"),
    "pending": (lazy_gettext("Not shipped"), "careful"),
    "not_needed": (lazy_gettext("Nothing to ship"), "quiet"),
    "awaited": (lazy_gettext("Waiting for payment"), "careful"),
    "paid": (lazy_gettext("Paid"), "good"),
    # Payments and refunds
    "authorised": (lazy_gettext("Authorised"), "info"),
    "captured": (lazy_gettext("Captured"), "good"),
    "voided": (lazy_gettext("Voided"), "quiet"),
    "partly_refunded": (lazy_gettext("Partly refunded"), "careful"),
    "refunded": (lazy_gettext("Refunded"), "quiet"),
    "charged_back": (lazy_gettext("Charged back"), "bad"),
    "succeeded": (lazy_gettext("Succeeded"), "good"),
    "requested": (lazy_gettext("Requested"), "careful"),
    "failed": (lazy_gettext("Failed"), "bad"),
    # Checkouts, holds, mails, webhooks, people
    "open": (lazy_gettext("Open"), "info"),
    "held": (lazy_gettext("Held"), "info"),
    "released": (lazy_gettext("Released"), "quiet"),
    "lapsed": (lazy_gettext("Lapsed"), "quiet"),
    "waiting": (lazy_gettext("Waiting"), "careful"),
    "sending": (lazy_gettext("Sending"), "info"),
    "unclear": (lazy_gettext("May have been sent"), "careful"),
    "scheduled": (lazy_gettext("Scheduled"), "info"),
    "withdrawn": (lazy_gettext("Withdrawn"), "quiet"),
    # Files of gift cards
    "import_uploading": (lazy_gettext("Being uploaded"), "quiet"),
    "import_uploaded": (lazy_gettext("To be checked"), "info"),
    "import_checking": (lazy_gettext("Being checked"), "info"),
    "import_checked": (lazy_gettext("Checked"), "careful"),
    "import_refused": (lazy_gettext("Refused"), "bad"),
    "import_waiting": (lazy_gettext("Waiting"), "info"),
    "import_writing": (lazy_gettext("Being imported"), "info"),
    "import_done": (lazy_gettext("Imported"), "good"),
    "import_failed": (lazy_gettext("Failed"), "bad"),
    "import_discarded": (lazy_gettext("Forgotten"), "quiet"),
    "sent": (lazy_gettext("Sent"), "good"),
    "delivered": (lazy_gettext("Delivered"), "good"),
    "kept": (lazy_gettext("Kept here"), "info"),
    "approved": (lazy_gettext("Approved"), "good"),
    "declined": (lazy_gettext("Declined"), "bad"),
    "rejected": (lazy_gettext("Rejected"), "bad"),
    "disabled": (lazy_gettext("Switched off"), "quiet"),
}
"""Stored word -> (word on the screen, tone of its badge)."""

LABELS: dict[str, LazyText] = {
    # What a column of a file of gift cards holds
    "amount": lazy_gettext("Amount"),
    "balance": lazy_gettext("Balance"),
    "currency": lazy_gettext("Currency"),
    "code": lazy_gettext("Code"),
    "status": lazy_gettext("Status"),
    "holder_email": lazy_gettext("Holder Email"),
    "holder_name": lazy_gettext("Holder Name"),
    "expires_on": lazy_gettext("Expires on"),
    "note": lazy_gettext("Note"),
    "message": lazy_gettext("Message"),
    "source": lazy_gettext("Source"),
    "campaign_id": lazy_gettext("Campaign id"),
    "bound_to_holder": lazy_gettext("Bound"),
    "tags": lazy_gettext("Tags"),
    "pin": lazy_gettext("PIN"),
    # What a line in a card's history is (D11)
    "top_up": lazy_gettext("Recharged"),
    "recharged": lazy_gettext("Recharged"),
    "purchase": lazy_gettext("Purchase"),
    "issue": lazy_gettext("Issued"),
    # What moved money (docs/ledger.md)
    "capture": lazy_gettext("Redeemed"),
    "cancel": lazy_gettext("Cancelled"),
    "claw_back": lazy_gettext("Clawed back"),
    "expire": lazy_gettext("Expired"),
    "adjust": lazy_gettext("Adjusted"),
    "replace": lazy_gettext("Replaced"),
    "cash_out": lazy_gettext("Cashed out"),
    # The accounts of the journal that are no source of money
    "gift_cards": lazy_gettext("Gift cards"),
    "breakage": lazy_gettext("Breakage"),
    "single_purpose_cards": lazy_gettext("Single-purpose cards"),
    "tax_paid_ahead": lazy_gettext("Tax paid ahead"),
    "tax_due": lazy_gettext("Tax due"),
    # Files for the accountant
    "journal": lazy_gettext("Journal"),
    "datev": lazy_gettext("DATEV"),
    "ledger": lazy_gettext("General ledger"),
    # How an order was paid
    "gift_card": lazy_gettext("Gift card"),
    "credit_card": lazy_gettext("Credit card"),
    "paypal": lazy_gettext("PayPal"),
    "bank_transfer": lazy_gettext("Bank transfer"),
    # Where its money comes from (D29)
    "sales": lazy_gettext("Sold"),
    "goodwill": lazy_gettext("Given"),
    "promotions": lazy_gettext("Given to promote sales"),
    "imports": lazy_gettext("Imported"),
    "adjustments": lazy_gettext("Added by corrections"),
    # Whose money it is
    "live": lazy_gettext("Live"),
    "test": lazy_gettext("Test"),
    # Where a card comes from
    "api": lazy_gettext("API"),
    "cli": lazy_gettext("Command line"),
    "staff": lazy_gettext("Staff"),
    # Who acts
    "customer_service": lazy_gettext("Customer Service"),
    "customer_service_admin": lazy_gettext("Customer Service Admin"),
    "root": lazy_gettext("Root"),
    # Whose limits there are besides those of roles
    "api_key": lazy_gettext("API key"),
    "bonus": lazy_gettext("Bonus"),
    # Whatever else is stored as a word
    "cash": lazy_gettext("Cash"),
    "offline": lazy_gettext("Offline"),
    "other": lazy_gettext("Other"),
    "stripe": lazy_gettext("Stripe"),
    "shop": lazy_gettext("Shop"),
    "order": lazy_gettext("Order"),
    "campaign": lazy_gettext("Campaign"),
    "import": lazy_gettext("Import"),
    "replacement": lazy_gettext("Replacement"),
    "refund": lazy_gettext("Refund"),
    "stock": lazy_gettext("Stock"),
    "merge": lazy_gettext("Merge"),
    "replacements": lazy_gettext("Replacements"),
    "redemptions": lazy_gettext("Redemptions"),
    "virtual": lazy_gettext("Virtual"),
    "physical": lazy_gettext("Physical"),
    "combined": lazy_gettext("Combined"),
    "marketing": lazy_gettext("Marketing"),
    "finance": lazy_gettext("Finance"),
    "cashier": lazy_gettext("Cashier"),
    "adjusted": lazy_gettext("Adjusted"),
    "issued": lazy_gettext("Issued"),
    "account_notice": lazy_gettext("Account notice"),
    "bonus_issued": lazy_gettext("Bonus issued"),
    "card_expiring": lazy_gettext("Card expiring"),
    "card_issued": lazy_gettext("Card issued"),
    "card_recharged": lazy_gettext("Card recharged"),
    "card_replaced": lazy_gettext("Card replaced"),
    "card_resent": lazy_gettext("Card resent"),
    "card_unused": lazy_gettext("Card unused"),
    "cards_purchased": lazy_gettext("Cards purchased"),
    "gift_sent": lazy_gettext("Gift sent"),
    "holder_changed": lazy_gettext("Holder changed"),
    "house_notice": lazy_gettext("House notice"),
    "order_cancelled": lazy_gettext("Order cancelled"),
    "order_confirmation": lazy_gettext("Order confirmation"),
    "order_moved": lazy_gettext("Order moved"),
    "order_upsell": lazy_gettext("Order upsell"),
    "payment_received": lazy_gettext("Payment received"),
    "payment_reminder": lazy_gettext("Payment reminder"),
    "sign_in_link": lazy_gettext("Sign in link"),
    "staff_changed": lazy_gettext("Staff changed"),
    "staff_invitation": lazy_gettext("Staff invitation"),
    "staff_reset": lazy_gettext("Staff reset"),
    "claimed": lazy_gettext("Claimed"),
}
"""Stored words and the words on the screen."""


APPROVALS = {
    verbs.ISSUE: lazy_gettext("New gift card"),
    verbs.TOP_UP: lazy_gettext("Recharge"),
    verbs.ADJUST: lazy_gettext("Adjustment"),
    verbs.ORDER_CARD: lazy_gettext("Gift card on an order"),
    verbs.RECEIVE: lazy_gettext("Payment received"),
    verbs.REPLACE: lazy_gettext("Replacement card"),
    verbs.CORRECT: lazy_gettext("Another address for a card"),
    verbs.REFUND_AS_CARD: lazy_gettext("Refund as a gift card"),
    verbs.REFUND_BY_HAND: lazy_gettext("Refund by hand"),
    verbs.REVEAL: lazy_gettext("Code of a gift card to be shown"),
    verbs.RESET: lazy_gettext("Reset of an account"),
    verbs.KEY: lazy_gettext("Live API key"),
    verbs.CAMPAIGN: lazy_gettext("Where a campaign's money goes"),
    verbs.WEBHOOK: lazy_gettext("Webhook endpoint"),
    verbs.IMPORT: lazy_gettext("Import of gift cards"),
    verbs.COUNTER_SALE: lazy_gettext("Sale at the counter"),
    verbs.COUNTER_RECHARGE: lazy_gettext("Recharge at the counter"),
    verbs.COUNTER_ACTIVATION: lazy_gettext("Activation at the counter"),
    verbs.COUNTER_RETURN: lazy_gettext("Given back at the counter"),
    verbs.RATES: lazy_gettext("Currency rates"),
}
"""What another person is asked to approve."""


def status_label(status: str) -> str:
    """The word on the screen for a stored status: ``used_up`` is ``Used up``."""
    return str(STATUSES[status][0]) if status in STATUSES else type_label(status)


def status_tone(status: str) -> str:
    """The tone of a status' badge: good, careful, bad, info, quiet or plain."""
    return STATUSES[status][1] if status in STATUSES else "plain"


def type_label(word: str) -> str:
    """The word on the screen for a stored type, method, origin or role."""
    return str(LABELS.get(word) or word.replace("_", " ").capitalize())


def options(words: Iterable[str]) -> list[tuple[str, str]]:
    """(value, label) pairs for a select of statuses, types or roles."""
    return [(word, status_label(word)) for word in words]
