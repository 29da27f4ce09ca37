"""An order as it is read: frozen values."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, TypeVar

from peewee import ModelSelect

from giftweb import database, models
from giftweb.database import records
from giftweb.domain import cards, catalogue, notes, payments
from giftweb.domain.cards.values import Card
from giftweb.domain.catalogue.items import Delivery, delivery
from giftweb.domain.catalogue.taxes import Tax
from giftweb.domain.notes import Note
from giftweb.domain.orders import recharge_values
from giftweb.domain.orders.line import Line
from giftweb.domain.orders.recharge_values import Recharge
from giftweb.domain.payments.payments import Payment
from giftweb.errors import NotFound
from giftweb.money import Money

PLACED, COMPLETED = "placed", "completed"
SHIPPING_DENIED, CANCELLED = "shipping_denied", "cancelled"
PENDING, SHIPPED, NOT_NEEDED = "pending", "shipped", "not_needed"
FULFILMENT_CANCELLED = CANCELLED
NUMBERS_END = 2**31
"""Beyond the numbers that the database knows."""
PURCHASED, ISSUED = ("purchase", "stock"), ("order", "campaign")
RETURNED = ("replacement", "refund")
T = TypeVar("T")


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
    customer_locale: str | None
    shipping_address: dict[str, str] | None
    created_at: datetime
    paid_at: datetime | None
    tax_hundredths: int | None
    tax_included: bool | None

    @property
    def tax(self) -> Tax | None:
        """The hosted shop's rate for it; None: there is none."""
        return catalogue.taxes.of_columns(self.tax_hundredths, self.tax_included)

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


@dataclass(frozen=True, slots=True)
class OrderSheet:
    """An order with everything on it; ``returned``: cards that were issued as its refunds."""

    order: Order
    lines: tuple[Line, ...]
    recharges: tuple[Recharge, ...]
    payments: tuple[Payment, ...]
    issued: tuple[Card, ...]
    purchased: tuple[Card, ...]
    returned: tuple[Card, ...]
    notes: tuple[Note, ...]

    @property
    def kept_lines(self) -> list[Line]:
        """The lines that nobody has taken off."""
        return [line for line in self.lines if not line.taken_off_at]

    @property
    def paid_by_cards(self) -> Money:
        """What gift cards paid."""
        return Money(
            sum(payment.amount.minor for payment in self.payments if payment.is_gift_card),
            self.order.currency,
        )

    @property
    def payment_status(self) -> str:
        """awaited, paid, partly_refunded, refunded, charged_back or cancelled (docs/api.md)."""
        return payment_status(self.payments)

    @property
    def awaited(self) -> Money:
        """What has not come yet (D21)."""
        awaited = sum(each.amount_minor for each in self.payments if each.is_awaited)
        return Money(awaited, self.order.currency)

    @property
    def to_transfer(self) -> Money:
        """What the customer is still to send to our bank account."""
        awaited = sum(each.amount_minor for each in self.payments if each.is_awaited_transfer)
        return Money(awaited, self.order.currency)

    @property
    def pay_by(self) -> date | None:
        """The last day on which all that is awaited may come; None: there is none."""
        last_days = [each.pay_by for each in self.payments if each.is_awaited and each.pay_by]
        return min(last_days, default=None)

    def delivery(self, line: Line) -> Delivery | None:
        """When the line's cards are sent, as that is by now; None: at once."""
        if line.deliver_at is None:
            return None
        bought = (card for card in self.purchased if card.order_item_id == line.id)
        sent: Card | Line = next(filter(lambda card: card.deliver_at, bought), line)
        return delivery(sent.deliver_at, sent.deliver_zone, shop_zone=line.time_zone)

    def is_awaited(self, line: Line) -> bool:
        """Whether the line waits for its money."""
        return any(each.is_awaited and each.part == line.part for each in self.payments)

    @property
    def refunded(self) -> Money:
        """What was refunded so far, over all tenders."""
        return Money(sum(payment.refunded.minor for payment in self.payments), self.order.currency)

    @property
    def tax_within(self) -> Money:
        """The tax that is in the prices of its goods and in its shipping."""
        tax = self.order.tax
        never_paid = {each.part for each in self.payments if each.state == payments.CANCELLED}
        goods = [line for line in self.lines if not line.is_gift_card]
        goods = [line for line in goods if not line.part or line.part not in never_paid]
        minor = sum(line.total.minor - line.discount_minor for line in goods)
        within = tax.within_minor(minor + self.order.shipping_minor) if tax else 0
        return Money(within, self.order.currency)

    @property
    def charged_back(self) -> Money:
        """What providers took back."""
        taken = sum(payment.charged_back.minor for payment in self.payments)
        return Money(taken, self.order.currency)


def payment_status(paid: Sequence[Payment]) -> str:
    """What has become of an order's money, from all of its payments."""
    if any(each.state == payments.CANCELLED and each.part == 0 for each in paid):
        return "cancelled"
    if any(each.is_awaited for each in paid):
        return "awaited"
    if any(each.charged_back_minor for each in paid):
        return "charged_back"
    if not any(each.refunded_minor for each in paid):
        return "paid"
    return "partly_refunded" if any(each.left_minor for each in paid) else "refunded"


def find(order_id: str, *, campaign_id: str | None = None, is_test: bool | None = None) -> Order:
    """The order with this id; within a campaign and mode when they are given.

    Raises: NotFound.
    """
    conditions = [models.Order.id == order_id]
    if campaign_id is not None:
        conditions.append(models.Order.campaign == campaign_id)
    if is_test is not None:
        conditions.append(models.Order.is_test == is_test)
    return _first(select().where(*conditions))


def find_by_number(number: int) -> Order:
    """The order with the number that people read.

    Raises: NotFound.
    """
    if number >= NUMBERS_END:
        raise NotFound
    return _first(select().where(models.Order.number == number))


def find_by_numbers(numbers: Sequence[int]) -> dict[int, Order]:
    """The orders with these numbers, by number; unknown ones are left out."""
    known = [number for number in numbers if number < NUMBERS_END]
    return {order.number: order for order in select().where(models.Order.number.in_(known))}


def of_customer(customer_id: str, *, limit: int = 20) -> list[Order]:
    """The customer's latest orders, newest first."""
    theirs = select().where(models.Order.customer == customer_id)
    return list(theirs.order_by(models.Order.number.desc()).limit(limit))


def lock(order_id: str) -> Order:
    """The order under its lock, until the transaction ends.

    Raises: NotFound.
    """
    return _first(database.locked(select().where(models.Order.id == order_id)))


def lock_with_payment(payment_id: str) -> tuple[Order, Payment]:
    """A payment's order and the payment, both under their locks.

    Raises: NotFound.
    """
    order = lock(payments.find(payment_id).order_id)
    return order, payments.lock(payment_id)


def select() -> ModelSelect:
    """A query for orders."""
    return records.select(Order, models.Order)


def _first(query: ModelSelect) -> Order:
    if order := query.first():
        return order
    raise NotFound


def sheet(order: Order) -> OrderSheet:
    """The order with its lines, payments, cards and notes."""
    return sheets([order])[0]


def sheets(orders: Sequence[Order]) -> list[OrderSheet]:
    """Orders with their parts: four queries however many there are, and one for recharges."""
    order_ids = [order.id for order in orders]
    found = _lines(order_ids)
    has_recharges = any(line.recharges_id for line in found)
    recharges = recharge_values.of_orders(order_ids) if has_recharges else []
    by_line = _grouped(found, _order_id)
    by_recharge = _grouped(recharges, _order_id)
    by_payment = _grouped(payments.of_orders(order_ids), _order_id)
    by_card = _grouped(cards.of_orders(order_ids), _order_id)
    by_note = _grouped(notes.of_each(order_ids), lambda note: note.subject)
    return [
        OrderSheet(
            order=order,
            lines=by_line[order.id],
            recharges=by_recharge[order.id],
            payments=by_payment[order.id],
            issued=_from(by_card[order.id], ISSUED),
            purchased=_from(by_card[order.id], PURCHASED),
            returned=_from(by_card[order.id], RETURNED),
            notes=by_note[order.id],
        )
        for order in orders
    ]


def _order_id(part: Any) -> str:
    return part.order_id


def _grouped(parts: Iterable[T], key: Callable[[T], str]) -> Mapping[str, tuple[T, ...]]:
    grouped: dict[str, tuple[T, ...]] = defaultdict(tuple)
    for part in parts:
        grouped[key(part)] += (part,)
    return grouped


def _from(cards: Sequence[Card], origins: tuple[str, ...]) -> tuple[Card, ...]:
    return tuple(card for card in cards if card.origin in origins)


def cards_of(order_id: str) -> list[Card]:
    """Every card that was issued on, bought in or returned for the order, by id."""
    return cards.of_orders([order_id])


# Hot: each capture over HTTP reads the parts of its order for the answer and the event, at 0.5
# (SQLite) and 0.7 of the bare driver's rate; peewee would add 0.5 ms for each part.

_TIME_ZONE = (
    "CASE WHEN i.deliver_at IS NULL THEN 'UTC'"
    " ELSE (SELECT c.time_zone FROM campaign c WHERE c.id = o.campaign_id) END"
)
_LINE = records.Reader(
    Line, {"currency": "o.currency", "time_zone": _TIME_ZONE}, i=models.OrderItem
)


def lines(order_id: str) -> list[Line]:
    """The lines of an order, by position."""
    return _lines([order_id])


def _lines(order_ids: Sequence[str]) -> list[Line]:
    found = database.rows(
        f"SELECT {_LINE.columns} FROM order_item i JOIN orders o ON o.id = i.order_id"
        f" WHERE i.order_id IN ({database.placeholders(order_ids)})"
        " ORDER BY i.order_id, i.position",
        *order_ids,
    )
    return [_LINE.read(row) for row in found]
