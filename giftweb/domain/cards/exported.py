"""Cards as lines of a CSV file, the same wherever they are written (E46). Never a code (I28)."""

from collections.abc import Iterator, Sequence
from typing import Any

from peewee import JOIN

from giftweb import percentages
from giftweb.domain.cards.values import TYPES, Card
from giftweb.models import FUNDED, FUNDING, Order, Transfer
from giftweb.money import Money

COLUMNS = (
    *("id", "last4", "test", "status", "currency", "amount", "balance", "held"),
    *FUNDING,
    *("origin", "source", "holder_email", "holder_name", "expires_on", "note", "message"),
    *("campaign_id", "bound_to_holder", "tags", "voucher_tax", "created_at"),
)
"""The columns, under the names that an import reads where it has such a column."""


def row_of(card: Card) -> tuple[object, ...]:
    """The card as a line: the value of each of COLUMNS."""
    return (
        *(card.id, card.last4, card.is_test, card.status, card.currency),
        *(card.initial, card.balance, card.held),
        *(Money(minor, card.currency) for minor in card.parts),
        *(card.origin, card.source, card.holder_email, card.holder_name, card.expires_on),
        *(card.note, card.message, card.campaign_id, bool(card.bound_to_holder)),
        *(", ".join(card.tags or ()), _rate(card.voucher_tax_hundredths), card.created_at),
    )


def _rate(hundredths: int | None) -> str:
    """A rate as an import reads it: ``19``, ``5.5``."""
    return "" if hundredths is None else percentages.decimal_text(hundredths)


TRANSFER_COLUMNS = (
    *("id", "gift_card_id", "type", "kind", "amount", "currency", "balance_after", *FUNDING),
    *("order_reference", "test", "created_at"),
)
"""The columns of movements of money."""


def transfers_of(cards: Sequence[Card]) -> Iterator[tuple[object, ...]]:
    """Every movement of these cards as a line, card by card, the oldest first."""
    transfer, order = Transfer, Order
    found = (
        transfer.select(transfer, order.reference)
        .join(order, JOIN.LEFT_OUTER, on=transfer.order_id == order.id)
        .where(transfer.card_id.in_([card.id for card in cards]))
        .order_by(transfer.card_id.desc(), transfer.version)
    )
    return map(_transfer_row, found.objects())


def _transfer_row(moved: Any) -> tuple[object, ...]:
    """Amounts are signed by their effect on the card."""
    sign = 1 if moved.to_account == moved.card_id else -1
    parts = (sign * getattr(moved, column) for column in FUNDED)
    return (
        *(moved.id, moved.card_id, TYPES[moved.kind], moved.kind),
        Money(sign * moved.amount_minor, moved.currency),
        *(moved.currency, Money(moved.balance_after_minor, moved.currency)),
        *(Money(part, moved.currency) for part in parts),
        *(moved.reference, moved.is_test, moved.created_at),
    )
