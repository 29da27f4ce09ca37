"""The orders that a campaign sold, as its shop's program finds them (API.md 3)."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from giftweb import database
from giftweb.domain import cards, notes, payments
from giftweb.domain.orders import values
from giftweb.domain.orders.values import Order, OrderSheet
from giftweb.domain.payments.payments import Payment
from giftweb.domain.payments.refund_values import Refund


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
    return Page(tuple(_sheets(found[: query.limit])), len(found) > query.limit)


def _sheets(orders: Sequence[Order]) -> Iterator[OrderSheet]:
    """The orders with their parts: four queries, however many orders there are."""
    order_ids = [order.id for order in orders]
    lines, paid, noted = (_by_order(text, order_ids) for text in (_LINES, _PAYMENTS, _NOTES))
    issued = defaultdict(list)
    for card in cards.select(_within("g.order_id", order_ids) + " ORDER BY g.id", *order_ids):
        issued[card.order_id].append(card)
    for order in orders:
        yield values.gathered(
            order,
            lines=[values.line_from(row, order) for row in lines[order.id]],
            paid=[payments.from_row(row) for row in paid[order.id]],
            cards=issued[order.id],
            noted=[notes.from_row(row) for row in noted[order.id]],
        )


_LINES = (
    f"SELECT {values.LINE_COLUMNS}, i.order_id {values.LINE_FROM}",
    "i.order_id",
    "i.position",
)
_PAYMENTS = (f"SELECT {payments.COLUMNS}, p.order_id {payments.FROM}", "p.order_id", "p.id")
_NOTES = (f"SELECT {notes.COLUMNS}, n.subject {notes.FROM}", "n.subject", "n.id")
"""What is read of an order's part with the order's id at the end; that id's column; their order."""


def _by_order(about: tuple[str, str, str], order_ids: Sequence[str]) -> dict[str, list[tuple]]:
    text, column, sorting = about
    found = defaultdict(list)
    for row in database.rows(f"{text} {_within(column, order_ids)} ORDER BY {sorting}", *order_ids):
        found[row[-1]].append(row[:-1])
    return found


def _within(column: str, order_ids: Sequence[str]) -> str:
    return f"WHERE {column} IN ({database.marks(order_ids)})"


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
