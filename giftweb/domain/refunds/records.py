"""What a refund leaves behind: its row, a note, a mail, the events (I29)."""

from giftweb import clock, models
from giftweb.domain import audit, notes, outbox, payments
from giftweb.domain.orders.values import Order
from giftweb.domain.payments.payments import Payment
from giftweb.domain.payments.refund_values import CLAIMED, REQUESTED, SUCCEEDED, Refund


def insert(refund: Refund) -> None:
    """Write the row of a new refund."""
    is_settled = refund.stored_status == SUCCEEDED
    audit.seals.insert(
        models.Refund,
        refund,
        status=refund.stored_status,
        settled_at=clock.now() if is_settled else None,
    )


def announce(order: Order, payment: Payment, refund: Refund) -> None:
    """Announce a new refund: a note, a mail to the customer, events for the shop."""
    notes.add(order.id, _NOTES[refund.stored_status].format(refund.amount, _payer(payment)))
    outbox.mail(
        "refund",
        to=order.customer_email,
        card_id=refund.gift_card_id,
        order_id=order.id,
        data={"refund": refund.id, "amount": refund.amount.minor, "method": payment.method},
        is_test=order.is_test,
    )
    _event("refund.created", order, refund)
    if refund.stored_status == REQUESTED:
        _event("refund.requested", order, refund)


_NOTES = {
    SUCCEEDED: "{} paid by {} was refunded.",
    CLAIMED: "The provider is asked to return {} paid by {}.",
    REQUESTED: "The shop is asked to return {} paid by {}.",
}


def _payer(payment: Payment) -> str:
    if payment.is_gift_card:
        return f"gift card •••• {payment.gift_card_last4}"
    return payment.method.replace("_", " ")


def note_result(
    order: Order, payment: Payment, refund: Refund, *, problem: str | None = None
) -> None:
    """Note the result of a refund that a provider or the shop has made; ``problem``: it failed."""
    if problem:
        notes.add(order.id, f"The refund of {refund.amount} failed: {problem}.")
    else:
        notes.add(order.id, f"{refund.amount} paid by {_payer(payment)} was returned.")


def _event(type: str, order: Order, refund: Refund) -> None:
    outbox.event(
        type,
        subject=refund.id,
        campaign_id=order.campaign_id,
        is_test=order.is_test,
        payload=payments.payload.Refund.of(refund),
    )
