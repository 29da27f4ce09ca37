"""Gift cards, and the formats of imported codes."""

from peewee import SQL, BlobField, BooleanField, IntegerField, TextField

from giftweb.database.columns import DateField, JSONField, UTCField
from giftweb.tables.base import (
    Table,
    belongs_to,
    check,
    flag,
    in_book,
    index_names,
    index_words,
    key,
    minor,
    minors,
    one_of,
    refers_to,
)
from giftweb.tables.campaigns import CARD_TYPES, Campaign

ORIGINS = (
    *("staff", "order", "campaign", "purchase", "import", "api", "replacement", "refund"),
    *("stock", "merge"),
)
STATES = ("open", "frozen", "expired", "cancelled", "replaced", "inactive")
SOURCES = ("sales", "goodwill", "promotions", "imports", "replacements", "redemptions")


class GiftCard(Table):
    """A card: its code sealed, its holder, its terms. The money is its account's.

    ``state`` is what was done to it; the status that people read also looks at the balance and the
    date (``domain.cards.status_of``). ``source`` is the house account that funded the issue.

    ``deliver_at``: when its mail or parcel is to go out, if it is sent; ``delivered_at``: when the
    first one did.
    ``expires_at``: the end of its last day in the shop's time zone, empty as long as that day is
    counted from a delivery that is still to come (``domain.cards.validity``).
    ``deliver_zone``: the time zone that ``deliver_at`` was chosen in, where it is not the shop's.
    ``design``: the picture on it, as ``domain.catalogue.designs`` names it.

    An ``inactive`` card is stock: a printed code, worth nothing until it is activated (B22).
    ``pin_sealed``: what is asked for besides its code, sealed with the card's id (B23). One that is
    ``bound_to_holder`` pays for its holder alone (B25). ``merged_into_id``: the card that got what
    was left on this one. A flag that nobody has set is NULL. ``voucher_tax_hundredths``: the rate
    of value added tax that was due when it was sold; NULL: none, it is a multi-purpose voucher.
    """

    id = key()
    currency = TextField()
    is_test = flag()
    code_index = BlobField(unique=True)
    code_sealed = BlobField()
    key_version = IntegerField()
    last4 = TextField()
    type = TextField(default="virtual")
    origin = TextField()
    source = TextField()
    state = TextField(default="open")
    initial_minor = minor()
    campaign = belongs_to(
        Campaign, null=True, index=False, constraint_name="gift_card_has_its_campaign"
    )
    order_id = TextField(null=True)
    order_item_id = TextField(null=True)
    replaces = belongs_to(
        "self", null=True, index=False, constraint_name="gift_card_has_what_it_replaces"
    )
    holder_email = TextField(null=True)
    holder_name = TextField(null=True)
    sender_name = TextField(null=True)
    sender_email = TextField(null=True)
    message = TextField(null=True)
    note = TextField(null=True)
    deliver_at = UTCField(null=True)
    delivered_at = UTCField(null=True)
    expires_on = DateField(null=True)
    expires_at = UTCField(null=True)
    created_at = UTCField()
    seal = BlobField(null=True)
    deliver_zone = TextField(null=True)
    design = TextField(null=True)
    bound_to_holder = BooleanField(null=True)
    needs_pin = BooleanField(null=True)
    tags = JSONField(null=True)
    merged_into_id = TextField(null=True)
    pin_sealed = BlobField(null=True)
    voucher_tax_hundredths = IntegerField(null=True)
    holder_locale = TextField(null=True)

    class Meta:
        people = (
            ("holder_email", "holder_name", "message", "note"),
            ("sender_email", "sender_name", "message"),
        )
        unsealed = (
            *("code_index", "code_sealed", "key_version", "pin_sealed"),
            *("deliver_at", "delivered_at", "expires_at"),
            *("deliver_zone", "design", "holder_locale"),
        )
        sealed_later = (
            *("bound_to_holder", "needs_pin", "tags", "merged_into_id"),
            "voucher_tax_hundredths",
        )
        constraints = [
            in_book("gift_card", key="id"),
            refers_to("gift_card", key="order_id", parent="orders"),
            refers_to("gift_card", key="order_item_id", parent="order_item"),
            refers_to("gift_card", key="merged_into_id", parent="gift_card"),
            one_of("gift_card", "origin", ORIGINS),
            one_of("gift_card", "state", STATES),
            one_of("gift_card", "source", SOURCES),
            one_of("gift_card", "type", CARD_TYPES),
            *minors("gift_card", "initial_minor"),
            check("gift_card_index_length", "length(code_index) = 32"),
            check("gift_card_last4_length", "length(last4) BETWEEN 1 AND 4"),
            check(
                "gift_card_end_is_known",
                "(expires_on IS NOT NULL OR expires_at IS NULL)"
                " AND (expires_on IS NULL OR expires_at IS NOT NULL"
                " OR (deliver_at IS NOT NULL AND delivered_at IS NULL))",
            ),
            check(
                "gift_card_ends_after_its_delivery",
                "expires_at > COALESCE(delivered_at, deliver_at)",
            ),
            check(
                "gift_card_stock_is_worth_nothing",
                "state <> 'inactive' OR (initial_minor = 0 AND holder_email IS NULL)",
            ),
            check("gift_card_pin_is_kept", "(needs_pin IS NULL) = (pin_sealed IS NULL)"),
            check("gift_card_merged_is_replaced", "merged_into_id IS NULL OR state = 'replaced'"),
        ]


for _name, _columns, _condition in (
    ("gift_card_last4", "last4, id", None),
    ("gift_card_holder", "holder_email, id", "holder_email IS NOT NULL"),
    ("gift_card_campaign", "campaign_id, is_test, id", "campaign_id IS NOT NULL"),
    ("gift_card_order", "order_id", "order_id IS NOT NULL"),
    ("gift_card_expiry", "expires_at", "expires_at IS NOT NULL AND state IN ('open', 'frozen')"),
    ("gift_card_created", "created_at, id", None),
    ("gift_card_state", "state, created_at, id", "state <> 'open'"),
    ("gift_card_origin", "origin, created_at, id", "origin <> 'import'"),
    ("gift_card_test", "created_at, id", "is_test"),
    ("gift_card_tagged", "campaign_id, is_test, id", "tags IS NOT NULL"),
    ("gift_card_merged", "merged_into_id", "merged_into_id IS NOT NULL"),
):
    _where = f" WHERE {_condition}" if _condition else ""
    GiftCard.add_index(SQL(f"CREATE INDEX {_name} ON gift_card ({_columns}){_where}"))
GiftCard.add_index(
    SQL(
        "CREATE UNIQUE INDEX gift_card_replaces ON gift_card (replaces_id)"
        " WHERE replaces_id IS NOT NULL"
    )
)
GiftCard.add_index(
    SQL(
        "CREATE UNIQUE INDEX gift_card_one_bonus ON gift_card (campaign_id, order_id)"
        " WHERE origin = 'campaign'"
    )
)
index_names(GiftCard, "holder_name")
index_words(GiftCard, "holder_email", "@", ".")


class CodeFormat(Table):
    """A format that imported codes have, such as ``digits:16`` (D9)."""

    format = key()
    created_at = UTCField()
