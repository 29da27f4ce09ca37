"""A recharge that was bought in an order, as it is read with the order's lines (B7)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from peewee import fn

from giftweb import models
from giftweb.database import records
from giftweb.domain import cards
from giftweb.money import Money


@dataclass(frozen=True, slots=True, kw_only=True)
class Recharge:
    """Money that a line put on a card, and the card as it stands; in the card's currency.

    ``taken_minor``: what was taken back, with the order or with the card.
    """

    order_id: str
    card_id: str
    transfer_id: str
    last4: str
    holder_email: str | None
    currency: str
    card_minor: int
    taken_minor: int
    balance_minor: int
    state: str
    expires_at: datetime | None

    @property
    def amount(self) -> Money:
        """What was put on the card."""
        return Money(self.card_minor, self.currency)

    @property
    def taken(self) -> Money:
        """What was taken back of it."""
        return Money(self.taken_minor, self.currency)

    @property
    def left(self) -> Money:
        """What was not taken back of it."""
        return Money(self.card_minor - self.taken_minor, self.currency)

    @property
    def balance(self) -> Money:
        """What is on the card now."""
        return Money(self.balance_minor, self.currency)

    @property
    def status(self) -> str:
        """The card's status."""
        return cards.status_of(self.state, self.balance_minor, self.expires_at)


def of_orders(order_ids: Sequence[str]) -> list[Recharge]:
    """The recharges of several orders, in the order of their lines."""
    line, card, cancelled = models.OrderItem, models.GiftCard, models.Transfer.alias()
    taken = fn.COALESCE(fn.SUM(cancelled.amount_minor), 0).cast("BIGINT")
    of_line = (cancelled.parent_id == line.transfer_id) & (cancelled.kind == "cancel")
    query = records.select(
        Recharge,
        *(line, card, models.Account),
        card_id=line.recharges,
        taken_minor=cancelled.select(taken).where(of_line),
    )
    return list(
        query.join(card, on=line.recharges == card.id)
        .join(models.Account, on=models.Account.id == card.id)
        .where(line.order.in_(order_ids), line.transfer_id.is_null(False))
        .order_by(line.order, line.position)
    )
