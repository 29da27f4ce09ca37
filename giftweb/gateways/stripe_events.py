"""What Stripe reports by itself, in events that it signs.

An event is believed for what it is about, not for what it says of a payment: that is asked for.
"""

import json
from typing import Any

from stripe import SignatureVerificationError, WebhookSignature

from giftweb.domain.payments.providers import (
    DISPUTE,
    DISPUTE_WON,
    INQUIRY,
    PAYMENT,
    REFUND,
    Notice,
)
from giftweb.errors import Invalid, NotAllowed
from giftweb.money import Money

TOLERANCE_SECONDS = 300

_PAYMENTS = ("succeeded", "payment_failed", "canceled", "processing", "amount_capturable_updated")
KINDS = {
    **{f"payment_intent.{what}": PAYMENT for what in _PAYMENTS},
    "charge.failed": PAYMENT,
    "charge.refunded": REFUND,
    "charge.refund.updated": REFUND,
    "refund.created": REFUND,
    "refund.updated": REFUND,
    "refund.failed": REFUND,
    "charge.dispute.created": DISPUTE,
    "charge.dispute.funds_withdrawn": DISPUTE,
    "charge.dispute.funds_reinstated": DISPUTE_WON,
}
"""Type of an event -> what it is about; others are none of our business."""


def read(body: bytes, signature: str, secret: str) -> Notice | None:
    """The content of a signed event; None for one that concerns nothing of ours.

    Raises: NotAllowed when it was not signed with the secret, or too long ago; Invalid when it has
    not the form of an event.
    """
    try:
        WebhookSignature.verify_header(body, signature, secret, tolerance=TOLERANCE_SECONDS)
        event = json.loads(body)
    except (SignatureVerificationError, ValueError):
        raise NotAllowed("This is no event that Stripe has signed for us.") from None
    try:
        return _notice(event)
    except (AttributeError, KeyError, OverflowError, TypeError, ValueError):
        raise Invalid("This is no event as Stripe sends them.") from None


def _notice(event: Any) -> Notice | None:
    kind, found = KINDS.get(event["type"]), event["data"]["object"]
    reference = found["id"] if found["object"] == "payment_intent" else found.get("payment_intent")
    if kind is None or not reference:
        return None
    minor = int(found.get("amount") or 0)
    if minor < 0 or not isinstance(reference, str) or not isinstance(found["id"], str):
        raise ValueError
    if kind == DISPUTE and _is_inquiry(event["type"], found):
        kind = INQUIRY
    amount = Money(minor, str(found.get("currency") or "usd").upper())
    return Notice(kind=kind, reference=reference, subject=found["id"], amount=amount)


def _is_inquiry(type: str, dispute: dict[str, Any]) -> bool:
    """The bank only asks; no money has left."""
    return type == "charge.dispute.created" and str(dispute.get("status", "")).startswith("warning")
