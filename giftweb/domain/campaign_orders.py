"""The orders that a campaign sold, as its shop's program finds them (API.md 3)."""

from dataclasses import dataclass
from typing import Any

from giftweb.domain import order_values as values
from giftweb.domain import payments, refund_values
from giftweb.domain.order_values import Order, OrderSheet
from giftweb.domain.payments import Payment
from giftweb.domain.refund_values import Refund


@dataclass(frozen=True, slots=True, kw_only=True)
class Query:
    """What is asked for; None is no condition. ``after`` is the last id of the page before."""

    reference: str | None = None
    email: str | None = None
    after: str | None = None
    limit: int = 20


@dataclass(frozen=True, slots=True)
class Page:
    """Orders, newest first, and whether there are more."""

    orders: tuple[OrderSheet, ...]
    has_more: bool


def find_page(query: Query, *, campaign_id: str, is_test: bool) -> Page:
    """The campaign's orders of one mode that fit."""
    where, params = "o.campaign_id = ? AND o.is_test = ?", [campaign_id, is_test]
    for condition, value in (
        ("o.reference = ?", query.reference),
        ("o.customer_email = ?", query.email and query.email.lower()),
        ("o.number < (SELECT p.number FROM orders p WHERE p.id = ?)", query.after),
    ):
        if value is not None:
            where += f" AND {condition}"
            params.append(value)
    found = values.select(f"WHERE {where} ORDER BY o.number DESC LIMIT ?", *params, query.limit + 1)
    return Page(
        tuple(values.sheet(order) for order in found[: query.limit]), len(found) > query.limit
    )


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
    refund = refund_values.find(refund_id)
    values.find(refund.order_id, **owner)
    return refund
