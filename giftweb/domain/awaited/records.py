"""What the end of an awaited payment leaves behind: its state, a note, a mail, an event."""

from typing import Any

from giftweb import clock, models
from giftweb.domain import audit, notes, outbox, payments
from giftweb.domain.audit.log import SYSTEM, Actor
from giftweb.domain.orders.values import Order
from giftweb.domain.payments.payments import Payment
from giftweb.errors import PaymentNotAwaited
from giftweb.language import lazy_gettext

UNANSWERED = lazy_gettext(
    "The provider has not answered yet whether this payment has come. Try "
    "again when it has: what has come can be refunded."
)


def require_awaited(payment: Payment, *, by: Actor) -> None:
    """Refuse any payment but one that is awaited; a provider's answer alone ends that one's wait.

    Raises: PaymentNotAwaited.
    """
    if not payment.is_awaited:
        raise PaymentNotAwaited
    if payment.is_awaited_at_provider and by != SYSTEM:
        raise PaymentNotAwaited(UNANSWERED)


def close(
    order: Order, payment: Payment, state: str, *, by: Actor, reason: str | None = None, **more: Any
) -> None:
    """Write what has become of an awaited payment, and who said so."""
    action = "payment.received" if state == payments.CAPTURED else "payment.cancelled"
    audit.record(
        by=by,
        action=action,
        subject=payment.id,
        reason=reason,
        data={"amount": payment.amount_minor, "currency": payment.currency, "order": order.id},
        is_test=order.is_test,
    )
    audit.seals.change(models.Payment, payment.id, state=state, settled_at=clock.micros(), **more)
    audit.checkpoints_of_orders.count_again(order.id)
    outcome = "has come" if state == payments.CAPTURED else "was not received"
    recorded = ", recorded" if by.kind == "staff" else ""
    text = f"{payment.amount} by {_method(payment)} {outcome}{recorded}"
    notes.add(order.id, text, by=by, reason=reason)


def _method(payment: Payment) -> str:
    return payment.method.replace("_", " ")


def queue_event(type: str, order: Order, payment: Payment) -> None:
    """Queue an event with the payment as it is now."""
    outbox.event(
        type,
        subject=payment.id,
        campaign_id=order.campaign_id,
        is_test=order.is_test,
        payload=payments.payload.Payment.of(payments.find(payment.id)),
    )


def mail(kind: str, order: Order, payment: Payment, **more: Any) -> None:
    """Queue a mail about the payment to the order's customer."""
    outbox.mail(
        kind,
        to=order.customer_email,
        order_id=order.id,
        data={"payment": payment.id, "amount": payment.amount_minor} | more,
        is_test=order.is_test,
    )
