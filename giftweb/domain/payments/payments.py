"""Tenders: what pays an order, and each payment with its refunds (D2)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from giftweb import clock, database, days, ids, models
from giftweb.database import records
from giftweb.domain import audit, cards
from giftweb.domain.cards.locking import Locked
from giftweb.domain.ledger.holds import Hold
from giftweb.domain.ledger.transfers import CARD, Movement
from giftweb.domain.payments.charge_names import WITHOUT_CHARGE, charge_of, require_unused
from giftweb.errors import NotFound
from giftweb.money import Money

GIFT_CARD = "gift_card"
CAPTURED, PENDING, CANCELLED = "captured", "pending", "cancelled"
REPORTED_BY_HAND = ("shop", "offline")
"""Gateways whose payments somebody reports to us; we query the others."""

_BONUS = models.FUNDING.index("promotions")


@dataclass(frozen=True, slots=True, kw_only=True)
class Tender:
    """A payment by anything but a gift card. ``reusable_method`` may be charged again (S39).

    ``state``: captured, or pending when the money has not come yet (D21).
    """

    method: str
    amount: Money
    state: str
    reference: str = ""
    gateway: str | None = None
    reusable_method: str | None = None

    @property
    def is_awaited(self) -> bool:
        """Whether the money has not come yet."""
        return self.state == PENDING


@dataclass(frozen=True, slots=True, kw_only=True)
class CardPart:
    """What one card pays: in the order's currency, and what that costs the card at ``rate``."""

    card_id: str
    amount: Money
    card_amount: Money
    rate: str | None
    hold: Hold | None = None

    @classmethod
    def of_hold(cls, hold: Hold) -> "CardPart":
        """The part that a hold has reserved."""
        return cls(
            card_id=hold.card_id,
            amount=hold.order_amount,
            card_amount=hold.amount,
            rate=hold.rate,
            hold=hold,
        )


@dataclass(frozen=True, slots=True)
class Payment:
    """What one tender paid, and its refunds. ``card_...`` is in the gift card's own currency.

    ``time_zone``: of the shop, in which ``pay_until`` ends a day.
    """

    id: str
    order_id: str
    method: str
    gateway: str
    state: str
    currency: str
    amount_minor: int
    refunded_minor: int
    charged_back_minor: int
    reference: str
    reusable_method: str | None
    gift_card_id: str | None
    gift_card_last4: str | None
    transfer_id: str | None
    card_currency: str | None
    card_minor: int | None
    card_refunded_minor: int
    rate: str | None
    is_test: bool
    part: int
    created_at: datetime
    pay_until: datetime | None
    settled_at: datetime | None
    time_zone: str

    @property
    def amount(self) -> Money:
        """What was paid."""
        return Money(self.amount_minor, self.currency)

    @property
    def refunded(self) -> Money:
        """What was refunded so far."""
        return Money(self.refunded_minor, self.currency)

    @property
    def charged_back(self) -> Money:
        """What the provider took back."""
        return Money(self.charged_back_minor, self.currency)

    @property
    def left_minor(self) -> int:
        """What can still be refunded, in minor units."""
        return self.captured_minor - self.refunded_minor - self.charged_back_minor

    @property
    def card_amount(self) -> Money | None:
        """What a gift card paid, in its own currency; None for any other tender."""
        if self.card_minor is None or self.card_currency is None:
            return None
        return Money(self.card_minor, self.card_currency)

    @property
    def is_upsell(self) -> bool:
        """Whether it pays for something that was added after the order was placed."""
        return self.part > 0

    @property
    def is_gift_card(self) -> bool:
        """Whether a gift card paid it."""
        return self.method == GIFT_CARD

    @property
    def is_awaited(self) -> bool:
        """Whether the money has not come yet, and still may (D21)."""
        return self.state == PENDING

    @property
    def is_awaited_at_provider(self) -> bool:
        """Whether a provider is still to answer what becomes of it."""
        return self.is_awaited and self.gateway not in REPORTED_BY_HAND

    @property
    def is_awaited_transfer(self) -> bool:
        """Whether the customer is to send it to our own account; a shop's is the shop's affair."""
        return self.is_awaited and is_transfer(self.method, self.gateway)

    @property
    def is_returned_by_hand(self) -> bool:
        """Whether a person of the house sends back what is refunded of it."""
        return self.gateway == "offline" and self.method in WITHOUT_CHARGE

    @property
    def pay_by(self) -> date | None:
        """The last day on which it may come; None: there is none."""
        if self.pay_until is None:
            return None
        return days.last_day_before(self.pay_until, self.time_zone)

    @property
    def left(self) -> Money:
        """What can still be refunded."""
        return Money(self.left_minor, self.currency)

    @property
    def captured_minor(self) -> int:
        """What came, in minor units: nothing while the payment is pending."""
        return self.amount_minor if self.state == CAPTURED else 0

    @property
    def foreign_amount(self) -> Money | None:
        """What a gift card of another currency paid, in that currency."""
        return None if self.card_currency == self.currency else self.card_amount

    @property
    def status(self) -> str:
        """pending, captured, partly_refunded, refunded, charged_back or cancelled."""
        if self.charged_back:
            return "charged_back"
        if not self.refunded:
            return self.state
        return "partly_refunded" if self.left else "refunded"


def is_transfer(method: str, gateway: str) -> bool:
    """Whether the customer sends the money to our own bank account, some time after the order."""
    return method == "bank_transfer" and gateway == "offline"


def find(payment_id: str) -> Payment:
    """The payment with this id.

    Raises: NotFound.
    """
    return _one(payment_id)


def lock(payment_id: str) -> Payment:
    """The payment under its lock, until the transaction ends. Lock its order first.

    Raises: NotFound.
    """
    return _one(payment_id, lock=" FOR UPDATE OF p" if database.for_update() else "")


def of_order(order_id: str) -> list[Payment]:
    """The payments of an order, in the order they were created."""
    return of_orders([order_id])


# Hot: a capture over HTTP reads its order's payments for the answer and the event, at 0.5 (SQLite)
# and 0.7 of the bare driver's rate; peewee would add 0.5 ms for each of the order's parts.

_TIME_ZONE = (
    "CASE WHEN p.pay_until IS NULL THEN 'UTC' ELSE (SELECT c.time_zone FROM orders o"
    " JOIN campaign c ON c.id = o.campaign_id WHERE o.id = p.order_id) END"
)
_READER = records.Reader(
    Payment,
    {"gift_card_last4": "g.last4", "time_zone": _TIME_ZONE},
    p=models.Payment,
    g=models.GiftCard,
)


def of_orders(order_ids: Sequence[str]) -> list[Payment]:
    """The payments of several orders, in the order they were created."""
    of_them = f"p.order_id IN ({database.placeholders(order_ids)}) ORDER BY p.id"
    return _read(of_them, *order_ids)


def _one(payment_id: str, *, lock: str = "") -> Payment:
    if found := _read(f"p.id = ?{lock}", payment_id):
        return found[0]
    raise NotFound


def _read(condition: str, *params: str) -> list[Payment]:
    found = database.rows(
        f"SELECT {_READER.columns} FROM payment p LEFT JOIN gift_card g ON g.id = p.gift_card_id"
        f" WHERE {condition}",
        *params,
    )
    return [_READER.read(row) for row in found]


# Written by orders.place and orders.upsell, inside their transaction


def take_from_card(locked: Locked, part: CardPart, *, order_id: str, audit_id: str) -> str:
    """Capture one card's part for an order: resolve its hold, move the money, write the payment."""
    movement = Movement(
        "capture",
        CARD,
        "redemptions",
        part.card_amount.minor,
        audit_id,
        order_id=order_id,
    )
    after, transfer_id = cards.locking.move(locked, movement, captures=part.hold)
    if after.position.funding[_BONUS] != locked.position.funding[_BONUS]:
        audit.checkpoints_of_orders.count_again(order_id)
    return _insert(
        order_id,
        after.card.is_test,
        state=CAPTURED,
        part=0,
        method=GIFT_CARD,
        gateway=GIFT_CARD,
        currency=part.amount.currency,
        amount_minor=part.amount.minor,
        reference=after.card.last4,
        gift_card_id=part.card_id,
        hold_id=part.hold.id if part.hold else None,
        transfer_id=transfer_id,
        card_currency=part.card_amount.currency,
        card_minor=part.card_amount.minor,
        rate=part.rate,
    )


def record(
    tender: Tender,
    *,
    order_id: str,
    campaign_id: str,
    is_test: bool,
    gateway: str,
    part: int,
    pay_until: datetime | None,
) -> str:
    """Write the payment of another tender; its id. ``pay_until``: how long it is awaited, if it is.

    Raises: PaymentAlreadyUsed, with the ``payment_id`` that the same charge has paid.
    """
    gateway = tender.gateway or gateway
    charge = charge_of(tender.method, tender.reference, gateway, campaign_id, is_test=is_test)
    require_unused(charge)
    if part:
        audit.checkpoints_of_orders.count_again(order_id)
    return _insert(
        order_id,
        is_test,
        method=tender.method,
        gateway=gateway,
        currency=tender.amount.currency,
        amount_minor=tender.amount.minor,
        reference=tender.reference,
        reusable_method=tender.reusable_method,
        state=tender.state,
        part=part,
        pay_until=pay_until if tender.is_awaited else None,
        charge=charge,
    )


def _insert(order_id: str, is_test: bool, **columns: Any) -> str:
    payment_id = ids.new("pay")
    defaults = {
        "refunded_minor": 0,
        "card_refunded_minor": 0,
        "charged_back_minor": 0,
    }
    audit.seals.insert(
        models.Payment,
        id=payment_id,
        order_id=order_id,
        is_test=is_test,
        created_at=clock.micros(),
        **defaults | columns,
    )
    return payment_id
