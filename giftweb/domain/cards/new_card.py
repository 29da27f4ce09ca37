"""What a card is issued with, and the card that comes of it."""

from dataclasses import dataclass
from datetime import date, datetime

from giftweb import clock
from giftweb.database import records
from giftweb.domain import emails
from giftweb.domain.cards import values
from giftweb.domain.cards.values import Card
from giftweb.domain.ledger.transfers import Position
from giftweb.money import Money

SOURCES = ("sales", "goodwill", "promotions")
"""What money may come from that somebody puts on a card: it was sold, or given."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NewCard:
    """What a card is issued with. ``source`` is the house account that funds it (B10)."""

    amount: Money
    holder_email: str | None
    holder_name: str | None = None
    is_test: bool = False
    source: str = "goodwill"
    origin: str = "staff"
    campaign_id: str | None = None
    type: str = "virtual"
    sender_name: str | None = None
    sender_email: str | None = None
    message: str | None = None
    note: str | None = None
    expires_on: date | None = None
    order_id: str | None = None
    order_item_id: str | None = None
    send_email: bool = True
    mail_not_before: datetime | None = None

    def __post_init__(self) -> None:
        email = emails.read(self.holder_email, field="holder_email") if self.holder_email else None
        object.__setattr__(self, "holder_email", email)

    @property
    def is_given(self) -> bool:
        """Whether somebody decides to give it: nobody has paid for it, and no sale earned it."""
        return self.origin not in ("purchase", "campaign")


_TERMS = tuple(name for name in records.names(Card) if name in records.names(NewCard))


def issued_card(new: NewCard, position: Position, code: str) -> Card:
    """The card whose account was opened at ``position``."""
    return Card(
        **{name: getattr(new, name) for name in _TERMS},
        id=position.card_id,
        currency=position.currency,
        balance_minor=position.balance_minor,
        held_minor=0,
        version=position.version,
        last4=code[-4:],
        state="open",
        initial_minor=new.amount.minor,
        replaces_id=None,
        created_at=clock.from_micros(position.moved_at),
        **values.funded(position.funding),
    )
