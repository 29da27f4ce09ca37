"""Orders with money or gift cards on their way: nobody is erased unasked meanwhile (D18, D21)."""

from collections.abc import Iterator
from typing import NamedTuple

from peewee import Expression, ModelSelect

from giftweb import clock
from giftweb.database.listings import literal
from giftweb.domain.payments.refund_values import CLAIMED, FAILED, REQUESTED
from giftweb.domain.privacy.people import Person
from giftweb.errors import Refused
from giftweb.language import LazyText, lazy_gettext
from giftweb.models import CardReview, GiftCard, Order, OrderItem, Payment, Refund

AWAITED = lazy_gettext(
    "A payment of order {number} is still awaited, and what it pays for goes to this person. Record"
    " that it has come, or cancel it, first."
)
NOT_RETURNED = lazy_gettext(
    "A refund of order {number} has not reached this person yet. Send it, or record what has become"
    " of it, first."
)
IN_REVIEW = lazy_gettext(
    "Gift cards of order {number}, which this person has bought, wait for a review. Release or"
    " refuse them first."
)
SCHEDULED = lazy_gettext(
    "A gift card of order {number}, which this person has bought, waits for its day. Send it now,"
    " or wait until it is sent."
)


class OrderOpen(Refused):
    """An order of this person is not done yet."""

    code = "order_open"


class Kind(NamedTuple):
    """Why an order is not done, as a sentence with its {number}, and a query of such orders."""

    why: LazyText
    orders: ModelSelect


def require_none(person: Person) -> None:
    """Refuse while an order of the person is not done.

    Raises: OrderOpen.
    """
    theirs = Order.id.in_(person.of(Order))
    if person.customer_id is not None:
        theirs |= Order.customer == person.customer_id
    for kind in kinds(theirs, OrderItem.id.in_(person.of(OrderItem))):
        number = kind.orders.order_by(Order.number).limit(1).scalar()
        if number is not None:
            raise OrderOpen(str(kind.why).format(number=number))


def kinds(theirs: Expression, for_them: Expression) -> Iterator[Kind]:
    """What is not done of the live orders that are ``theirs``, or have a line ``for_them``."""
    orders = Order.select(Order.number).where(~Order.is_test)
    own = orders.where(theirs)
    awaited = Payment.state == literal("pending")
    yield Kind(AWAITED, own.join(Payment, on=Payment.order == Order.id).where(awaited))
    waiting = orders.join(Payment, on=Payment.order == Order.id).switch(Order)
    same = (OrderItem.order == Order.id) & (OrderItem.part == Payment.part)
    lines = waiting.join(OrderItem, on=same)
    yield Kind(AWAITED, lines.where(awaited, for_them, OrderItem.taken_off_at.is_null()))
    refunded = own.join(Refund, on=Refund.order == Order.id).join(Payment)
    yield Kind(NOT_RETURNED, refunded.where(_is_going_back()))
    is_alive = GiftCard.state.in_([literal("open"), literal("frozen")])
    reviewed = own.join(CardReview, on=CardReview.order == Order.id).join(GiftCard)
    yield Kind(IN_REVIEW, reviewed.where(is_alive, CardReview.decision.is_null()))
    bought = own.join(GiftCard, on=GiftCard.order_id == Order.id)
    is_unsent = GiftCard.delivered_at.is_null() & (GiftCard.deliver_at > clock.now())
    yield Kind(SCHEDULED, bought.where(is_alive, is_unsent))


def _is_going_back() -> Expression:
    """A refund that is under way, or has failed and was not made good."""
    gone = Payment.refunded_minor + Payment.charged_back_minor + Refund.amount_minor
    has_failed = (Refund.status == literal(FAILED)) & (gone <= Payment.amount_minor)
    return Refund.status.in_([literal(CLAIMED), literal(REQUESTED)]) | has_failed
