"""A line of a placed order counts no more: what is written when it is taken off."""

from collections.abc import Iterable

from giftweb import clock, models
from giftweb.domain import audit
from giftweb.domain.audit.log import Actor
from giftweb.domain.orders.line import Line
from giftweb.domain.orders.values import Order


def take_off(order: Order, lines: Iterable[Line], *, by: Actor, reason: str | None) -> None:
    """Mark these lines of a locked order as taken off, with who did it and why."""
    for line in lines:
        audit.record(
            by=by,
            action="order.line_taken_off",
            subject=line.id,
            reason=reason,
            data={"order": order.id, "amount": line.share_minor, "currency": order.currency},
            is_test=order.is_test,
        )
        audit.seals.change(models.OrderItem, line.id, taken_off_at=clock.now())
