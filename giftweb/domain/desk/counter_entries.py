"""What was done at the counter: an entry of each, with its receipt and its movement (B21)."""

from dataclasses import dataclass
from datetime import datetime

from peewee import ModelSelect

from giftweb import clock, ids, models
from giftweb.database import records
from giftweb.domain import audit
from giftweb.domain.audit.log import Actor
from giftweb.language import gettext
from giftweb.models import CounterEntry
from giftweb.money import Money

REDEEMED, GIVEN_BACK, SOLD, RECHARGED, ACTIVATED = KINDS = (
    *("redeemed", "given_back", "sold", "recharged", "activated"),
)
SALES = (SOLD, RECHARGED, ACTIVATED)


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing that was done; ``amount`` is what the shop's till counts."""

    id: str
    kind: str
    campaign_id: str
    staff_id: str
    receipt: str
    order_id: str | None
    transfer_id: str
    amount_minor: int
    currency: str
    created_at: datetime
    card_id: str
    last4: str
    balance_after_minor: int
    card_currency: str
    name: str

    @property
    def is_sale(self) -> bool:
        """Whether the till took money for the card."""
        return self.kind in SALES

    @property
    def amount(self) -> Money:
        """What the till counts."""
        return Money(self.amount_minor, self.currency)

    @property
    def balance_after(self) -> Money:
        """What was left on the card then."""
        return Money(self.balance_after_minor, self.card_currency)


def select() -> ModelSelect:
    """A query for entries, with the card and the person of each."""
    transfer, card, person = models.Transfer, models.GiftCard, models.Staff
    query = records.select(
        Entry,
        CounterEntry,
        card_id=transfer.card_id,
        last4=card.last4,
        balance_after_minor=transfer.balance_after_minor,
        card_currency=transfer.currency,
        name=person.name,
    )
    query = query.join(transfer, on=CounterEntry.transfer == transfer.id)
    query = query.join(card, on=transfer.card_id == card.id)
    return query.join(person, on=CounterEntry.staff == person.id)


def find(entry_id: str) -> Entry:
    """An entry by its id.

    Raises: NotFound.
    """
    return records.one(
        select().where(CounterEntry.id == entry_id), gettext("There is no such entry.")
    )


def enter(
    kind: str,
    *,
    campaign_id: str,
    receipt: str,
    transfer_id: str,
    amount: Money,
    by: Actor,
    order_id: str | None = None,
) -> str:
    """Write an entry, in the transaction of its movement; its id."""
    entry_id = ids.new("ctr")
    audit.seals.insert(
        CounterEntry,
        id=entry_id,
        kind=kind,
        campaign_id=campaign_id,
        staff_id=by.id,
        receipt=receipt,
        order_id=order_id,
        transfer_id=transfer_id,
        amount_minor=amount.minor,
        currency=amount.currency,
        created_at=clock.now(),
    )
    audit.record(by=by, action="counter.entered", subject=entry_id)
    return entry_id
