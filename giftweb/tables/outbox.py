"""What must leave the house: mails, events, and their deliveries to shops (I29)."""

from peewee import SQL, BlobField, IntegerField, TextField

from giftweb.database.columns import JSONField, UTCField
from giftweb.tables.base import Table, belongs_to, flag, key, one_of
from giftweb.tables.campaigns import Campaign, WebhookEndpoint
from giftweb.tables.cards import GiftCard
from giftweb.tables.orders import Order

MAIL_STATES = ("waiting", "sending", "unclear", "sent", "failed", "withdrawn")
CARRIERS = ("card_issued", "card_resent", "card_replaced", "cards_purchased", "bonus_issued")
"""The kinds of mails that carry codes."""
DELIVERY_STATES = ("waiting", "sending", "delivered", "failed")


class Mail(Table):
    """A mail to send. Names the card by its id; the code is opened while the mail is written.

    ``due_at`` is the end of the lease while a worker has it (domain.deliveries). ``unclear``: it
    was handed to the mail server and its answer is unknown. ``withdrawn``: its card ended before.
    """

    id = key()
    kind = TextField()
    to_email = TextField()
    card = belongs_to(GiftCard, null=True, index=False)
    order = belongs_to(Order, field="id", null=True, index=False)
    data = JSONField(null=True)
    is_test = flag(default=False)
    state = TextField(default="waiting")
    attempts = IntegerField(default=0)
    due_at = UTCField()
    created_at = UTCField()
    sent_at = UTCField(null=True)
    problem = TextField(null=True)
    seal = BlobField(null=True)

    class Meta:
        unsealed = ("state", "attempts", "due_at", "sent_at", "problem")
        sealed_since = "more_seals"
        constraints = [one_of("mail", "state", MAIL_STATES)]


for _name, _columns, _condition in (
    ("mail_due", "due_at", "state IN ('waiting', 'sending')"),
    ("mail_failed", "id", "state IN ('failed', 'unclear')"),
    ("mail_card", "card_id, id", "card_id IS NOT NULL"),
    ("mail_order", "order_id, id", "order_id IS NOT NULL"),
    ("mail_to", "to_email, id", "to_email <> ''"),
):
    Mail.add_index(SQL(f"CREATE INDEX {_name} ON mail ({_columns}) WHERE {_condition}"))


class ReminderRefusal(Table):
    """An address that wants no reminders of unspent money, from any shop here (B18)."""

    email = key()
    created_at = UTCField()


class Event(Table):
    """Something a campaign may want to know. Never holds a code."""

    id = key()
    type = TextField()
    campaign = belongs_to(Campaign, index=False)
    is_test = flag()
    subject = TextField()
    payload = JSONField()
    created_at = UTCField()

    class Meta:
        indexes = ((("campaign", "is_test", "id"), False),)


class Delivery(Table):
    """An event on its way to one endpoint."""

    id = key()
    event = belongs_to(Event)
    endpoint = belongs_to(WebhookEndpoint)
    state = TextField(default="waiting")
    attempts = IntegerField(default=0)
    due_at = UTCField()
    created_at = UTCField()
    delivered_at = UTCField(null=True)
    answer_status = IntegerField(null=True)
    problem = TextField(null=True)

    class Meta:
        constraints = [one_of("delivery", "state", DELIVERY_STATES)]


Delivery.add_index(
    SQL("CREATE INDEX delivery_due ON delivery (due_at) WHERE state IN ('waiting', 'sending')")
)
Delivery.add_index(SQL("CREATE INDEX delivery_failed ON delivery (id) WHERE state = 'failed'"))
