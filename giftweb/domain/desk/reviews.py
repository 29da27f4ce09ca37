"""Bought gift cards that wait for a review, decided at the desk: **Release**, **Refuse** (B26)."""

from giftweb.database import transactional
from giftweb.domain import notes, orders
from giftweb.domain.audit.log import Actor
from giftweb.domain.cards.values import Card
from giftweb.domain.desk import card_withdrawal
from giftweb.domain.orders.reviews import REFUSED, NothingToReview
from giftweb.errors import Invalid
from giftweb.language import gettext


@transactional
def release(order_id: str, *, by: Actor, reason: str | None = None) -> list[Card]:
    """Send the gift cards of an order that wait for a review.

    Raises: NotFound, NothingToReview, Refused (a payment of it was charged back).
    """
    order = orders.lock(order_id)
    released = orders.reviews.release(order, by=by, reason=reason)
    orders.queue_event("order.updated", order)
    return released


@transactional
def refuse(order_id: str, *, by: Actor, reason: str) -> list[str]:
    """Withdraw the gift cards of an order that wait for a review; what was paid for them goes back.

    What ``refunds.send`` is to be called with, outside the transaction.

    Raises: NotFound, NothingToReview, Invalid (reason).
    """
    if not reason.strip():
        raise Invalid(gettext("Say why they are refused."), field="reason")
    order = orders.lock(order_id)
    found = orders.reviews.waiting(order_id)
    if not found:
        raise NothingToReview
    orders.reviews.decide(found, REFUSED, by=by, reason=reason)
    some = "One gift card was" if len(found) == 1 else f"{len(found)} gift cards were"
    notes.add(order.id, f"{some} refused after a review.", by=by, reason=reason)
    claimed = []
    for review in found:
        claimed += card_withdrawal.withdraw(review.card_id, by=by, reason=reason).claimed
    return claimed
