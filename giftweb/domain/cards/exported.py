"""Cards as lines of a CSV file, the same wherever they are written (E46). Never a code (I28)."""

from giftweb.domain.cards.values import Card
from giftweb.models import FUNDING
from giftweb.money import Money

COLUMNS = (
    *("id", "last4", "test", "status", "currency", "amount", "balance", "held"),
    *FUNDING,
    *("origin", "source", "holder_email", "holder_name", "expires_on", "note", "message"),
    *("campaign_id", "created_at"),
)
"""The columns, under the names that an import reads where it has such a column."""


def row_of(card: Card) -> tuple[object, ...]:
    """The card as a line: the value of each of COLUMNS."""
    return (
        *(card.id, card.last4, card.is_test, card.status, card.currency),
        *(card.initial, card.balance, card.held),
        *(Money(minor, card.currency) for minor in card.parts),
        *(card.origin, card.source, card.holder_email, card.holder_name, card.expires_on),
        *(card.note, card.message, card.campaign_id, card.created_at),
    )
