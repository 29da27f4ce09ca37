"""Staff, their sessions, customers and settings."""

from peewee import SQL, BigIntegerField, BlobField, CompositeKey, IntegerField, TextField

from giftweb.database.columns import DateField, JSONField, UTCField
from giftweb.language import LANGUAGES
from giftweb.tables.base import Table, belongs_to, flag, index_names, index_words, key, one_of

ROLES = (
    *("customer_service", "customer_service_admin", "marketing", "finance"),
    *("cashier", "root"),
)


class Staff(Table):
    """A person who signs in to the desk (D14). ``totp_step`` is the last step that was used.

    ``language``: what the desk and its mails speak to them; NULL: what their browser asks for.
    ``password_hash`` is empty until the person has chosen a password, or another one after a reset.
    """

    id = key()
    email = TextField(unique=True)
    name = TextField()
    role = TextField()
    password_hash = TextField()
    totp_sealed = BlobField(null=True)
    totp_step = IntegerField(default=0)
    is_active = flag(default=True)
    created_at = UTCField()
    seal = BlobField(null=True)
    language = TextField(
        null=True,
        constraints=[one_of("staff", "language", LANGUAGES)],
    )

    class Meta:
        unsealed = ("totp_step",)
        sealed_later = ("language",)
        sealed_since = "more_seals"
        constraints = [one_of("staff", "role", ROLES)]


class StaffSession(Table):
    """One sign-in. ``id`` is the hash of the key in the cookie; the row can be revoked.

    ``confirmed_at`` is when the password was last entered; none while the second factor is pending.
    """

    id = key()
    staff = belongs_to(Staff)
    created_at = UTCField()
    seen_at = UTCField()
    confirmed_at = UTCField(null=True)
    revoked_at = UTCField(null=True)
    agent = TextField()
    seal = BlobField(null=True)

    class Meta:
        unsealed = ("seen_at",)
        sealed_since = "seals_of_rights"


class StaffLink(Table):
    """A link mailed to a member of staff to choose a password; ``id`` is the hash of its secret."""

    id = key()
    staff = belongs_to(Staff)
    purpose = TextField()
    created_at = UTCField()
    expires_at = UTCField()
    used_at = UTCField(null=True)
    seal = BlobField(null=True)

    class Meta:
        unsealed = ()
        sealed_since = "seals_of_rights"
        constraints = [one_of("staff_link", "purpose", ("invitation", "reset"))]


class RecoveryCode(Table):
    """A code that stands in once for a lost authenticator; only its hash is kept."""

    staff = belongs_to(Staff, index=False)
    code_hash = TextField()
    used_at = UTCField(null=True)

    class Meta:
        primary_key = CompositeKey("staff", "code_hash")


class Passkey(Table):
    """A key in a person's phone or computer that signs them in alone; ``id`` is its own name."""

    id = key()
    staff = belongs_to(Staff)
    name = TextField()
    public_key = BlobField()
    sign_count = IntegerField(default=0)
    created_at = UTCField()
    used_at = UTCField(null=True)
    seal = BlobField(null=True)

    class Meta:
        unsealed = ("sign_count", "used_at")
        sealed_since = "more_seals"


class UsedChallenge(Table):
    """A challenge that a passkey has answered, by its hash: no answer to it counts again."""

    id = key()
    used_at = UTCField()


class Customer(Table):
    """A registered customer; ``email`` is kept in lower case. ``erasure_asked_at``: when they have
    asked to be forgotten."""

    id = key()
    email = TextField(unique=True)
    name = TextField()
    created_at = UTCField()
    erasure_asked_at = UTCField(null=True)
    seal = BlobField(null=True)

    class Meta:
        unsealed = ()
        sealed_since = "seals_of_rights"


index_names(Customer, "name")
index_words(Customer, "email", "@", ".")


class SignInRequest(Table):
    """An address at which a link is wanted, whoever wants it; the worker looks up whose it is."""

    email = key()
    asked_at = UTCField(index=True)
    answered_at = UTCField(null=True)


class SignInLink(Table):
    """A link mailed to a customer for /account/ (B20); ``id`` is the hash of its secret."""

    id = key()
    customer = belongs_to(Customer)
    created_at = UTCField()
    expires_at = UTCField()
    used_at = UTCField(null=True)
    seal = BlobField(null=True)

    class Meta:
        unsealed = ()
        sealed_since = "seals_of_rights"


class CustomerSession(Table):
    """A customer signed in to /account/; ``id`` is the hash of the key in the cookie."""

    id = key()
    customer = belongs_to(Customer)
    created_at = UTCField()
    seen_at = UTCField()
    expires_at = UTCField()
    revoked_at = UTCField(null=True)
    seal = BlobField(null=True)

    class Meta:
        unsealed = ("seen_at",)
        sealed_since = "seals_of_rights"


class Setting(Table):
    """What Root sets for the whole house, such as the limit above which approval is needed."""

    name = key()
    value = JSONField()
    seal = BlobField(null=True)

    class Meta:
        unsealed = ()
        sealed_since = "more_seals"


class DailyUse(Table):
    """What has been used of a day's limit, by a person, a receiver, an API key or a campaign."""

    day = DateField()
    counter = TextField()
    amount = BigIntegerField()

    class Meta:
        primary_key = CompositeKey("day", "counter")


class KeyVersion(Table):
    """The fingerprint of each key version, to detect a wrong keys file at once (I28)."""

    version = IntegerField(primary_key=True)
    fingerprint = TextField(constraints=[SQL("UNIQUE")])
