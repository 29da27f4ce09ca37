"""A refund as it is read."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from peewee import ModelSelect

from giftweb import models
from giftweb.database import listings, records
from giftweb.database.listings import Listing, Page
from giftweb.errors import NotFound
from giftweb.money import Money

CLAIMED, SUCCEEDED, REQUESTED, FAILED = "claimed", "succeeded", "requested", "failed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Refund:
    """A refund of a payment. ``claimed``: the provider has not answered yet."""

    id: str
    payment_id: str
    order_id: str
    currency: str
    amount_minor: int
    stored_status: str
    reason: str | None
    gift_card_id: str | None
    transfer_id: str | None
    reference: str | None
    failure: str | None
    created_at: datetime
    settled_at: datetime | None

    @property
    def amount(self) -> Money:
        """What is refunded, in the order's currency."""
        return Money(self.amount_minor, self.currency)

    @property
    def is_claimed(self) -> bool:
        """Whether its provider is still to answer."""
        return self.stored_status == CLAIMED

    @property
    def status(self) -> str:
        """succeeded, requested or failed."""
        return REQUESTED if self.stored_status == CLAIMED else self.stored_status


def find(refund_id: str) -> Refund:
    """The refund with this id.

    Raises: NotFound.
    """
    if refund := _select(models.Refund.id == refund_id).first():
        return refund
    raise NotFound


def of_order(order_id: str) -> list[Refund]:
    """All refunds of an order, oldest first."""
    return list(_select(models.Refund.order == order_id))


def of_payment(payment_id: str) -> list[Refund]:
    """All refunds of a payment, oldest first."""
    return list(_select(models.Refund.payment == payment_id))


def find_page(order_id: str, *, limit: int, after: str | None = None) -> Page[Refund]:
    """A page of an order's refunds, newest first."""
    return LISTING.uncounted([models.Refund.order == order_id], after=after, limit=limit)


def waiting(*, older_than: datetime, limit: int = 100) -> list[str]:
    """Claimed refunds that nobody has carried out since then; for the worker."""
    waits = models.Refund.status == listings.literal(CLAIMED)
    found = _select(waits, models.Refund.created_at < older_than).limit(limit)
    return [refund.id for refund in found]


def _query() -> ModelSelect:
    return records.select(Refund, models.Refund, stored_status=models.Refund.status)


def _select(*conditions: Any) -> ModelSelect:
    return _query().where(*conditions).order_by(models.Refund.id)


LISTING: Listing[Refund] = Listing(_query, key=models.Refund.id, sorts={"id": ()}, default="-id")
