"""An order with everything on it, as other programs see it (docs/api.md)."""

from giftweb.domain import payload_fields
from giftweb.domain.cards.payload import GiftCard
from giftweb.domain.catalogue.payload import Line
from giftweb.domain.payload_fields import Payload, Person
from giftweb.domain.payments.payload import Payment
from giftweb.tables.campaigns import CARD_TYPES
from giftweb.tables.orders import FULFILMENTS, ORDER_STATUSES

PAYMENT_STATUSES = (
    *("awaited", "paid", "partly_refunded", "refunded", "charged_back", "cancelled"),
)


class Customer(Person):
    """Who bought."""

    id = payload_fields.identity("cus", of="customer_id")
    email = payload_fields.text(
        "Null at a till, which does not know its customer.",
        nullable=True,
        of=lambda order: order.customer_email or None,
    )
    name = payload_fields.text(of="customer_name", required=False)


class OrderItem(Line):
    """A line of an order."""

    is_upsell = payload_fields.yes("Whether it was added after the order was placed.")
    is_taken_off = payload_fields.yes(
        "Whether it was taken off again; what was paid for it is refunded.",
        of=lambda line: line.taken_off_at is not None,
    )
    type = payload_fields.word(CARD_TYPES, "For gift cards.", required=False, of="card_type")
    recharges = payload_fields.identity(
        "gc", "The card that its money went on.", required=False, of="recharges_id"
    )


class Note(Payload):
    """A line of an order's notes."""

    id = payload_fields.text()
    text = payload_fields.text()
    by = payload_fields.word(
        ("staff", "system"), of=lambda note: "staff" if note.author else "system"
    )
    created_at = payload_fields.instant()


class Order(Payload):
    """What was bought; amounts are minor units of its currency."""

    id = payload_fields.identity("ord", of="order.id")
    number = payload_fields.number("What people call it by.", of="order.number")
    reference = payload_fields.text("The shop's own.", of="order.reference")
    livemode = payload_fields.yes(of=lambda sheet: not sheet.order.is_test)
    status = payload_fields.word(ORDER_STATUSES, of="order.status")
    payment_status = payload_fields.word(
        PAYMENT_STATUSES,
        "`awaited`: a payment is `pending`. Nothing that it pays for exists yet.",
    )
    fulfilment = payload_fields.word(FULFILMENTS, of="order.fulfilment")
    tracking = payload_fields.text(nullable=True, of="order.tracking")
    currency = payload_fields.currency(of="order.currency")
    items_amount = payload_fields.minor(of="order.items_minor")
    discount_amount = payload_fields.minor(of="order.discount_minor")
    tax_amount = payload_fields.minor(of="order.tax_minor")
    shipping_amount = payload_fields.minor(of="order.shipping_minor")
    grand_total = payload_fields.minor(of="order.total.minor")
    covered_amount_max = payload_fields.minor(
        "What cards were allowed to pay.", of="order.covers_minor"
    )
    gift_card_amount = payload_fields.minor("What cards paid.", of="paid_by_cards.minor")
    amount_due = payload_fields.minor(
        "What other tenders pay.",
        of=lambda sheet: sheet.order.total.minor - sheet.paid_by_cards.minor,
    )
    refunded_amount = payload_fields.minor(of="refunded.minor")
    customer = payload_fields.one(Customer, of="order")
    shipping_address = payload_fields.document(nullable=True, of="order.shipping_address")
    checkout_id = payload_fields.identity("chk", nullable=True, of="order.checkout_id")
    items = payload_fields.many(OrderItem, of="lines")
    payments = payload_fields.many(Payment)
    issued_gift_cards = payload_fields.many(GiftCard, "Given by staff, and the bonus.", of="issued")
    purchased_gift_cards = payload_fields.many(GiftCard, of="purchased")
    notes = payload_fields.many(Note)
    created_at = payload_fields.instant(of="order.created_at")
