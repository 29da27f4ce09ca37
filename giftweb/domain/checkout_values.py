"""A checkout as it is read: frozen values; a lapse of time is computed, not written (API.md 3)."""

import hashlib
import json
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property
from typing import Any

from giftweb import clock, codes, database
from giftweb.domain import allocation, objects
from giftweb.domain.allocation import Amounts, Share
from giftweb.domain.cart_items import Item
from giftweb.errors import NotFound
from giftweb.money import Money, decimal_text
from giftweb.pipeline import Rows, Statement

OPEN, AUTHORISED, CAPTURED = "open", "authorised", "captured"
VOIDED, EXPIRED = "voided", "expired"


@dataclass(frozen=True, slots=True)
class AppliedCard:
    """A card on a checkout. ``amount`` is in the order's currency, ``balance`` in the card's."""

    card_id: str
    last4: str
    balance: Money
    worth: Money
    amount: Money
    position: int
    turn: int
    limit_minor: int | None

    def sharing(self, share: Share, *, balance: Money, worth_minor: int) -> "AppliedCard":
        """The card with its share of the order, by its balance and worth now."""
        currency = self.amount.currency
        return replace(
            self,
            balance=balance,
            worth=balance if balance.currency == currency else Money(worth_minor, currency),
            amount=Money(share.amount_minor, currency),
            position=share.position,
        )

    @property
    def limit_text(self) -> str:
        """The most that the shopper wants to use of it, as typed in a field; or nothing."""
        currency = self.amount.currency
        return "" if self.limit_minor is None else decimal_text(self.limit_minor, currency)

    def to_object(self) -> dict[str, Any]:
        """An entry of ``gift_cards``; a card of another currency tells its own balance too."""
        shown = {
            "id": self.card_id,
            "last4": self.last4,
            "balance": self.worth.minor,
            "amount": self.amount.minor,
            "position": self.position,
        }
        if self.balance.currency != self.amount.currency:
            shown["card_balance"] = {
                "amount": self.balance.minor,
                "currency": self.balance.currency,
            }
        return shown


@dataclass(frozen=True)
class Checkout:
    """A cart on its way to an order, as it stands when read."""

    id: str
    campaign_id: str
    is_test: bool
    stored_status: str
    reference: str
    currency: str
    items: tuple[Item, ...]
    amounts: Amounts
    covers: str
    customer_email: str
    customer_name: str
    shipping_address: dict[str, str] | None
    created_at: datetime
    expires_at: datetime
    claim: dict[str, Any] | None
    version: int
    cards: tuple[AppliedCard, ...]
    order_id: str | None

    @property
    def status(self) -> str:
        """One of open, authorised, captured, voided, expired; by the clock."""
        has_run_out = self.expires_at <= clock.now()
        lapses = self.stored_status in (OPEN, AUTHORISED)
        return EXPIRED if lapses and has_run_out else self.stored_status

    @cached_property
    def total(self) -> Money:
        """The grand total."""
        return Money(self.amounts.total_minor, self.currency)

    def sum(self, part: str) -> Money:
        """One of the amounts: items, discount, tax or shipping."""
        return Money(getattr(self.amounts, f"{part}_minor"), self.currency)

    @cached_property
    def coverable(self) -> Money:
        """What gift cards may pay."""
        return Money(self.amounts.coverable_minor(self.covers), self.currency)

    @cached_property
    def paid_by_cards(self) -> Money:
        """What the applied cards pay."""
        return Money(sum(card.amount.minor for card in self.cards), self.currency)

    @cached_property
    def due(self) -> Money:
        """What another tender must pay."""
        return self.total - self.paid_by_cards

    @cached_property
    def coverage(self) -> str:
        """none, part or full."""
        return allocation.coverage(self.paid_by_cards.minor, self.coverable.minor)

    @property
    def needs_shipping(self) -> bool:
        """Whether an item is shipped."""
        return any(item.requires_shipping for item in self.items)

    def to_object(self) -> dict[str, Any]:
        """The ``checkout`` object of API.md 3, without its token and address."""
        return {
            "id": self.id,
            "livemode": not self.is_test,
            "status": self.status,
            "order_reference": self.reference,
            "currency": self.currency,
            "items": [item.to_object() for item in self.items],
            "customer": objects.person(self.customer_email, self.customer_name),
            "shipping_address": self.shipping_address,
            "items_amount": self.amounts.items_minor,
            "discount_amount": self.amounts.discount_minor,
            "tax_amount": self.amounts.tax_minor,
            "shipping_amount": self.amounts.shipping_minor,
            "grand_total": self.total.minor,
            "covered_amount_max": self.coverable.minor,
            "gift_card_amount": self.paid_by_cards.minor,
            "amount_due": self.due.minor,
            "coverage": self.coverage,
            "gift_cards": [card.to_object() for card in self.cards],
            "expires_at": objects.instant(self.expires_at),
            "order_id": self.order_id,
        }


@dataclass(frozen=True, slots=True)
class Token:
    """What the widget is given to open one checkout: ``<campaign id>.<secret>`` (API.md 4)."""

    campaign_id: str
    secret: str


Key = str | Token
"""What a checkout is found by: its id, or its token."""

_COLUMNS = (
    "c.id, c.campaign_id, c.is_test, c.status, c.reference, c.currency, c.items, c.items_minor,"
    " c.discount_minor, c.tax_minor, c.shipping_minor, c.card_items_minor, c.covers,"
    " c.customer_email, c.customer_name, c.shipping_address, c.created_at, c.expires_at, c.claim,"
    " c.version, c.cards"
)


def find(key: Key, *, campaign_id: str | None = None, is_test: bool | None = None) -> Checkout:
    """The checkout with this id or token; within a campaign and mode when they are given.

    Raises: NotFound.
    """
    found, _ = find_and_ask(key)
    if campaign_id is not None and found.campaign_id != campaign_id:
        raise NotFound
    if is_test is not None and found.is_test != is_test:
        raise NotFound
    return found


def find_and_ask(key: Key, *queries: Statement) -> tuple[Checkout, list[Rows]]:
    """The checkout; and the rows of each query, asked together with it.

    Raises: NotFound.
    """
    return _read(key, *queries)


def lock(key: Key) -> Checkout:
    """The checkout under its lock, until the transaction ends.

    Raises: NotFound.
    """
    return _read(key, lock=database.for_update())[0]


def client_token(checkout: Checkout) -> str:
    """``<campaign id>.<secret>``: what the widget is given (API.md 4)."""
    sealed = database.scalar("SELECT token_sealed FROM checkout WHERE id = ?", checkout.id)
    return f"{checkout.campaign_id}.{codes.unseal(bytes(sealed), checkout.id)}"


def token_hash(secret: str) -> str:
    """What a token's secret is looked up by."""
    return hashlib.sha256(secret.encode()).hexdigest()


def _read(key: Key, *queries: Statement, lock: str = "") -> tuple[Checkout, list[Rows]]:
    where, params = _condition(key)
    asked = (f"SELECT {_COLUMNS} FROM checkout c WHERE {where}{lock}", params)
    rows, *others = database.several(asked, *queries)
    if not rows:
        raise NotFound
    return _checkout(rows[0]), others


def _condition(key: Key) -> tuple[str, tuple[str, ...]]:
    if isinstance(key, Token):
        return "c.token_hash = ? AND c.campaign_id = ?", (token_hash(key.secret), key.campaign_id)
    return "c.id = ?", (key,)


def _checkout(row: tuple) -> Checkout:
    items, amounts = json.loads(row[6]), Amounts(*row[7:12])
    return Checkout(
        id=row[0],
        campaign_id=row[1],
        is_test=bool(row[2]),
        stored_status=row[3],
        reference=row[4],
        currency=row[5],
        items=tuple(Item(**item) for item in items),
        amounts=amounts,
        covers=row[12],
        customer_email=row[13],
        customer_name=row[14],
        shipping_address=row[15] and json.loads(row[15]),
        created_at=clock.from_micros(row[16]),
        expires_at=clock.from_micros(row[17]),
        claim=row[18] and json.loads(row[18]),
        version=row[19],
        cards=_cards(json.loads(row[20]), row[5]),
        order_id=_order_of(row[0]) if row[3] == CAPTURED else None,
    )


def _order_of(checkout_id: str) -> str:
    return database.scalar("SELECT id FROM orders WHERE checkout_id = ?", checkout_id)


def _cards(kept: list[dict[str, Any]], currency: str) -> tuple[AppliedCard, ...]:
    """From their document, with their balances as they are now."""
    if not kept:
        return ()
    ids = [card["id"] for card in kept]
    balances = dict(
        database.rows(
            f"SELECT id, balance_minor FROM account WHERE id IN ({database.marks(ids)})", *ids
        )
    )
    return tuple(
        _card(card, position, Money(balances[card["id"]], card["currency"]), currency)
        for position, card in enumerate(kept, start=1)
    )


def _card(kept: dict[str, Any], position: int, balance: Money, currency: str) -> AppliedCard:
    return AppliedCard(
        card_id=kept["id"],
        last4=kept["last4"],
        balance=balance,
        worth=balance if balance.currency == currency else Money(kept["worth"], currency),
        amount=Money(kept["amount"], currency),
        position=position,
        turn=kept["turn"],
        limit_minor=kept["limit"],
    )


def cards_document(cards: tuple[AppliedCard, ...]) -> str:
    """The cards as they are stored, in the order of deduction."""
    return database.to_json(
        [
            {
                "id": card.card_id,
                "last4": card.last4,
                "currency": card.balance.currency,
                "worth": card.worth.minor,
                "amount": card.amount.minor,
                "turn": card.turn,
                "limit": card.limit_minor,
            }
            for card in cards
        ]
    )
