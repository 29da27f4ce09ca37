"""What a card is issued with, and the card that comes of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from giftweb import clock
from giftweb.database import records
from giftweb.domain import emails
from giftweb.domain.cards import tags, validity, values
from giftweb.domain.cards.values import Card
from giftweb.domain.ledger.transfers import Position
from giftweb.money import Money

SOURCES = ("sales", "goodwill", "promotions")
"""What money may come from that somebody puts on a card: it was sold, or given."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NewCard:
    """What a card is issued with. ``source`` is the house account that funds it (B10).

    It has a last day, ``expires_on``, or is valid for ``valid_days`` from its delivery. With
    ``send_email`` it is mailed to its holder, at ``deliver_at`` or at once; without, ``deliver_at``
    says when another mail, or the parcel, brings it; ``deliver_zone`` is the zone in which that was
    chosen. ``design``: the picture on it (``catalogue.designs``).
    """

    amount: Money
    holder_email: str | None
    holder_name: str | None = None
    holder_locale: str | None = None
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
    valid_days: int | None = None
    order_id: str | None = None
    order_item_id: str | None = None
    send_email: bool = True
    deliver_at: datetime | None = None
    bound_to_holder: bool | None = None
    needs_pin: bool | None = None
    deliver_zone: str | None = None
    design: str | None = None
    tags: Sequence[str] | None = None

    def __post_init__(self) -> None:
        email = emails.read(self.holder_email, field="holder_email") if self.holder_email else None
        object.__setattr__(self, "holder_email", email)
        object.__setattr__(self, "bound_to_holder", self.bound_to_holder or None)
        object.__setattr__(self, "needs_pin", self.needs_pin or None)
        object.__setattr__(self, "tags", tags.read(self.tags or ()))

    @property
    def is_given(self) -> bool:
        """Whether somebody decides to give it: nobody has paid for it, and no sale earned it."""
        return self.origin not in ("purchase", "campaign")

    @property
    def has_end(self) -> bool:
        """Whether it expires some day."""
        return self.expires_on is not None or self.valid_days is not None

    def sent_at(self, issued_at: datetime) -> datetime | None:
        """When it is to be sent, if it is issued then; None: it is not sent."""
        if self.deliver_at is not None:
            return max(self.deliver_at, issued_at)
        return issued_at if self.send_email and self.holder_email else None


_OWN = ("expires_on", "deliver_at")
_TERMS = tuple(
    name for name in records.names(Card) if name in records.names(NewCard) and name not in _OWN
)


def issued_card(
    new: NewCard,
    position: Position,
    code: str,
    *,
    zone: str,
    tax: int | None = None,
    to_years_end: bool = False,
) -> Card:
    """The card whose account was opened at ``position``, of a shop in this time zone.

    ``tax``: the rate that was due for it, of a single-purpose voucher. ``to_years_end``: as
    ``validity.of_new`` has it.
    """
    issued_at = clock.from_micros(position.moved_at)
    deliver_at = new.sent_at(issued_at)
    ends = validity.of_new(
        new,
        issued_at=issued_at,
        deliver_at=deliver_at,
        zone=zone,
        to_years_end=to_years_end,
    )
    return Card(
        **{name: getattr(new, name) for name in _TERMS},
        **ends._asdict(),
        deliver_at=deliver_at,
        delivered_at=None,
        id=position.card_id,
        currency=position.currency,
        balance_minor=position.balance_minor,
        held_minor=0,
        version=position.version,
        last4=code[-4:],
        state="open",
        initial_minor=new.amount.minor,
        replaces_id=None,
        merged_into_id=None,
        voucher_tax_hundredths=tax,
        created_at=issued_at,
        **values.funded(position.funding),
    )
