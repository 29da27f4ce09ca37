"""A checkout as it is read: frozen values; a lapse of time is computed, not written (API.md 3)."""

import hashlib
import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple

from giftweb import clock, codes, database
from giftweb.domain import catalogue
from giftweb.domain.carts import allocation
from giftweb.domain.carts.allocation import Amounts, Share
from giftweb.domain.catalogue.items import Item
from giftweb.errors import NotFound
from giftweb.money import Money, decimal_text

OPEN, AUTHORISED, CAPTURED = "open", "authorised", "captured"
VOIDED, EXPIRED = "voided", "expired"


class AppliedCard(NamedTuple):
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
        worth = balance if balance.currency == currency else Money(worth_minor, currency)
        amount = Money(share.amount_minor, currency)
        shared = (balance, worth, amount, share.position)
        return AppliedCard(self.card_id, self.last4, *shared, self.turn, self.limit_minor)

    @property
    def limit_text(self) -> str:
        """The most that the shopper wants to use of it, as typed in a field; or nothing."""
        currency = self.amount.currency
        return "" if self.limit_minor is None else decimal_text(self.limit_minor, currency)

    @property
    def foreign_balance(self) -> Money | None:
        """The balance of a card of another currency, in that currency."""
        return None if self.balance.currency == self.amount.currency else self.balance


class Checkout(NamedTuple):
    """A cart on its way to an order, as it stands when read. Its documents are read when asked
    for: few who look at a checkout look at all of it."""

    id: str
    campaign_id: str
    is_test: bool
    stored_status: str
    reference: str
    currency: str
    items_document: str
    amounts: Amounts
    covers: str
    customer_email: str
    customer_name: str
    address_document: str | None
    expires_micros: int
    claim_document: str | None
    version: int
    cards: tuple[AppliedCard, ...]
    order_id: str | None

    @property
    def status(self) -> str:
        """One of open, authorised, captured, voided, expired; by the clock."""
        lapses = self.stored_status in (OPEN, AUTHORISED)
        return EXPIRED if lapses and self.expires_micros <= clock.micros() else self.stored_status

    @property
    def items(self) -> tuple[Item, ...]:
        """What lies in the cart."""
        return catalogue.read(self.items_document)

    @property
    def shipping_address(self) -> dict[str, str] | None:
        """Where it is to be sent."""
        return json.loads(self.address_document) if self.address_document else None

    @property
    def claim(self) -> dict[str, Any] | None:
        """What another tender was asked to pay, and has not answered yet."""
        return json.loads(self.claim_document) if self.claim_document else None

    @property
    def expires_at(self) -> datetime:
        """When the cart, or what is held for it, lapses."""
        return clock.from_micros(self.expires_micros)

    @property
    def total(self) -> Money:
        """The grand total."""
        return Money(self.amounts.total_minor, self.currency)

    def sum(self, part: str) -> Money:
        """One of the amounts: items, discount, tax or shipping."""
        return Money(getattr(self.amounts, f"{part}_minor"), self.currency)

    @property
    def coverable_minor(self) -> int:
        """What gift cards may pay, in minor units."""
        return self.amounts.coverable_minor(self.covers)

    @property
    def coverable(self) -> Money:
        """What gift cards may pay."""
        return Money(self.coverable_minor, self.currency)

    @property
    def paid_minor(self) -> int:
        """What the applied cards pay, in minor units."""
        return sum([card.amount.minor for card in self.cards])

    @property
    def paid_by_cards(self) -> Money:
        """What the applied cards pay."""
        return Money(self.paid_minor, self.currency)

    @property
    def due_minor(self) -> int:
        """What another tender must pay, in minor units."""
        return self.amounts.total_minor - self.paid_minor

    @property
    def due(self) -> Money:
        """What another tender must pay."""
        return Money(self.due_minor, self.currency)

    @property
    def coverage(self) -> str:
        """none, part or full."""
        return allocation.coverage(self.paid_minor, self.coverable_minor)

    @property
    def needs_shipping(self) -> bool:
        """Whether an item is shipped."""
        return any(item.requires_shipping for item in self.items)


class Token(NamedTuple):
    """What the widget is given to open one checkout: ``<campaign id>.<secret>`` (API.md 4)."""

    campaign_id: str
    secret: str


Key = str | Token
"""What a checkout is found by: its id, or its token."""

_COLUMNS = (
    "c.id, c.campaign_id, c.is_test, c.status, c.reference, c.currency, c.items, c.items_minor,"
    " c.discount_minor, c.tax_minor, c.shipping_minor, c.card_items_minor, c.covers,"
    " c.customer_email, c.customer_name, c.shipping_address, c.expires_at, c.claim, c.version,"
    " c.cards"
)


def find(key: Key, *, campaign_id: str | None = None, is_test: bool | None = None) -> Checkout:
    """The checkout with this id or token; within a campaign and mode when they are given.

    Raises: NotFound.
    """
    found = _read(key)
    if campaign_id is not None and found.campaign_id != campaign_id:
        raise NotFound
    if is_test is not None and found.is_test != is_test:
        raise NotFound
    return found


def lock(key: Key) -> Checkout:
    """The checkout under its lock, until the transaction ends.

    Raises: NotFound.
    """
    return _read(key, lock=database.for_update())


def client_token(checkout: Checkout) -> str:
    """``<campaign id>.<secret>``: what the widget is given (API.md 4)."""
    sealed = database.scalar("SELECT token_sealed FROM checkout WHERE id = ?", checkout.id)
    return f"{checkout.campaign_id}.{codes.unseal(bytes(sealed), checkout.id)}"


def token_hash(secret: str) -> str:
    """What a token's secret is looked up by."""
    return hashlib.sha256(secret.encode()).hexdigest()


def _read(key: Key, *, lock: str = "") -> Checkout:
    where, params = _where(key)
    found = database.row(f"SELECT {_COLUMNS} FROM checkout c WHERE {where}{lock}", *params)
    if found is None:
        raise NotFound
    return _checkout(found)


def _where(key: Key) -> tuple[str, tuple[str, ...]]:
    if isinstance(key, Token):
        return "c.token_hash = ? AND c.campaign_id = ?", (token_hash(key.secret), key.campaign_id)
    return "c.id = ?", (key,)


def _checkout(row: Sequence[Any]) -> Checkout:
    checkout_id, campaign_id, is_test, status, reference, currency, items = row[:7]
    cards = _cards(json.loads(row[19]), currency)
    order_id = _order_of(checkout_id) if status == CAPTURED else None
    start = (checkout_id, campaign_id, bool(is_test), status, reference, currency, items)
    return Checkout._make((*start, Amounts._make(row[7:12]), *row[12:19], cards, order_id))


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
    worth = balance if balance.currency == currency else Money(kept["worth"], currency)
    shared = (balance, worth, Money(kept["amount"], currency), position)
    return AppliedCard(kept["id"], kept["last4"], *shared, kept["turn"], kept["limit"])


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
