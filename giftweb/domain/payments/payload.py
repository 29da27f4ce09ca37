"""A payment and a refund as other programs see them (docs/api.md)."""

from giftweb.domain import payload_fields
from giftweb.domain.payload_fields import Payload, Worth
from giftweb.domain.payments.refund_values import FAILED, REQUESTED, SUCCEEDED
from giftweb.tables.orders import METHODS

STATUSES = ("pending", "captured", "partly_refunded", "refunded", "charged_back", "cancelled")


class Payment(Payload):
    """What one tender paid."""

    id = payload_fields.identity("pay")
    method = payload_fields.word(METHODS)
    amount = payload_fields.minor(of="amount_minor")
    captured = payload_fields.minor(of="captured_minor")
    refunded = payload_fields.minor(of="refunded_minor")
    status = payload_fields.word(STATUSES)
    reference = payload_fields.text()
    gift_card_id = payload_fields.identity("gc", required=False)
    currency = payload_fields.currency()
    card_amount = payload_fields.one(
        Worth, "Of a card in another currency.", required=False, of="foreign_amount"
    )
    rate = payload_fields.text(
        "The rate between the two.",
        required=False,
        of=lambda payment: payment.rate if payment.foreign_amount else None,
    )


class Refund(Payload):
    """Money that goes back."""

    id = payload_fields.identity("ref")
    payment_id = payload_fields.identity("pay")
    order_id = payload_fields.identity("ord")
    amount = payload_fields.minor(of="amount_minor")
    currency = payload_fields.currency()
    status = payload_fields.word(
        (SUCCEEDED, REQUESTED, FAILED), "`requested`: the shop is asked to return the money."
    )
    gift_card_id = payload_fields.identity("gc", "The card that got it.", required=False)
    reason = payload_fields.text(nullable=True)
    created_at = payload_fields.instant()
