"""The orders that a campaign sold, as its shop's program finds them (docs/api.md)."""

from dataclasses import dataclass
from typing import Any

from giftweb import models
from giftweb.database.listings import Listing, Page
from giftweb.domain import payments
from giftweb.domain.orders import values
from giftweb.domain.orders.values import Order, OrderSheet
from giftweb.domain.payments.payments import Payment
from giftweb.domain.payments.refund_values import Refund


@dataclass(frozen=True, slots=True, kw_only=True)
class Query:
    """What is looked for; None is no condition. ``after`` is the last id of the page before."""

    reference: str | None = None
    email: str | None = None
    after: str | None = None
    limit: int = 20


LISTING: Listing[Order] = Listing(
    values.select,
    key=models.Order.id,
    sorts={"number": ()},
    default="-number",
    tie_break=models.Order.number,
)


def find_page(query: Query, *, campaign_id: str, is_test: bool) -> Page[OrderSheet]:
    """The campaign's orders of one mode that fit."""
    order = models.Order
    conditions = [order.campaign == campaign_id, order.is_test == is_test]
    if query.reference is not None:
        conditions.append(order.reference == query.reference)
    if query.email is not None:
        conditions.append(order.customer_email == query.email.lower())
    page = LISTING.uncounted(conditions, after=query.after, limit=query.limit)
    return Page(tuple(values.sheets(page.items)), page.after)


def find(order_id: str, **owner: Any) -> Order:
    """An order; ``owner`` is its campaign_id and is_test.

    Raises: NotFound.
    """
    return values.find(order_id, **owner)


def find_payment(payment_id: str, **owner: Any) -> Payment:
    """A payment of such an order.

    Raises: NotFound.
    """
    payment = payments.find(payment_id)
    values.find(payment.order_id, **owner)
    return payment


def find_refund(refund_id: str, **owner: Any) -> Refund:
    """A refund of such an order.

    Raises: NotFound.
    """
    refund = payments.refund_values.find(refund_id)
    values.find(refund.order_id, **owner)
    return refund
