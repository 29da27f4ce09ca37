"""What makes a gift card a present: its pictures, and the wallets that hold it."""

from peewee import SQL, BlobField, CompositeKey, IntegerField, TextField

from giftweb.database.columns import UTCField
from giftweb.tables.base import Table, belongs_to, check, key, one_of
from giftweb.tables.campaigns import Product
from giftweb.tables.cards import GiftCard

WALLETS = ("apple", "google")
WALLET_STATES = ("current", "waiting", "sending", "failed")


class Picture(Table):
    """A picture as it was drawn again after its upload. ``id`` is the hash of what it shows.

    ``webp`` is for browsers, ``fallback`` (JPEG) for mails, PDF and what reads no WebP.
    """

    id = key()
    width = IntegerField()
    height = IntegerField()
    webp = BlobField()
    fallback = BlobField()
    created_at = UTCField()

    class Meta:
        constraints = [
            check("picture_size_bounds", "length(webp) <= 400000 AND length(fallback) <= 400000"),
            check("picture_id_length", "length(id) = 32"),
        ]


class ProductPicture(Table):
    """A picture of a product, or a design that its gift card can have: uploaded, or one of ours."""

    product = belongs_to(Product, index=False)
    position = IntegerField()
    picture = belongs_to(Picture, null=True)
    drawn = TextField(null=True)
    occasion = TextField(default="")
    alt = TextField()

    class Meta:
        primary_key = CompositeKey("product", "position")
        constraints = [
            check("product_picture_is_one", "(picture_id IS NULL) <> (drawn IS NULL)"),
        ]


class WalletPass(Table):
    """A gift card in a wallet that is informed of its changes: on a device of Apple's, or Google's
    one object of the card, whose ``device`` is empty.

    ``changed_at``: when the card changed last. ``waiting``: the wallet is not informed of that yet;
    with its ``attempts`` and ``due_at`` a row is claimed by the worker (domain.outbox.leases).
    """

    id = key()
    wallet = TextField(default="apple")
    device = TextField()
    card = belongs_to(GiftCard, index=False)
    push_token = TextField()
    created_at = UTCField()
    changed_at = UTCField()
    state = TextField(default="current")
    attempts = IntegerField(default=0)
    due_at = UTCField()
    problem = TextField(null=True)

    class Meta:
        constraints = [
            one_of("wallet_pass", "wallet", WALLETS),
            one_of("wallet_pass", "state", WALLET_STATES),
        ]


for _name, _columns in (
    ("wallet_pass_card", "(card_id)"),
    ("wallet_pass_device", "(device)"),
    ("wallet_pass_due", "(due_at) WHERE state IN ('waiting', 'sending')"),
):
    WalletPass.add_index(SQL(f"CREATE INDEX {_name} ON wallet_pass {_columns}"))
