"""What is done at the counter of a shop on the street (B21)."""

from peewee import BlobField, TextField

from giftweb.database.columns import UTCField
from giftweb.tables.base import Table, belongs_to, key, minor, minors, one_of
from giftweb.tables.campaigns import Campaign
from giftweb.tables.ledger import Transfer
from giftweb.tables.orders import Order
from giftweb.tables.people import Staff

COUNTER_KINDS = ("redeemed", "given_back", "sold", "recharged", "activated")


class CounterEntry(Table):
    """One thing that a person did at the counter: a movement of a card's money, with its receipt.

    ``amount_minor`` is what the shop's till counts, in its ``currency``; the transfer has the
    card's side, which differs where the card is of another currency. Append-only, but that a person
    is erased from a receipt.
    """

    id = key()
    kind = TextField()
    campaign = belongs_to(Campaign, index=False)
    staff = belongs_to(Staff, index=False)
    receipt = TextField()
    order = belongs_to(Order, field="id", null=True, index=False)
    transfer = belongs_to(Transfer, field="id", unique=True)
    amount_minor = minor()
    currency = TextField()
    created_at = UTCField()
    seal = BlobField(null=True)

    class Meta:
        unsealed = ()
        indexes = ((("campaign_id", "created_at"), False),)
        constraints = [
            one_of("counter_entry", "kind", COUNTER_KINDS),
            *minors("counter_entry", "amount_minor", least=1),
        ]
