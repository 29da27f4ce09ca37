"""What finance keeps beside the ledger: its sums by day."""

from peewee import BigIntegerField, CompositeKey, IntegerField, TextField

from giftweb.database.columns import DateField
from giftweb.tables.base import Table, key


class DailySum(Table):
    """What the live transfers of a day in a time zone did to what is owed, summed up.

    ``amount_minor`` is signed by its effect; ``cards`` is by how many more cards hold money of the
    source. A row without a source has no amount: its ``cards`` hold money of any source.
    ``campaign_id`` is the card's, ``acceptor_id`` that of the order; ``cohort`` is the month in
    which the card, or the first that it follows, was created. Empty text stands for none.
    """

    time_zone = TextField()
    day = DateField()
    currency = TextField()
    campaign_id = TextField()
    acceptor_id = TextField()
    source = TextField()
    kind = TextField()
    cohort = TextField()
    amount_minor = BigIntegerField()
    cards = IntegerField()

    class Meta:
        without_rowid = True
        primary_key = CompositeKey(
            *("time_zone", "day", "currency", "campaign_id"),
            *("acceptor_id", "source", "kind", "cohort"),
        )


class DailySumEnd(Table):
    """The number of the last transfer that is counted in a time zone's sums."""

    time_zone = key()
    transfers_to = BigIntegerField()
