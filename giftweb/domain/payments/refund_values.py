"""A refund as it is read."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from giftweb import clock, database
from giftweb.domain import json_values
from giftweb.errors import NotFound
from giftweb.money import Money

CLAIMED, SUCCEEDED, REQUESTED, FAILED = "claimed", "succeeded", "requested", "failed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Refund:
    """Money given back, or on its way. ``claimed``: its provider is being asked."""

    id: str
    payment_id: str
    order_id: str
    amount: Money
    stored_status: str
    reason: str | None
    gift_card_id: str | None
    transfer_id: str | None
    reference: str | None
    failure: str | None
    created_at: datetime

    @property
    def status(self) -> str:
        """succeeded, requested or failed."""
        return REQUESTED if self.stored_status == CLAIMED else self.stored_status

    def to_object(self) -> dict[str, Any]:
        """The ``refund`` object of API.md 3."""
        shown = {
            "id": self.id,
            "payment_id": self.payment_id,
            "order_id": self.order_id,
            "amount": self.amount.minor,
            "currency": self.amount.currency,
            "status": self.status,
            "reason": self.reason,
            "created_at": json_values.instant(self.created_at),
        }
        return shown | ({"gift_card_id": self.gift_card_id} if self.gift_card_id else {})


SELECT = (
    "SELECT id, payment_id, order_id, amount_minor, currency, status, reason, gift_card_id,"
    " transfer_id, reference, failure, created_at FROM refund"
)


def find(refund_id: str) -> Refund:
    """The refund with this id.

    Raises: NotFound.
    """
    found = database.row(f"{SELECT} WHERE id = ?", refund_id)
    if found is None:
        raise NotFound
    return from_row(found)


def of_order(order_id: str) -> list[Refund]:
    """All refunds of an order, oldest first."""
    found = database.rows(f"{SELECT} WHERE order_id = ? ORDER BY id", order_id)
    return [from_row(row) for row in found]


def of_payment(payment_id: str) -> list[Refund]:
    """All refunds of a payment, oldest first."""
    found = database.rows(f"{SELECT} WHERE payment_id = ? ORDER BY id", payment_id)
    return [from_row(row) for row in found]


def waiting(*, older_than: datetime, limit: int = 100) -> Sequence[str]:
    """Claimed refunds that nobody has carried out since then; for the worker."""
    found = database.rows(
        "SELECT id FROM refund WHERE status = 'claimed' AND created_at < ? ORDER BY id LIMIT ?",
        clock.to_micros(older_than),
        limit,
    )
    return [refund_id for (refund_id,) in found]


def from_row(row: tuple) -> Refund:
    """A row of SELECT as a Refund."""
    return Refund(
        id=row[0],
        payment_id=row[1],
        order_id=row[2],
        amount=Money(row[3], row[4]),
        stored_status=row[5],
        reason=row[6],
        gift_card_id=row[7],
        transfer_id=row[8],
        reference=row[9],
        failure=row[10],
        created_at=clock.from_micros(row[11]),
    )
