"""What finance keeps beside the ledger: its sums by day, closed months, files that were taken."""

from peewee import BigIntegerField, BlobField, CompositeKey, IntegerField, TextField

from giftweb.database.columns import DateField, JSONField, UTCField
from giftweb.tables.base import Table, belongs_to, check, key, one_of
from giftweb.tables.orders import Order

RUNS = ("full", "new")


class _Sums(Table):
    """What the live transfers of a time in a time zone did to what is owed, summed up.

    ``amount_minor`` is signed by its effect; ``cards`` is by how many more cards hold money of the
    source. A row without a source has no amount: its ``cards`` hold money of any source.
    ``campaign_id`` is the card's, ``acceptor_id`` that of the order; ``cohort`` is the month in
    which the card, or the first that it follows, was created. Empty text stands for none.
    """

    time_zone = TextField()
    currency = TextField()
    campaign_id = TextField()
    acceptor_id = TextField()
    source = TextField()
    kind = TextField()
    cohort = TextField()
    amount_minor = BigIntegerField()
    cards = IntegerField()


_SUMMED_BY = ("currency", "campaign_id", "acceptor_id", "source", "kind", "cohort")


class DailySum(_Sums):
    """The sums of a day."""

    day = DateField()

    class Meta:
        without_rowid = True
        primary_key = CompositeKey("time_zone", "day", *_SUMMED_BY)


class MonthlySum(_Sums):
    """The same of a month: a report of years reads these, and the days of the months it begins or
    ends within."""

    month = TextField()

    class Meta:
        without_rowid = True
        primary_key = CompositeKey("time_zone", "month", *_SUMMED_BY)


class _Ages(Table):
    """What the live transfers of a time did to money that came on another day, or on the same.

    ``cards``: by how many more cards hold money of ``source`` that came on this day and, of what
    came later, next some of ``next_on``; empty text: nothing later.
    """

    time_zone = TextField()
    currency = TextField()
    campaign_id = TextField()
    source = TextField()
    came_on = DateField()
    next_on = TextField()
    amount_minor = BigIntegerField()
    cards = IntegerField()


_AGED_BY = ("currency", "campaign_id", "source", "came_on", "next_on")


class DailyAge(_Ages):
    """The ages of a day."""

    day = DateField()

    class Meta:
        without_rowid = True
        primary_key = CompositeKey("time_zone", "day", *_AGED_BY)


class MonthlyAge(_Ages):
    """The same of a month."""

    month = TextField()

    class Meta:
        without_rowid = True
        primary_key = CompositeKey("time_zone", "month", *_AGED_BY)


class _Lives(Table):
    """By how many more cards of a month of issue were issued, are empty, were used, after a time.

    ``days_to_end`` and ``days_to_use``: the sum of the days from their issue until then.
    """

    time_zone = TextField()
    currency = TextField()
    campaign_id = TextField()
    cohort = TextField()
    issued = IntegerField()
    ended = IntegerField()
    days_to_end = BigIntegerField()
    used = IntegerField()
    days_to_use = BigIntegerField()


class DailyLife(_Lives):
    """The lives of cards, by day."""

    day = DateField()

    class Meta:
        without_rowid = True
        primary_key = CompositeKey("time_zone", "day", "currency", "campaign_id", "cohort")


class MonthlyLife(_Lives):
    """The same of a month."""

    month = TextField()

    class Meta:
        without_rowid = True
        primary_key = CompositeKey("time_zone", "month", "currency", "campaign_id", "cohort")


class DailySumEnd(Table):
    """The number of the last transfer that is counted in a time zone's sums."""

    time_zone = key()
    transfers_to = BigIntegerField()


class BonusOrder(Table):
    """What an order counts for that bonuses have paid, as it was when it was counted last.

    ``at``: when the first of them paid; ``campaign_id`` is that bonus's, empty text for none.
    ``sales_minor`` is what was paid for the order less refunds, ``brought_minor`` the part of it
    that no bonus has paid.
    """

    order = belongs_to(Order, field="id", primary_key=True)
    at = UTCField()
    currency = TextField()
    campaign_id = TextField()
    sales_minor = BigIntegerField()
    brought_minor = BigIntegerField()

    class Meta:
        without_rowid = True


class BonusSum(Table):
    """The orders of a quarter of an hour added up. The days of every time zone begin with one."""

    starts_at = UTCField()
    currency = TextField()
    campaign_id = TextField()
    orders = IntegerField()
    sales_minor = BigIntegerField()
    brought_minor = BigIntegerField()

    class Meta:
        without_rowid = True
        primary_key = CompositeKey("starts_at", "currency", "campaign_id")


class BonusDue(Table):
    """An order paid with gift cards whose payments have changed since it was counted."""

    order = belongs_to(Order, field="id", primary_key=True)

    class Meta:
        without_rowid = True


class ClosedMonth(Table):
    """A month whose sums are sealed: nothing may be dated into it any more (B30, I42).

    It is the month in ``time_zone``, from ``starts_at`` to the moment before ``ends_at``.
    ``sums``: the effect on what is owed by currency, campaign, kind and source, over the transfers
    up to the number ``transfers_to``; ``ages``: how old the money was at its end.
    """

    month = key()
    time_zone = TextField()
    starts_at = UTCField()
    ends_at = UTCField()
    transfers_to = BigIntegerField()
    sums = JSONField()
    ages = JSONField()
    closed_at = UTCField()
    closed_by = TextField()
    seal = BlobField()

    class Meta:
        unsealed = ()
        constraints = [check("closed_month_has_days", "ends_at > starts_at")]


class BookExport(Table):
    """A file of the journal that was taken: which days, in which form, by whom.

    ``grouped_by``: a row a day, or a row a transfer; older files do not say.
    """

    id = key()
    at = UTCField()
    by = TextField()
    form = TextField()
    first_on = DateField()
    last_on = DateField()
    entries = IntegerField()
    digest = TextField()
    seal = BlobField()
    grouped_by = TextField(null=True)

    class Meta:
        unsealed = ()
        sealed_later = ("grouped_by",)


class AuditRun(Table):
    """A run of the audit: what it checked, and the first of what it found.

    ``kind``: ``full``, or ``new`` for what was written since the run before. ``transfers_to`` is
    the last transfer that was there; ``head`` the anchor of the log at that moment.
    """

    id = key()
    at = UTCField()
    kind = TextField()
    milliseconds = IntegerField()
    transfers_to = BigIntegerField()
    checks = JSONField()
    breaches = JSONField()
    head = TextField(null=True)
    seal = BlobField(null=True)

    class Meta:
        unsealed = ()
        sealed_since = "seals_of_rights"
        constraints = [one_of("audit_run", "kind", RUNS)]
