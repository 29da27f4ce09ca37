"""Tenders: what pays an order, and what became of each payment (D2)."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from giftweb import clock, database, ids, models
from giftweb.domain import audit, cards
from giftweb.domain.cards.locking import Locked
from giftweb.domain.ledger.holds import Hold
from giftweb.domain.ledger.transfers import CARD, Movement
from giftweb.errors import NotFound
from giftweb.money import Money

GIFT_CARD = "gift_card"
METHODS = ("credit_card", "paypal", "bank_transfer", "cash", "offline", "other", "stripe")


@dataclass(frozen=True, slots=True, kw_only=True)
class Tender:
    """A payment by anything but a gift card. ``reusable_method`` may be charged again (S39)."""

    method: str
    amount: Money
    reference: str = ""
    gateway: str | None = None
    reusable_method: str | None = None
    state: str = "captured"


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


@dataclass(frozen=True, slots=True, kw_only=True)
class Payment:
    """What one tender paid, and what became of it. ``card_amount`` is the card's own side."""

    id: str
    order_id: str
    method: str
    gateway: str
    state: str
    amount: Money
    refunded: Money
    charged_back: Money
    reference: str
    reusable_method: str | None
    gift_card_id: str | None
    gift_card_last4: str | None
    transfer_id: str | None
    card_amount: Money | None
    card_refunded_minor: int
    rate: str | None
    is_test: bool
    created_at: datetime

    @property
    def is_gift_card(self) -> bool:
        """Whether a gift card paid it."""
        return self.method == GIFT_CARD

    @property
    def is_awaited_transfer(self) -> bool:
        """Whether the customer sends it to our own bank account; a shop's is the shop's affair."""
        return is_transfer(self.method, self.gateway)

    @property
    def left(self) -> Money:
        """What can still be refunded."""
        return self.amount - self.refunded - self.charged_back

    @property
    def status(self) -> str:
        """pending, captured, partly_refunded, refunded or charged_back."""
        if self.charged_back:
            return "charged_back"
        if not self.refunded:
            return self.state
        return "partly_refunded" if self.left else "refunded"

    def to_object(self) -> dict[str, Any]:
        """The ``payment`` object of API.md 3."""
        shown = {
            "id": self.id,
            "method": self.method,
            "amount": self.amount.minor,
            "captured": self.amount.minor if self.state == "captured" else 0,
            "refunded": self.refunded.minor,
            "status": self.status,
            "reference": self.reference,
            "currency": self.amount.currency,
        }
        if self.gift_card_id:
            shown["gift_card_id"] = self.gift_card_id
        if self.card_amount and self.card_amount.currency != self.amount.currency:
            shown["card_amount"] = {
                "amount": self.card_amount.minor,
                "currency": self.card_amount.currency,
            }
            shown["rate"] = self.rate
        return shown


COLUMNS = (
    "p.id, p.order_id, p.method, p.gateway, p.state, p.amount_minor, p.currency,"
    " p.refunded_minor, p.charged_back_minor, p.reference, p.reusable_method, p.gift_card_id,"
    " g.last4, p.transfer_id, p.card_minor, p.card_currency, p.card_refunded_minor, p.rate,"
    " p.is_test, p.created_at"
)
FROM = "FROM payment p LEFT JOIN gift_card g ON g.id = p.gift_card_id"
SELECT = f"SELECT {COLUMNS} {FROM}"


def is_transfer(method: str, gateway: str) -> bool:
    """Whether the customer sends the money to our own bank account, some time after the order."""
    return method == "bank_transfer" and gateway == "offline"


def of_order(order_id: str) -> list[Payment]:
    """The payments of an order, in the order they were made."""
    return [
        from_row(row)
        for row in database.rows(f"{SELECT} WHERE p.order_id = ? ORDER BY p.id", order_id)
    ]


def find(payment_id: str) -> Payment:
    """The payment with this id.

    Raises: NotFound.
    """
    found = database.row(f"{SELECT} WHERE p.id = ?", payment_id)
    if found is None:
        raise NotFound
    return from_row(found)


def lock(payment_id: str) -> Payment:
    """The payment under its lock, until the transaction ends. Lock its order first.

    Raises: NotFound.
    """
    database.row(f"SELECT id FROM payment WHERE id = ?{database.for_update()}", payment_id)
    return find(payment_id)


def from_row(row: tuple) -> Payment:
    """A row of COLUMNS as a Payment."""
    currency, card_currency = row[6], row[15]
    return Payment(
        id=row[0],
        order_id=row[1],
        method=row[2],
        gateway=row[3],
        state=row[4],
        amount=Money(row[5], currency),
        refunded=Money(row[7], currency),
        charged_back=Money(row[8], currency),
        reference=row[9],
        reusable_method=row[10],
        gift_card_id=row[11],
        gift_card_last4=row[12],
        transfer_id=row[13],
        card_amount=None if card_currency is None else Money(row[14], card_currency),
        card_refunded_minor=row[16],
        rate=row[17],
        is_test=bool(row[18]),
        created_at=clock.from_micros(row[19]),
    )


# Written by orders.place and orders.upsell, inside their transaction


def take_from_card(locked: Locked, part: CardPart, *, order_id: str, audit_id: str) -> str:
    """Capture one card's part for an order: settle its hold, move the money, write the payment."""
    movement = Movement(
        "capture",
        CARD,
        "redemptions",
        part.card_amount.minor,
        audit_id,
        order_id=order_id,
    )
    after, transfer_id = cards.locking.move(locked, movement, settles=part.hold)
    return _insert(
        order_id,
        after.card.is_test,
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


def record(tender: Tender, *, order_id: str, is_test: bool, gateway: str, is_upsell: bool) -> str:
    """Write a payment that another tender made; its id."""
    return _insert(
        order_id,
        is_test,
        method=tender.method,
        gateway=tender.gateway or gateway,
        currency=tender.amount.currency,
        amount_minor=tender.amount.minor,
        reference=tender.reference,
        reusable_method=tender.reusable_method,
        state=tender.state,
        is_upsell=is_upsell,
    )


def _insert(order_id: str, is_test: bool, **columns: Any) -> str:
    payment_id = ids.new("pay")
    defaults = {
        "state": "captured",
        "is_upsell": False,
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
