"""Bought gift cards that somebody looks at before they are sent (B26)."""

from peewee import SQL, BlobField, IntegerField, TextField

from giftweb.database.columns import UTCField
from giftweb.tables.base import Table, belongs_to, check, flag, key, minor, one_of
from giftweb.tables.cards import GiftCard
from giftweb.tables.orders import Order


class CardReview(Table):
    """A bought gift card that is not sent before somebody has looked at its order (B26)."""

    id = key()
    card = belongs_to(GiftCard, unique=True)
    order = belongs_to(Order, field="id")
    reason = TextField()
    created_at = UTCField()
    decision = TextField(null=True)
    decided_at = UTCField(null=True)
    decided_by = TextField(null=True)
    seal = BlobField(null=True)

    class Meta:
        unsealed = ()
        constraints = [
            one_of("card_review", "decision", ("released", "refused")),
            check(
                "card_review_decided_whole",
                "(decision IS NULL) = (decided_at IS NULL)"
                " AND (decision IS NULL) = (decided_by IS NULL)",
            ),
        ]


CardReview.add_index(
    SQL("CREATE INDEX card_review_waiting ON card_review (id) WHERE decision IS NULL")
)


class RiskAssessment(Table):
    """What the gift cards of a part of an order come to, against its campaign's limits (B26).

    Amounts are minor units of ``currency``, the campaign's; one that it has no rate for is in none.
    ``largest_minor``: the dearest card. ``day_cards``, ``day_minor``: the most that its customer,
    one recipient, its postal address or its network has had that day; NULL: nobody counts.
    ``is_first``: the customer has no paid order of an earlier day. ``reason``: of the review, empty
    without one. The limits are as they were then.
    """

    id = key()
    order = belongs_to(Order, field="id", index=False)
    part = IntegerField()
    created_at = UTCField()
    currency = TextField()
    cards = IntegerField()
    largest_minor = minor()
    sum_minor = minor()
    day_cards = IntegerField(null=True)
    day_minor = minor(null=True)
    is_first = flag()
    amount_above_minor = minor(null=True)
    cards_per_day = IntegerField(null=True)
    amount_per_day_minor = minor(null=True)
    first_order_above_minor = minor(null=True)
    reason = TextField()
    seal = BlobField(null=True)

    class Meta:
        unsealed = ()
        indexes = ((("order", "part"), True),)
        constraints = [
            check(
                "risk_assessment_above_limits_is_reviewed",
                "reason <> '' OR (COALESCE(largest_minor <= amount_above_minor, 1 = 1)"
                " AND COALESCE(day_cards <= cards_per_day, cards_per_day IS NULL)"
                " AND COALESCE(day_minor <= amount_per_day_minor, amount_per_day_minor IS NULL)"
                " AND (NOT is_first OR COALESCE(sum_minor <= first_order_above_minor, 1 = 1)))",
            )
        ]
