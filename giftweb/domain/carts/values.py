"""A checkout as it is read: frozen values; a lapse of time is computed, not written."""

import hashlib
import json
from datetime import datetime
from typing import Any, NamedTuple

from giftweb import clock, codes, database, models
from giftweb.database import records
from giftweb.domain import catalogue
from giftweb.domain.carts import allocation, terms
from giftweb.domain.carts.allocation import Amounts, Share
from giftweb.domain.carts.terms import CardTerms
from giftweb.domain.catalogue.items import Item
from giftweb.domain.catalogue.taxes import Tax
from giftweb.errors import NotFound
from giftweb.money import Money, typed_text

OPEN, AUTHORISED, CAPTURED = "open", "authorised", "captured"
VOIDED, EXPIRED = "voided", "expired"

RESERVED, NO_RATE = "reserved", "no_rate"
PROBLEMS = (
    *("frozen", "expired", "cancelled", "replaced", "used_up", RESERVED, NO_RATE),
    *(terms.OTHER_CUSTOMER, terms.NOT_ACCEPTED),
)
"""Why an applied card can pay nothing: its status, an open order that has all of its money, no rate
between its currency and the order's any more, another customer whom it is bound to, or a shop that
does not take it."""

SHIPPING, GIFT_CARDS, EXCLUDED, MINIMUM = "shipping", "gift_cards", "excluded", "minimum_order"
NOT_COVERED = (SHIPPING, GIFT_CARDS, EXCLUDED, MINIMUM)
"""Why gift cards may pay less than the grand total."""


class AppliedCard(NamedTuple):
    """A card on a checkout. ``amount`` is in the order's currency, ``balance`` in the card's.

    ``problem`` is why it can pay nothing now, one of PROBLEMS; it is computed with an allocation.
    """

    card_id: str
    last4: str
    balance: Money
    worth: Money
    amount: Money
    position: int
    turn: int
    limit_minor: int | None
    problem: str | None = None

    def sharing(
        self, share: Share, *, balance: Money, worth_minor: int, problem: str | None
    ) -> "AppliedCard":
        """The card with its share of the order, by its balance, worth and state now."""
        currency = self.amount.currency
        worth = balance if balance.currency == currency else Money(worth_minor, currency)
        amount = Money(share.amount_minor, currency)
        shared = (balance, worth, amount, share.position)
        return AppliedCard(self.card_id, self.last4, *shared, self.turn, self.limit_minor, problem)

    @property
    def is_spoilt(self) -> bool:
        """Whether it will not pay here any more, unlike one whose money is only reserved."""
        return self.problem is not None and self.problem != RESERVED

    @property
    def limit_text(self) -> str:
        """The most that the shopper wants to use of it, as typed in a field; or nothing."""
        currency = self.amount.currency
        return "" if self.limit_minor is None else typed_text(self.limit_minor, currency)

    @property
    def foreign_balance(self) -> Money | None:
        """The balance of a card of another currency, in that currency."""
        return None if self.balance.currency == self.amount.currency else self.balance


Cards = tuple[AppliedCard, ...]


class NotCovered(NamedTuple):
    """A part of the grand total that gift cards may not pay; ``reason``: one of NOT_COVERED."""

    reason: str
    amount_minor: int


class Checkout(NamedTuple):
    """A cart on its way to an order, as it stands when read."""

    id: str
    campaign_id: str
    is_test: bool
    stored_status: str
    reference: str
    currency: str
    items: tuple[Item, ...]
    items_minor: int
    discount_minor: int
    tax_minor: int
    shipping_minor: int
    card_items_minor: int
    covers: str
    customer_email: str
    customer_name: str
    customer_locale: str | None
    shipping_address: dict[str, str] | None
    expires_at: datetime
    claim: dict[str, Any] | None
    version: int
    card_terms: dict[str, Any] | None
    cards: Cards
    order_id: str | None
    tax_hundredths: int | None
    tax_included: bool | None

    @property
    def status(self) -> str:
        """One of open, authorised, captured, voided, expired; by the clock."""
        lapses = self.stored_status in (OPEN, AUTHORISED)
        return EXPIRED if lapses and self.expires_at <= clock.now() else self.stored_status

    @property
    def amounts(self) -> Amounts:
        """Its amounts in minor units."""
        return Amounts(
            self.items_minor,
            self.discount_minor,
            self.tax_minor,
            self.shipping_minor,
            self.card_items_minor,
        )

    @property
    def tax(self) -> Tax | None:
        """The hosted shop's rate for it; None: there is none."""
        return catalogue.taxes.of_columns(self.tax_hundredths, self.tax_included)

    @property
    def tax_within(self) -> Money:
        """The tax that is in the prices of its goods and in its shipping."""
        taxed = self.amounts.goods_minor + self.shipping_minor
        return Money(self.tax.within_minor(taxed) if self.tax else 0, self.currency)

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
        if self.is_below_minimum:
            return 0
        left_out = terms.left_out_minor(self.terms, self.items)
        return self.amounts.coverable_minor(self.covers, left_out_minor=left_out)

    @property
    def terms(self) -> CardTerms:
        """What its campaign says of gift cards beside what they cover."""
        return terms.read(self.card_terms)

    @property
    def is_below_minimum(self) -> bool:
        """Whether it is smaller than what gift cards pay for."""
        return self.items_minor - self.discount_minor < self.terms.minimum_minor

    @property
    def not_covered(self) -> tuple[NotCovered, ...]:
        """What gift cards may not pay, and why; with what they may it is the grand total (B24)."""
        left = self.amounts.total_minor - self.coverable_minor
        if self.is_below_minimum:
            return (NotCovered(MINIMUM, left),) if left else ()
        shipping = 0 if self.covers == "goods_and_shipping" else self.shipping_minor
        cards = min(self.card_items_minor, left - shipping)
        parts = ((SHIPPING, shipping), (GIFT_CARDS, cards), (EXCLUDED, left - shipping - cards))
        return tuple(NotCovered(reason, minor) for reason, minor in parts if minor)

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
    """What the widget opens one checkout with: ``<campaign id>.<secret>`` (docs/embedding.md)."""

    campaign_id: str
    secret: str


Key = str | Token
"""What a checkout is found by: its id, or its token."""


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


def token_hash(secret: str) -> str:
    """What a token's secret is looked up by."""
    return hashlib.sha256(secret.encode()).hexdigest()


# Hot: a code is applied at 0.18 (SQLite) and 0.14 of a bare view's rate, and each step of the
# widget and of a capture reads the checkout; peewee would add 0.5 ms to each.

_READER = records.Reader(
    Checkout,
    {
        "stored_status": "c.status",
        "items": "c.items",
        "cards": "c.cards",
        "order_id": "CASE WHEN c.status = 'captured' THEN"
        " (SELECT o.id FROM orders o WHERE o.checkout_id = c.id) END",
    },
    c=models.Checkout,
)


def currency_of(checkout_id: str, *, campaign_id: str, is_test: bool) -> str:
    """The currency of a checkout, which must be of this campaign and mode.

    Raises: NotFound.
    """
    currency: str | None = database.scalar(
        "SELECT currency FROM checkout WHERE id = ? AND campaign_id = ? AND is_test = ?",
        checkout_id,
        campaign_id,
        is_test,
    )
    if currency is None:
        raise NotFound
    return currency


def client_token(checkout: Checkout) -> str:
    """``<campaign id>.<secret>``: what the widget opens the checkout with (docs/embedding.md)."""
    sealed = database.scalar("SELECT token_sealed FROM checkout WHERE id = ?", checkout.id)
    return f"{checkout.campaign_id}.{codes.unseal(bytes(sealed), checkout.id)}"


def _read(key: Key, *, lock: str = "") -> Checkout:
    where, params = _where(key)
    row = database.row(f"SELECT {_READER.columns} FROM checkout c WHERE {where}{lock}", *params)
    if row is None:
        raise NotFound
    found = _READER.read(row)
    # The documents, of which carts' items are read again and again.
    items, cards = catalogue.read(str(found.items)), json.loads(str(found.cards))
    return found._replace(items=items, cards=_cards(cards, found.currency))


def _where(key: Key) -> tuple[str, tuple[str, ...]]:
    if isinstance(key, Token):
        return "c.token_hash = ? AND c.campaign_id = ?", (token_hash(key.secret), key.campaign_id)
    return "c.id = ?", (key,)


def _cards(stored: list[dict[str, Any]], currency: str) -> Cards:
    """From their document, with their balances as they are now."""
    if not stored:
        return ()
    ids = [card["id"] for card in stored]
    balances = dict(
        database.rows(
            f"SELECT id, balance_minor FROM account WHERE id IN ({database.placeholders(ids)})",
            *ids,
        )
    )
    return tuple(
        _card(card, position, Money(balances[card["id"]], card["currency"]), currency)
        for position, card in enumerate(stored, start=1)
    )


def _card(stored: dict[str, Any], position: int, balance: Money, currency: str) -> AppliedCard:
    worth = balance if balance.currency == currency else Money(stored["worth"], currency)
    shared = (balance, worth, Money(stored["amount"], currency), position)
    return AppliedCard(stored["id"], stored["last4"], *shared, stored["turn"], stored["limit"])


def cards_document(cards: Cards) -> str:
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
