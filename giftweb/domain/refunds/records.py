"""What a refund leaves behind: its row, a note, a mail, the events (I29)."""

from giftweb import clock, models
from giftweb.domain import audit, cards, notes, orders, outbox, payments
from giftweb.domain.audit.log import Actor
from giftweb.domain.orders.values import Order
from giftweb.domain.payments.payments import Payment
from giftweb.domain.payments.refund_values import CLAIMED, REQUESTED, SUCCEEDED, Refund


def insert(refund: Refund) -> None:
    """Write the row of a new refund."""
    has_succeeded = refund.stored_status == SUCCEEDED
    audit.seals.insert(
        models.Refund,
        refund,
        status=refund.stored_status,
        settled_at=clock.now() if has_succeeded else None,
    )


def change_counters(payment: Payment, **amounts: int) -> None:
    """Add to the payment's counters, or take away from them; its seal does not cover them."""
    columns = models.Payment._meta.fields
    changed = {name: columns[name] + amount for name, amount in amounts.items()}
    models.Payment.update(changed).where(models.Payment.id == payment.id).execute()
    audit.checkpoints_of_orders.count_again(payment.order_id)


def announce(order: Order, payment: Payment, refund: Refund, *, by: Actor) -> None:
    """Announce a new refund: a note, a mail to the customer, events for the shop.

    The customer is mailed about money that a person still has to send when it was sent.
    """
    is_requested = refund.stored_status == REQUESTED
    is_to_be_sent = is_requested and payment.is_returned_by_hand
    note = _TO_BE_SENT if is_to_be_sent else _NOTES[refund.stored_status]
    asked = ", as asked" if is_to_be_sent and by.kind == "staff" else ""
    text = note.format(refund.amount, _payer(payment)) + asked
    notes.add(order.id, text, by=by, reason=refund.reason)
    if not is_to_be_sent:
        _mail(order, payment, refund)
    _event("refund.created", order, refund)
    if is_requested and not is_to_be_sent:
        _event("refund.requested", order, refund)


def _mail(order: Order, payment: Payment, refund: Refund) -> None:
    outbox.mail(
        "refund",
        to=order.customer_email,
        card_id=refund.gift_card_id,
        order_id=order.id,
        data={"refund": refund.id, "amount": refund.amount.minor, "method": payment.method},
        is_test=order.is_test,
    )


_TO_BE_SENT = "{} paid by {} is to be sent back"
_NOTES = {
    SUCCEEDED: "{} paid by {} was refunded",
    CLAIMED: "The provider was asked to return {} paid by {}",
    REQUESTED: "The shop was asked to return {} paid by {}",
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
        failed = f"The refund of {refund.amount} failed: {problem.rstrip('.')}."
        notes.add(order.id, " ".join([failed, *what_stays(order)]))
        return
    notes.add(order.id, f"{refund.amount} paid by {_payer(payment)} was returned.")
    if payment.is_returned_by_hand:
        _mail(order, payment, refund)


def what_stays(order: Order) -> list[str]:
    """What was withdrawn for refunds of an order, and stays so when one of them fails (E11)."""
    gone = [card for card in orders.sheet(order).purchased if card.status == cards.CANCELLED]
    found = [f"Gift card •••• {card.last4} stays cancelled." for card in gone]
    if order.is_over:
        found.append(f"The order stays {_OVER[order.status]}.")
    return found


_OVER = {"cancelled": "cancelled", "shipping_denied": "Shipping Denied"}


def _event(type: str, order: Order, refund: Refund) -> None:
    outbox.event(
        type,
        subject=refund.id,
        campaign_id=order.campaign_id,
        is_test=order.is_test,
        payload=payments.payload.Refund.of(refund),
    )
