"""Checkouts, the cards applied to them, and holds."""

from peewee import SQL, BigIntegerField, BlobField, IntegerField, TextField

from giftweb.database.columns import JSONField, SealedField, UTCField
from giftweb.tables.base import (
    Table,
    belongs_to,
    check,
    flag,
    in_book,
    key,
    minor,
    minors,
    one_of,
    taxed,
)
from giftweb.tables.campaigns import Campaign
from giftweb.tables.cards import GiftCard
from giftweb.tables.ledger import Transfer

CHECKOUT_STATUSES = ("open", "authorised", "captured", "voided", "expired")
RESOLUTIONS = ("captured", "released", "lapsed")


class Checkout(Table):
    """A cart on its way to an order (docs/api.md). ``expires_at`` is the cart's, then the hold's.

    ``cards`` are those applied to it, in the order of deduction, each with its worth and share at
    the last allocation; ``turn`` is the order of applying, and with a ``limit`` the shopper chose
    to use less of it. ``version`` counts the changes of the cart and its cards. ``claim`` is the
    recovery point of a provider's charge: what is about to be charged where. ``setup`` is the
    provider's id of the card that the shopper names. ``card_terms``: what its campaign says of
    gift cards beside ``covers``, if it says anything. ``network``: a digest of where the shopper
    orders from, in the hosted shop.
    """

    id = key()
    campaign = belongs_to(Campaign)
    is_test = flag()
    status = TextField(default="open")
    reference = TextField()
    currency = TextField()
    items = JSONField()
    items_minor = minor()
    discount_minor = minor(default=0)
    tax_minor = minor(default=0)
    shipping_minor = minor(default=0)
    card_items_minor = minor(default=0)
    covers = TextField()
    customer_email = TextField()
    customer_name = TextField()
    customer_locale = TextField(null=True)
    shipping_address = JSONField(null=True)
    token_hash = TextField(unique=True)
    token_sealed = SealedField()
    created_at = UTCField()
    expires_at = UTCField()
    authorised_at = UTCField(null=True)
    claim = JSONField(null=True)
    setup = TextField(null=True)
    cards = JSONField()
    version = IntegerField()
    card_terms = JSONField(null=True)
    tax_hundredths, tax_included = taxed("checkout")
    network = TextField(null=True)

    class Meta:
        people = (("customer_email", "customer_name", "shipping_address"),)
        constraints = [
            one_of("checkout", "status", CHECKOUT_STATUSES),
            *minors(
                "checkout",
                "items_minor",
                "discount_minor",
                "tax_minor",
                "shipping_minor",
                "card_items_minor",
            ),
            check("checkout_discount_within_items", "discount_minor <= items_minor"),
            check("checkout_cards_within_items", "card_items_minor <= items_minor"),
        ]


Checkout.add_index(
    SQL(
        "CREATE INDEX checkout_running_out ON checkout (expires_at)"
        " WHERE status IN ('open', 'authorised')"
    )
)


Checkout.add_index(SQL("CREATE INDEX checkout_claimed ON checkout (id) WHERE claim IS NOT NULL"))


class Hold(Table):
    """Money of a card reserved for one checkout; resolved once (I10 to I13).

    ``amount_minor`` is in the card's currency, ``order_minor`` in the order's, at ``rate``.
    """

    id = key()
    card = belongs_to(GiftCard, index=False)
    checkout = belongs_to(Checkout)
    currency = TextField()
    is_test = flag()
    amount_minor = minor()
    order_currency = TextField()
    order_minor = minor()
    rate = TextField(null=True)
    created_at = UTCField()
    expires_at = UTCField()
    resolved_at = UTCField(null=True)
    resolution = TextField(null=True)
    captured_minor = BigIntegerField(default=0)
    transfer = belongs_to(Transfer, field="id", null=True, index=False)
    seal = BlobField(null=True)

    class Meta:
        unsealed = ("resolved_at", "resolution", "captured_minor", "transfer_id")
        constraints = [
            in_book("hold", key="card_id"),
            *minors("hold", "amount_minor", "order_minor", least=1),
            check("hold_captured_within_held", "captured_minor BETWEEN 0 AND amount_minor"),
            one_of("hold", "resolution", RESOLUTIONS),
            check("hold_resolves_whole", "(resolved_at IS NULL) = (resolution IS NULL)"),
            check(
                "hold_capture_has_transfer",
                "COALESCE(resolution = 'captured', 1 = 0) = (transfer_id IS NOT NULL)",
            ),
            check(
                "hold_captured_in_time",
                "resolution IS NULL OR resolution <> 'captured' OR resolved_at <= expires_at",
            ),
        ]


Hold.add_index(
    SQL(
        "CREATE UNIQUE INDEX hold_one_active ON hold (card_id, checkout_id)"
        " WHERE resolved_at IS NULL"
    )
)
Hold.add_index(SQL("CREATE INDEX hold_running_out ON hold (expires_at) WHERE resolved_at IS NULL"))
