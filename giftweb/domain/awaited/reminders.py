"""A word in time: the day before the last day on which an order may be paid."""

from datetime import timedelta

from giftweb import clock, models
from giftweb.database import transactional
from giftweb.database.listings import literal
from giftweb.domain import orders
from giftweb.domain.awaited import records

AHEAD = timedelta(days=2)
"""How long before the end of the last day: from the beginning of the day before it."""


def due_to_remind(*, limit: int = 100) -> list[str]:
    """Awaited payments that end tomorrow and whose customer was not reminded; for the worker.

    One that was made on that day needs no reminder: the confirmation names the last day.
    """
    payment = models.Payment
    found = (
        payment.select(payment.id)
        .where(
            payment.state == literal("pending"),
            payment.pay_until > clock.now(),
            payment.pay_until <= clock.now() + AHEAD,
            payment.created_at < payment.pay_until - AHEAD // timedelta(microseconds=1),
            payment.reminded_at.is_null(),
        )
        .order_by(payment.pay_until, payment.id)
    )
    return [each.id for each in found.limit(limit)]


@transactional
def remind(payment_id: str) -> None:
    """Mail the customer once. The payment's lock keeps two workers from doing it twice."""
    order, payment = orders.lock_with_payment(payment_id)
    table = models.Payment
    reminded = table.update(reminded_at=clock.now()).where(
        table.id == payment_id, table.state == literal("pending"), table.reminded_at.is_null()
    )
    if reminded.execute():
        records.mail("payment_reminder", order, payment)
