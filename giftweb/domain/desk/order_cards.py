"""Gift cards that staff issue on an order, within its total (S1 to S8, S44, S45, D14, I23)."""

from dataclasses import dataclass
from datetime import date

from giftweb import models
from giftweb.database import transactional
from giftweb.domain import audit, cards, limits, notes, orders, payments
from giftweb.domain.audit.log import Actor
from giftweb.domain.cards.new_card import NewCard
from giftweb.domain.cards.values import Card
from giftweb.domain.limits import Request
from giftweb.domain.orders.values import Order
from giftweb.errors import Invalid, OrderTotalExceeded
from giftweb.language import gettext
from giftweb.money import Money

MAY_EXCEED = frozenset({"customer_service_admin", "root"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Room:
    """The arithmetic of S8: what the order's total still leaves for cards."""

    total: Money
    refunded: Money
    issued: Money
    new: Money

    @property
    def left(self) -> Money:
        """What is left once the new card is issued; below zero when it exceeds."""
        return self.total - self.refunded - self.issued - self.new

    @property
    def exceeds(self) -> bool:
        """Whether refunds plus gift cards would exceed the order's total."""
        return self.left.minor < 0


def room(order: Order, *, new: Money) -> Room:
    """What the order's total leaves with a new card of this amount.

    Only live cards that staff issued on it count: not bonus, bought or refund cards (I23). A card
    counts once with all that replaced it, and no more when the last of them is cancelled.
    """
    refunded = sum(payment.refunded_minor for payment in payments.of_order(order.id))
    found = models.OrderIssue.select().where(models.OrderIssue.order == order.id)
    issued = sum(each.new_minor for each in found if not _is_withdrawn(each.card_id))
    return Room(
        total=order.total,
        refunded=Money(refunded, order.currency),
        issued=Money(issued, order.currency),
        new=new,
    )


def _is_withdrawn(card_id: str) -> bool:
    return cards.current_replacement(cards.find(card_id)).state == cards.CANCELLED


def require_room(
    order: Order, *, amount: Money, by: Actor, reason: str, may_exceed: bool = False
) -> Room:
    """The arithmetic of a card that may be issued.

    Raises: OrderTotalExceeded, Invalid (amount, reason).
    """
    if not reason.strip():
        raise Invalid(gettext("Say why the card is given."), field="reason")
    if amount.currency != order.currency:
        raise Invalid(
            gettext("This order is in {currency}.", currency=order.currency), field="amount"
        )
    arithmetic = room(order, new=amount)
    if arithmetic.exceeds and not (may_exceed and by.role in MAY_EXCEED):
        raise OrderTotalExceeded(
            excess=-arithmetic.left,
            room=arithmetic,
            may_proceed=by.role in MAY_EXCEED,
            field="amount",
        )
    return arithmetic


@transactional
def issue(
    order_id: str,
    *,
    amount: Money,
    by: Actor,
    reason: str,
    email: str | None = None,
    expires_on: date | None = None,
    may_exceed: bool = False,
) -> Card:
    """Issue a card on the order and mail it to its customer; with a system note (S3, S5).

    ``may_exceed``: the person saw the warning and chose **Proceed** (S6).

    Raises: OrderTotalExceeded for other roles, or before Proceed; Invalid (amount, reason,
    expires_on), NotAllowed (to one's own address, or a colleague's), LimitExceeded, NotFound.
    """
    order = orders.lock(order_id)
    arithmetic = require_room(order, amount=amount, by=by, reason=reason, may_exceed=may_exceed)
    new = NewCard(
        amount=amount,
        holder_email=email or order.customer_email,
        holder_name=order.customer_name,
        holder_locale=order.customer_locale,
        is_test=order.is_test,
        origin="order",
        campaign_id=order.campaign_id,
        expires_on=expires_on,
        order_id=order_id,
    )
    with limits.requested(lambda: _request(new, reason=reason, may_exceed=may_exceed)):
        card = cards.issue(new, by=by, reason=reason).card
    _record(order, card, arithmetic, by=by, reason=reason)
    return card


def _request(new: NewCard, *, reason: str, may_exceed: bool) -> Request:
    day = new.expires_on.isoformat() if new.expires_on else None
    return Request(
        verb=limits.verbs.ORDER_CARD,
        subject=str(new.order_id),
        amount=new.amount,
        reason=reason,
        arguments={"email": new.holder_email, "expires_on": day, "may_exceed": may_exceed},
    )


def _record(order: Order, card: Card, arithmetic: Room, *, by: Actor, reason: str) -> None:
    audit.seals.insert(
        models.OrderIssue,
        card_id=card.id,
        order_id=order.id,
        total_minor=arithmetic.total.minor,
        refunded_minor=arithmetic.refunded.minor,
        issued_minor=arithmetic.issued.minor,
        new_minor=arithmetic.new.minor,
        exceeded_by_id=by.id if arithmetic.exceeds else None,
        reason=reason,
    )
    over = f" It exceeds the order's total by {-arithmetic.left}." if arithmetic.exceeds else ""
    notes.add(
        order.id,
        f"Gift card •••• {card.last4} of {card.initial} was issued by {by.name}: {reason}.{over}",
    )
    orders.queue_event("order.updated", order)
