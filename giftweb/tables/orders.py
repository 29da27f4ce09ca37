"""Orders, their payments and refunds, and what the desk records about them."""

from peewee import SQL, AutoField, BlobField, IntegerField, TextField

from giftweb.database.columns import JSONField, UTCField
from giftweb.tables.base import (
    Table,
    belongs_to,
    check,
    flag,
    index_names,
    index_words,
    key,
    minor,
    minors,
    one_of,
    taxed,
)
from giftweb.tables.campaigns import CARD_TYPES, ITEM_KINDS, Campaign
from giftweb.tables.cards import GiftCard
from giftweb.tables.checkouts import Checkout, Hold
from giftweb.tables.ledger import Transfer
from giftweb.tables.people import Customer, Staff

ORDER_STATUSES = ("placed", "completed", "shipping_denied", "cancelled")
FULFILMENTS = ("pending", "shipped", "cancelled", "not_needed")
METHODS = (
    "gift_card",
    "credit_card",
    "paypal",
    "bank_transfer",
    "cash",
    "offline",
    "other",
    "stripe",
)
GATEWAYS = ("gift_card", "shop", "offline", "stripe")
PAYMENT_STATES = ("captured", "pending", "cancelled")
REFUND_STATUSES = ("claimed", "succeeded", "requested", "failed")
SHORTFALL_KINDS = ("bonus", "purchased", "recharge", "chargeback")
APPROVAL_STATUSES = ("waiting", "approved", "declined")
WAITS_FOR_REVIEW = "It waits for a review"
"""The reason of the freeze that holds a bought card until somebody has looked at its order."""


class Order(Table):
    """A placed order. ``number`` is what people read; amounts are in ``currency``.

    ``paid_at``: since when nothing of what it was placed with is awaited. The payments say the
    same, and are sealed.
    """

    number = AutoField()
    id = TextField(unique=True)
    campaign = belongs_to(Campaign)
    checkout = belongs_to(Checkout, null=True, unique=True)
    customer = belongs_to(Customer)
    reference = TextField(index=True)
    is_test = flag()
    status = TextField()
    fulfilment = TextField()
    tracking = TextField(null=True)
    currency = TextField()
    items_minor = minor()
    discount_minor = minor()
    tax_minor = minor()
    shipping_minor = minor()
    covers_minor = minor()
    customer_email = TextField(index=True)
    customer_name = TextField()
    customer_locale = TextField(null=True)
    shipping_address = JSONField(null=True)
    created_at = UTCField()
    paid_at = UTCField(null=True)
    seal = BlobField(null=True)
    tax_hundredths, tax_included = taxed("orders")

    class Meta:
        table_name = "orders"
        people = (("customer_email", "customer_name", "shipping_address"),)
        unsealed = ("number", "paid_at", "customer_locale")
        sealed_later = ("tax_hundredths", "tax_included")
        constraints = [
            one_of("orders", "status", ORDER_STATUSES),
            one_of("orders", "fulfilment", FULFILMENTS),
            *minors(
                "orders",
                "items_minor",
                "discount_minor",
                "tax_minor",
                "shipping_minor",
                "covers_minor",
            ),
            check("orders_discount_within_items", "discount_minor <= items_minor"),
        ]


class OrderItem(Table):
    """A line of an order. ``part``: 0 as it was placed, n with the nth thing that was added later.

    One that recharges a card names it, with the amount in the card's currency; and the top-up, once
    it is paid. ``card_currency`` and ``rate``: of money in another currency than the order's.
    ``taken_off_at``: it was not paid, or what was paid for it was refunded. The parts of the
    discount and the tax that its lines have are together the order's (D24).
    """

    id = key()
    order = belongs_to(Order, field="id")
    position = IntegerField()
    sku = TextField()
    name = TextField()
    quantity = IntegerField()
    unit_minor = minor()
    kind = TextField(default="goods")
    card_type = TextField(null=True)
    requires_shipping = flag()
    part = IntegerField()
    recipient_name = TextField(null=True)
    recipient_email = TextField(null=True)
    recipient_locale = TextField(null=True)
    sender_name = TextField(null=True)
    sender_email = TextField(null=True)
    message = TextField(null=True)
    deliver_at = UTCField(null=True)
    recharges = belongs_to(GiftCard, null=True, index=False)
    card_minor = minor(null=True)
    transfer = belongs_to(Transfer, field="id", null=True, index=False)
    card_currency = TextField(null=True)
    rate = TextField(null=True)
    taken_off_at = UTCField(null=True)
    discount_minor = minor()
    tax_minor = minor()
    seal = BlobField(null=True)
    deliver_zone = TextField(null=True)
    design = TextField(null=True)

    class Meta:
        people = (
            ("recipient_email", "recipient_name", "message"),
            ("sender_email", "sender_name", "message"),
        )
        unsealed = ("discount_minor", "tax_minor", "deliver_zone", "design", "recipient_locale")
        sealed_later = ("card_currency", "rate", "taken_off_at")
        constraints = [
            one_of("order_item", "kind", ITEM_KINDS),
            one_of("order_item", "card_type", CARD_TYPES),
            *minors("order_item", "unit_minor"),
            check("order_item_quantity_bounds", "quantity BETWEEN 1 AND 10000"),
            *minors("order_item", "card_minor", least=1),
            check(
                "order_item_recharge_is_whole",
                "(recharges_id IS NULL) = (card_minor IS NULL)"
                " AND (recharges_id IS NOT NULL OR transfer_id IS NULL)"
                " AND (recharges_id IS NULL OR (kind = 'gift_card' AND quantity = 1))",
            ),
            *minors("order_item", "discount_minor", "tax_minor"),
            check("order_item_discount_within_price", "discount_minor <= unit_minor * quantity"),
        ]


class Payment(Table):
    """What one tender pays. ``card_minor`` is a gift card's side in the card's own currency.

    ``pending``: the money is awaited, until ``pay_until`` if the campaign sets an end;
    ``settled_at``: when it came, or was given up. ``part``: of the order's lines that it pays.
    ``charge``: the provider's charge that it is, within its campaign and mode.
    """

    id = key()
    order = belongs_to(Order, field="id")
    method = TextField()
    gateway = TextField()
    currency = TextField()
    is_test = flag()
    state = TextField()
    amount_minor = minor()
    refunded_minor = minor(default=0)
    reference = TextField(default="")
    reusable_method = TextField(null=True)
    gift_card = belongs_to(GiftCard, null=True)
    hold = belongs_to(Hold, null=True, index=False)
    transfer = belongs_to(Transfer, field="id", null=True, index=False)
    card_currency = TextField(null=True)
    card_minor = minor(null=True)
    card_refunded_minor = minor(default=0)
    rate = TextField(null=True)
    part = IntegerField()
    charged_back_minor = minor(default=0)
    created_at = UTCField()
    pay_until = UTCField(null=True)
    settled_at = UTCField(null=True)
    reminded_at = UTCField(null=True)
    charge = TextField(null=True)
    seal = BlobField(null=True)

    class Meta:
        unsealed = (
            *("refunded_minor", "card_refunded_minor", "charged_back_minor"),
            *("reminded_at", "charge"),
        )
        sealed_later = ("pay_until", "settled_at")
        constraints = [
            one_of("payment", "method", METHODS),
            one_of("payment", "gateway", GATEWAYS),
            one_of("payment", "state", PAYMENT_STATES),
            *minors("payment", "amount_minor", least=1),
            *minors("payment", "charged_back_minor"),
            check("payment_refunded_within_paid", "refunded_minor BETWEEN 0 AND amount_minor"),
            check(
                "payment_card_refunded_within_paid",
                "card_refunded_minor BETWEEN 0 AND COALESCE(card_minor, 0)",
            ),
            check(
                "payment_is_whole",
                "(method = 'gift_card') = (gift_card_id IS NOT NULL)"
                " AND (method = 'gift_card') = (transfer_id IS NOT NULL)",
            ),
            check(
                "payment_leaves_nothing_to_charge",
                "method <> 'gift_card' OR reusable_method IS NULL",
            ),
        ]


class Refund(Table):
    """Money returned, to ``gift_card`` or by the provider; ``claimed``: a call is under way."""

    id = key()
    payment = belongs_to(Payment)
    order = belongs_to(Order, field="id")
    currency = TextField()
    amount_minor = minor()
    status = TextField()
    reason = TextField(null=True)
    gift_card = belongs_to(GiftCard, null=True)
    transfer = belongs_to(Transfer, field="id", null=True, index=False)
    reference = TextField(null=True)
    failure = TextField(null=True)
    created_at = UTCField()
    settled_at = UTCField(null=True)
    seal = BlobField(null=True)

    class Meta:
        unsealed = ()
        constraints = [
            one_of("refund", "status", REFUND_STATUSES),
            *minors("refund", "amount_minor", least=1),
        ]


class OrderIssue(Table):
    """The arithmetic of a card that staff issued on an order, as it stood then (S8, I23)."""

    card = belongs_to(GiftCard, primary_key=True)
    order = belongs_to(Order, field="id")
    total_minor = minor()
    refunded_minor = minor()
    issued_minor = minor()
    new_minor = minor()
    exceeded_by = belongs_to(Staff, null=True)
    reason = TextField()
    seal = BlobField(null=True)

    class Meta:
        unsealed = ()
        constraints = [
            *minors("order_issue", "total_minor", "refunded_minor", "issued_minor"),
            *minors("order_issue", "new_minor", least=1),
            check(
                "order_issue_within_total",
                "exceeded_by_id IS NOT NULL OR refunded_minor + issued_minor + new_minor"
                " <= total_minor",
            ),
        ]


class Note(Table):
    """A line in an order's or a customer's Notes, by a person or by the system."""

    id = key()
    subject = TextField()
    text = TextField()
    staff = belongs_to(Staff, null=True, index=False)
    created_at = UTCField()

    class Meta:
        indexes = ((("subject", "id"), False),)


class Chargeback(Table):
    """A payment taken back by its provider (S52)."""

    id = key()
    order = belongs_to(Order, field="id")
    payment = belongs_to(Payment)
    amount_minor = minor()
    created_at = UTCField()
    seal = BlobField(null=True)

    class Meta:
        unsealed = ()
        constraints = minors("chargeback", "amount_minor", least=1)


class Shortfall(Table):
    """Money that had left a card before it could be taken back (I24, S73)."""

    id = key()
    kind = TextField()
    order = belongs_to(Order, field="id")
    card = belongs_to(GiftCard)
    currency = TextField()
    amount_minor = minor()
    created_at = UTCField()
    seal = BlobField(null=True)

    class Meta:
        unsealed = ()
        constraints = [
            one_of("shortfall", "kind", SHORTFALL_KINDS),
            *minors("shortfall", "amount_minor", least=1),
        ]


class Approval(Table):
    """A verb above Root's limit that waits for another person."""

    id = key()
    verb = TextField()
    subject = TextField()
    currency = TextField()
    amount_minor = minor()
    arguments = JSONField()
    reason = TextField(null=True)
    asked_by = belongs_to(Staff)
    asked_at = UTCField()
    status = TextField(default="waiting")
    decided_by = belongs_to(Staff, null=True)
    decided_at = UTCField(null=True)
    seal = BlobField(null=True)

    class Meta:
        unsealed = ()
        constraints = [
            one_of("approval", "status", APPROVAL_STATUSES),
            check("approval_by_another", "decided_by_id IS NULL OR decided_by_id <> asked_by_id"),
            check("approval_decided_whole", "(status = 'waiting') = (decided_at IS NULL)"),
        ]


class WorkSeen(Table):
    """A row of the work list that somebody has looked at; ``subject`` is what it is about."""

    subject = key()
    staff = belongs_to(Staff)
    seen_at = UTCField()


for _name, _columns, _condition in (
    ("orders_created", "created_at, number", None),
    ("orders_status", "status, created_at, number", None),
    ("orders_pending", "created_at, number", "fulfilment = 'pending'"),
    ("orders_test", "created_at, number", "is_test"),
):
    _where = f" WHERE {_condition}" if _condition else ""
    Order.add_index(SQL(f"CREATE INDEX {_name} ON orders ({_columns}){_where}"))
index_names(Order, "customer_name")
index_words(Order, "customer_email", "@", ".")
index_words(Order, "reference", "-")
OrderItem.add_index(
    SQL(
        "CREATE UNIQUE INDEX order_item_recharge ON order_item (recharges_id, order_id)"
        " WHERE recharges_id IS NOT NULL"
    )
)
Refund.add_index(SQL("CREATE INDEX refund_open ON refund (id) WHERE status <> 'succeeded'"))
Payment.add_index(
    SQL("CREATE INDEX payment_pending ON payment (created_at) WHERE state = 'pending'")
)
Payment.add_index(
    SQL("CREATE UNIQUE INDEX payment_charge ON payment (charge) WHERE charge IS NOT NULL")
)
Approval.add_index(
    SQL("CREATE INDEX approval_waiting ON approval (asked_at) WHERE status = 'waiting'")
)
