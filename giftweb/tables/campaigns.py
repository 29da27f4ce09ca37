"""Campaigns: who sells, what cards may pay, the bonuses; their keys, products and rates."""

from peewee import SQL, BlobField, CompositeKey, IntegerField, TextField

from giftweb.database.columns import DateField, JSONField, SealedField, UTCField
from giftweb.tables.base import (
    Table,
    belongs_to,
    check,
    flag,
    key,
    minor,
    minors,
    one_of,
    refers_to,
)

COVERS = ("goods", "goods_and_shipping")
BONUS_BASES = ("grand_total", "without_shipping")
ITEM_KINDS = ("goods", "gift_card")
RULES = ("none", "us", "us-ca", "ca", "de", "ie", "au", "uk", "br")
"""The laws that a campaign can keep (``domain.law``)."""
CARD_TYPES = ("virtual", "physical", "combined")


class Campaign(Table):
    """A shop's terms (S29 to S34, D1, D4, D15). Percentages are in hundredths of a percent.

    ``time_zone``: an IANA name; the shop's days are days there (D25). ``language``: what its pages
    and mails speak to whoever has chosen none (B17). ``accepts``: whose cards pay here, "own" or
    ids of campaigns; NULL: anybody's. ``excluded_categories``: one a line.
    ``voucher_tax_hundredths``: the rate of value added tax that is due when a card is sold; NULL:
    its cards are multi-purpose vouchers, and none is (docs/vouchers.md). ``tax_rates``: of goods in
    the hosted shop, a country a line (``domain.catalogue.taxes``). ``logo_id``: its picture.
    """

    id = key()
    name = TextField()
    currency = TextField()
    is_active = flag(default=True)
    created_at = UTCField()
    covers = TextField(default="goods")
    hold_minutes = IntegerField(default=15)
    shipping_minor = minor(default=0)
    card_valid_days = IntegerField(null=True)
    brand_name = TextField(default="")
    brand_colour = TextField(default="")
    bank_details = TextField(default="")
    issue_after_sales = flag(default=False)
    relative_hundredths = IntegerField(null=True)
    absolute_on = flag(default=False)
    absolute_minor = minor(null=True)
    bonus_base = TextField(default="grand_total")
    bonus_minimum_minor = minor(default=0)
    bonus_cap_minor = minor(null=True)
    bonus_waiting_days = IntegerField(default=0)
    bonus_valid_days = IntegerField(null=True)
    bonus_claw_back = flag(default=True)
    bonus_on_gift_cards = flag(default=False)
    payment_days = IntegerField(null=True)
    ship_before_payment = flag(default=False)
    time_zone = TextField(default="UTC")
    shop_url = TextField(default="")
    remind_days_before_expiry = IntegerField(null=True)
    remind_unused_months = IntegerField(null=True)
    rules = TextField(default="none", constraints=[SQL("DEFAULT 'none'")])
    language = TextField(default="en", constraints=[SQL("DEFAULT 'en'")])
    seal = BlobField(null=True)
    accepts = TextField(null=True)
    excluded_categories = TextField(null=True)
    minimum_order_minor = minor(null=True)
    review_amount_above_minor = minor(null=True)
    review_cards_per_day = IntegerField(null=True)
    voucher_tax_hundredths = IntegerField(null=True)
    tax_rates = TextField(null=True)
    contact = TextField(null=True)
    review_amount_per_day_minor = minor(null=True)
    review_first_order_above_minor = minor(null=True)
    logo_id = TextField(null=True)

    class Meta:
        unsealed = ()
        sealed_later = (
            *("accepts", "excluded_categories", "minimum_order_minor"),
            *("review_amount_above_minor", "review_cards_per_day", "voucher_tax_hundredths"),
            *("tax_rates", "contact"),
            *("review_amount_per_day_minor", "review_first_order_above_minor"),
            "logo_id",
        )
        sealed_since = "more_seals"
        constraints = [
            refers_to("campaign", key="logo_id", parent="picture"),
            one_of("campaign", "covers", COVERS),
            one_of("campaign", "bonus_base", BONUS_BASES),
            one_of("campaign", "rules", RULES),
            *minors("campaign", "shipping_minor", "bonus_minimum_minor"),
            *minors("campaign", "absolute_minor", "bonus_cap_minor", least=1),
            *minors("campaign", "minimum_order_minor", "review_amount_above_minor"),
            *minors("campaign", "review_amount_per_day_minor", "review_first_order_above_minor"),
            check(
                "campaign_review_cards_per_day_bounds", "review_cards_per_day BETWEEN 0 AND 10000"
            ),
            check("campaign_hold_minutes_bounds", "hold_minutes BETWEEN 1 AND 10080"),
            check("campaign_relative_bounds", "relative_hundredths BETWEEN 1 AND 10000"),
            check("campaign_payment_days_bounds", "payment_days BETWEEN 1 AND 365"),
            check("campaign_remind_days_bounds", "remind_days_before_expiry BETWEEN 1 AND 365"),
            check("campaign_remind_months_bounds", "remind_unused_months BETWEEN 1 AND 120"),
        ]


class CampaignOrigin(Table):
    """A web origin that may frame the campaign's widget."""

    campaign = belongs_to(Campaign, index=False)
    origin = TextField()
    seal = BlobField(null=True)

    class Meta:
        unsealed = ()
        sealed_since = "seals_of_rights"
        primary_key = CompositeKey("campaign", "origin")


class ApiKey(Table):
    """A key of the HTTP API; only its hash is kept. Two may be active at a time, to roll over.

    ``scopes`` and ``addresses`` stand between blanks; NULL: every scope, from anywhere. With
    ``waiting_since`` it opens nothing yet.
    """

    id = key()
    campaign = belongs_to(Campaign)
    is_test = flag()
    key_hash = TextField(unique=True)
    last4 = TextField()
    created_at = UTCField()
    last_used_at = UTCField(null=True)
    revoked_at = UTCField(null=True)
    scopes = TextField(null=True)
    card_cap_minor = minor(null=True)
    day_cap_minor = minor(null=True)
    expires_at = UTCField(null=True)
    addresses = TextField(null=True)
    waiting_since = UTCField(null=True)
    seal = BlobField(null=True)

    class Meta:
        unsealed = ("last_used_at",)
        sealed_since = "more_seals"
        constraints = minors("api_key", "card_cap_minor", "day_cap_minor")


class WebhookEndpoint(Table):
    """Where a campaign's events go. The secret is sealed with the endpoint's id."""

    id = key()
    campaign = belongs_to(Campaign)
    url = TextField()
    secret_sealed = SealedField()
    is_active = flag(default=True)
    created_at = UTCField()
    seal = BlobField(null=True)

    class Meta:
        unsealed = ("secret_sealed",)
        sealed_since = "more_seals"


class Product(Table):
    """Something the hosted shop sells: goods, or a gift card with its prices (S65 to S70)."""

    id = key()
    campaign = belongs_to(Campaign)
    sku = TextField()
    name = TextField()
    description = TextField(default="")
    kind = TextField(default="goods")
    unit_minor = minor(null=True)
    requires_shipping = flag(default=True)
    card_type = TextField(null=True)
    amounts_minor = JSONField(null=True)
    open_least_minor = minor(null=True)
    open_most_minor = minor(null=True)
    allows_message = flag(default=False)
    is_upsell = flag(default=False)
    is_active = flag(default=True)
    created_at = UTCField()
    category = TextField(null=True)
    seal = BlobField(null=True)

    class Meta:
        unsealed = ()
        sealed_since = "seals_of_rights"
        indexes = ((("campaign", "sku"), True),)
        constraints = [
            one_of("product", "kind", ITEM_KINDS),
            one_of("product", "card_type", CARD_TYPES),
            *minors("product", "unit_minor"),
            *minors("product", "open_least_minor", "open_most_minor", least=1),
            check("product_card_is_typed", "(kind = 'gift_card') = (card_type IS NOT NULL)"),
        ]


class Rate(Table):
    """One unit of ``base`` in ``quote`` on a day; a decimal number as text, never a float."""

    on_date = DateField()
    base = TextField()
    quote = TextField()
    rate = TextField()
    seal = BlobField(null=True)

    class Meta:
        unsealed = ()
        sealed_since = "seals_of_rights"
        primary_key = CompositeKey("base", "quote", "on_date")
