"""An order as it is read: frozen values, and the object of API.md 3."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from giftweb import clock, database
from giftweb.domain import cards, json_values, notes, payments
from giftweb.domain.cards.values import Card
from giftweb.domain.notes import Note
from giftweb.domain.orders import recharge_values
from giftweb.domain.orders.recharge_values import Recharge
from giftweb.domain.payments.payments import Payment
from giftweb.errors import NotFound
from giftweb.money import Money

PLACED, COMPLETED, SHIPPING_DENIED, CANCELLED = (
    "placed",
    "completed",
    "shipping_denied",
    "cancelled",
)
PENDING, SHIPPED, NOT_NEEDED = "pending", "shipped", "not_needed"
NUMBERS_END = 2**31
PURCHASED, ISSUED, RETURNED = ("purchase",), ("order", "campaign"), ("replacement",)


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """The order itself, without its parts; amounts in minor units of ``currency``."""

    id: str
    number: int
    campaign_id: str
    checkout_id: str | None
    customer_id: str
    reference: str
    is_test: bool
    status: str
    fulfilment: str
    tracking: str | None
    currency: str
    items_minor: int
    discount_minor: int
    tax_minor: int
    shipping_minor: int
    covers_minor: int
    customer_email: str
    customer_name: str
    shipping_address: dict[str, str] | None
    created_at: datetime

    @property
    def total(self) -> Money:
        """The grand total: items - discount + tax + shipping."""
        minor = self.items_minor - self.discount_minor + self.tax_minor + self.shipping_minor
        return Money(minor, self.currency)

    @property
    def shipping(self) -> Money:
        """Shipping and handling, with its tax."""
        return Money(self.shipping_minor, self.currency)

    def amount(self, name: str) -> Money:
        """One of its amounts by name: items, discount, tax, shipping."""
        return Money(getattr(self, f"{name}_minor"), self.currency)

    @property
    def is_over(self) -> bool:
        """Whether it was denied or cancelled."""
        return self.status in (SHIPPING_DENIED, CANCELLED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One item of an order."""

    id: str
    sku: str
    name: str
    quantity: int
    unit: Money
    kind: str
    card_type: str | None
    requires_shipping: bool
    is_upsell: bool
    recharge: Recharge | None

    @property
    def total(self) -> Money:
        """Quantity times unit amount."""
        return Money(self.quantity * self.unit.minor, self.unit.currency)

    def to_object(self) -> dict[str, Any]:
        """The line as other programs see it."""
        shown = {
            "sku": self.sku,
            "name": self.name,
            "quantity": self.quantity,
            "unit_amount": self.unit.minor,
            "kind": self.kind,
            "requires_shipping": self.requires_shipping,
            "is_upsell": self.is_upsell,
        }
        if self.recharge:
            shown["recharges"] = self.recharge.card_id
        return shown | ({"type": self.card_type} if self.card_type else {})


@dataclass(frozen=True, slots=True)
class OrderSheet:
    """An order with everything on it; ``returned``: cards that were given as its refunds."""

    order: Order
    lines: tuple[Line, ...]
    payments: tuple[Payment, ...]
    issued: tuple[Card, ...]
    purchased: tuple[Card, ...]
    returned: tuple[Card, ...]
    notes: tuple[Note, ...]

    @property
    def recharges(self) -> list[Recharge]:
        """The cards that it recharged."""
        return [line.recharge for line in self.lines if line.recharge]

    @property
    def paid_by_cards(self) -> Money:
        """What gift cards paid."""
        return Money(
            sum(payment.amount.minor for payment in self.payments if payment.is_gift_card),
            self.order.currency,
        )

    @property
    def to_transfer(self) -> Money:
        """What the customer sends to our bank account, less what was given back."""
        awaited = sum(each.left.minor for each in self.payments if each.is_awaited_transfer)
        return Money(awaited, self.order.currency)

    @property
    def refunded(self) -> Money:
        """What was given back so far, over all tenders."""
        return Money(sum(payment.refunded.minor for payment in self.payments), self.order.currency)

    @property
    def charged_back(self) -> Money:
        """What providers took back."""
        taken = sum(payment.charged_back.minor for payment in self.payments)
        return Money(taken, self.order.currency)

    def to_object(self) -> dict[str, Any]:
        """The ``order`` object of API.md 3."""
        order = self.order
        return {
            "id": order.id,
            "number": order.number,
            "reference": order.reference,
            "livemode": not order.is_test,
            "status": order.status,
            "fulfilment": order.fulfilment,
            "tracking": order.tracking,
            "currency": order.currency,
            "items_amount": order.items_minor,
            "discount_amount": order.discount_minor,
            "tax_amount": order.tax_minor,
            "shipping_amount": order.shipping_minor,
            "grand_total": order.total.minor,
            "covered_amount_max": order.covers_minor,
            "gift_card_amount": self.paid_by_cards.minor,
            "amount_due": (order.total - self.paid_by_cards).minor,
            "refunded_amount": self.refunded.minor,
            "customer": {
                "id": order.customer_id,
                "email": order.customer_email,
                "name": order.customer_name,
            },
            "shipping_address": order.shipping_address,
            "checkout_id": order.checkout_id,
            "items": [line.to_object() for line in self.lines],
            "payments": [payment.to_object() for payment in self.payments],
            "issued_gift_cards": [card.to_object() for card in self.issued],
            "purchased_gift_cards": [card.to_object() for card in self.purchased],
            "notes": [note.to_object() for note in self.notes],
            "created_at": json_values.instant(order.created_at),
        }


COLUMNS = (
    "o.id, o.number, o.campaign_id, o.checkout_id, o.customer_id, o.reference, o.is_test,"
    " o.status, o.fulfilment, o.tracking, o.currency, o.items_minor, o.discount_minor,"
    " o.tax_minor, o.shipping_minor, o.covers_minor, o.customer_email, o.customer_name,"
    " o.shipping_address, o.created_at"
)
_NAMES = [column.strip().removeprefix("o.") for column in COLUMNS.split(",")]


def select(where: str, *params: Any) -> list[Order]:
    """Orders by a condition on ``o``."""
    found = database.rows(f"SELECT {COLUMNS} FROM orders o {where}", *params)
    return [from_row(row) for row in found]


def find(order_id: str, *, campaign_id: str | None = None, is_test: bool | None = None) -> Order:
    """The order with this id; within a campaign and mode when they are given.

    Raises: NotFound.
    """
    found = select("WHERE o.id = ?", order_id)
    if not found or (campaign_id is not None and found[0].campaign_id != campaign_id):
        raise NotFound
    if is_test is not None and found[0].is_test != is_test:
        raise NotFound
    return found[0]


def find_by_number(number: int) -> Order:
    """The order with the number that people read.

    Raises: NotFound.
    """
    found = select("WHERE o.number = ?", number) if number < NUMBERS_END else []
    if not found:
        raise NotFound
    return found[0]


def of_customer(customer_id: str, *, limit: int = 20) -> list[Order]:
    """The customer's latest orders, newest first."""
    return select("WHERE o.customer_id = ? ORDER BY o.number DESC LIMIT ?", customer_id, limit)


def lock(order_id: str) -> Order:
    """The order under its lock, until the transaction ends.

    Raises: NotFound.
    """
    database.row(f"SELECT id FROM orders WHERE id = ?{database.for_update()}", order_id)
    return find(order_id)


def sheet(order: Order) -> OrderSheet:
    """The order with its lines, payments, cards and notes: four queries, however many there are."""
    return gathered(
        order,
        lines=[line_from(row, order) for row in database.rows(LINES, order.id)],
        paid=payments.of_order(order.id),
        cards=cards_of(order.id),
        noted=notes.of(order.id),
    )


def gathered(
    order: Order,
    *,
    lines: Iterable[Line],
    paid: Iterable[Payment],
    cards: Sequence[Card],
    noted: Iterable[Note],
) -> OrderSheet:
    """The order with the parts that were read of it."""
    return OrderSheet(
        order=order,
        lines=tuple(lines),
        payments=tuple(paid),
        issued=tuple(card for card in cards if card.origin in ISSUED),
        purchased=tuple(card for card in cards if card.origin in PURCHASED),
        returned=tuple(card for card in cards if card.origin in RETURNED),
        notes=tuple(noted),
    )


def cards_of(order_id: str) -> list[Card]:
    """Every card that was issued on, bought in or given for the order, by id."""
    return cards.select("WHERE g.order_id = ? ORDER BY g.id", order_id)


LINE_COLUMNS = (
    "i.id, i.sku, i.name, i.quantity, i.unit_minor, i.kind, i.card_type, i.requires_shipping,"
    f" i.is_upsell, {recharge_values.COLUMNS}"
)
LINE_FROM = f"FROM order_item i {recharge_values.JOIN}"
LINES = f"SELECT {LINE_COLUMNS} {LINE_FROM} WHERE i.order_id = ? ORDER BY i.position"


def line_from(row: tuple, order: Order) -> Line:
    """A row of LINE_COLUMNS as a Line."""
    return Line(
        id=row[0],
        sku=row[1],
        name=row[2],
        quantity=row[3],
        unit=Money(row[4], order.currency),
        kind=row[5],
        card_type=row[6],
        requires_shipping=bool(row[7]),
        is_upsell=bool(row[8]),
        recharge=recharge_values.from_row(row[9:]),
    )


def from_row(row: tuple) -> Order:
    """A row of COLUMNS as an Order."""
    values = dict(zip(_NAMES, row, strict=True))
    address = values["shipping_address"]
    values["shipping_address"] = None if address is None else json.loads(address)
    values["is_test"] = bool(values["is_test"])
    values["created_at"] = clock.from_micros(values["created_at"])
    return Order(**values)
