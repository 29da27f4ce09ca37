"""A recharge that was bought in an order, as it is read with the order's lines (B7)."""

from dataclasses import dataclass
from datetime import date

from giftweb.domain import cards
from giftweb.money import Money


@dataclass(frozen=True, slots=True, kw_only=True)
class Recharge:
    """Money that a line put on a card, and the card as it stands; in the card's currency.

    ``taken``: what was taken back, with the order or with the card.
    """

    card_id: str
    transfer_id: str
    last4: str
    holder_email: str | None
    amount: Money
    taken: Money
    balance: Money
    status: str


COLUMNS = (
    "i.recharges_id, i.transfer_id, rg.last4, rg.holder_email, rg.currency, i.card_minor,"
    " CASE WHEN i.transfer_id IS NULL THEN 0 ELSE (SELECT CAST(COALESCE(SUM(rt.amount_minor), 0)"
    " AS BIGINT) FROM transfer rt WHERE rt.parent_id = i.transfer_id AND rt.kind = 'cancel') END,"
    " ra.balance_minor, rg.state, rg.expires_on"
)
JOIN = "LEFT JOIN gift_card rg ON rg.id = i.recharges_id LEFT JOIN account ra ON ra.id = rg.id"


def from_row(row: tuple) -> Recharge | None:
    """A row of COLUMNS as a Recharge; None for a line that is none."""
    card_id, transfer_id, last4, email, currency, minor, taken, balance, state, expires_on = row
    if card_id is None:
        return None
    expiry = None if expires_on is None else date.fromisoformat(expires_on)
    return Recharge(
        card_id=card_id,
        transfer_id=transfer_id,
        last4=last4,
        holder_email=email,
        amount=Money(minor, currency),
        taken=Money(taken, currency),
        balance=Money(balance, currency),
        status=cards.status_of(state, balance, expiry),
    )
