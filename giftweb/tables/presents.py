"""What makes a gift card a present: its pictures, and the wallets that hold it."""

from peewee import SQL, BlobField, CompositeKey, IntegerField, TextField

from giftweb.database.columns import UTCField
from giftweb.tables.base import Table, belongs_to, check, key
from giftweb.tables.campaigns import Product
from giftweb.tables.cards import GiftCard


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
    """A device that holds a gift card in its wallet and wants to be informed of its balance."""

    device = TextField()
    card = belongs_to(GiftCard, index=False)
    push_token = TextField()
    created_at = UTCField()

    class Meta:
        primary_key = CompositeKey("device", "card")


WalletPass.add_index(SQL("CREATE INDEX wallet_pass_card ON wallet_pass (card_id)"))
