"""What a gift card looks like from outside: frozen values, statuses, and how they are read."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, NamedTuple

from peewee import JOIN, Case, Expression, ModelSelect, fn

from giftweb import clock, database
from giftweb.database import records
from giftweb.database.records import Reader
from giftweb.domain.cards import refusals
from giftweb.domain.ledger import funding
from giftweb.domain.ledger.funding import MinorBySource, SourceAmount
from giftweb.domain.ledger.transfers import Position
from giftweb.errors import CardNotUsable, NotFound
from giftweb.models import FUNDED, Account, GiftCard, Hold, Transfer
from giftweb.money import Money

INACTIVE, ACTIVE, USED_UP, FROZEN = "inactive", "active", "used_up", "frozen"
EXPIRED, CANCELLED, REPLACED = "expired", "cancelled", "replaced"
STATUSES = (INACTIVE, ACTIVE, USED_UP, FROZEN, EXPIRED, CANCELLED, REPLACED)

TYPES = {
    "issue": "issued",
    "top_up": "recharged",
    "capture": "purchase",
    "refund": "refund",
    "cancel": "cancelled",
    "claw_back": "cancelled",
    "expire": "expired",
    "adjust": "adjusted",
    "replace": "replaced",
    "cash_out": "adjusted",
}
"""A transfer's kind -> the word on the balance page (D11)."""


class Card(NamedTuple):
    """A gift card as it stands when read: lapsed holds and a passed expiry date are counted."""

    id: str
    currency: str
    is_test: bool
    balance_minor: int
    held_minor: int
    version: int
    last4: str
    type: str
    origin: str
    source: str
    state: str
    initial_minor: int
    campaign_id: str | None
    order_id: str | None
    order_item_id: str | None
    replaces_id: str | None
    holder_email: str | None
    holder_name: str | None
    holder_locale: str | None
    sender_name: str | None
    sender_email: str | None
    message: str | None
    note: str | None
    deliver_at: datetime | None
    delivered_at: datetime | None
    expires_on: date | None
    expires_at: datetime | None
    created_at: datetime
    bound_to_holder: bool | None
    needs_pin: bool | None
    tags: Sequence[str] | None
    merged_into_id: str | None
    voucher_tax_hundredths: int | None
    deliver_zone: str | None
    design: str | None
    sales_minor: int
    goodwill_minor: int
    promotions_minor: int
    imports_minor: int
    adjustments_minor: int

    @property
    def status(self) -> str:
        """One of STATUSES (D12, I22)."""
        return status_of(self.state, self.balance_minor, self.expires_at)

    @property
    def balance(self) -> Money:
        """What is on the card."""
        return Money(self.balance_minor, self.currency)

    @property
    def held(self) -> Money:
        """What open orders hold."""
        return Money(self.held_minor, self.currency)

    @property
    def available_minor(self) -> int:
        """What another order may still take, in minor units."""
        return self.balance_minor - self.held_minor

    @property
    def available(self) -> Money:
        """What another order may still take."""
        return Money(self.available_minor, self.currency)

    @property
    def funding(self) -> tuple[SourceAmount, ...]:
        """What is left, by where it came from; it adds up to the balance (D29)."""
        return funding.by_source(self.parts, self.currency)

    @property
    def parts(self) -> MinorBySource:
        """The same in minor units, as the ledger keeps it."""
        return tuple(getattr(self, column) for column in FUNDED)

    @property
    def initial(self) -> Money:
        """What the card was issued with."""
        return Money(self.initial_minor, self.currency)

    @property
    def scheduled_at(self) -> datetime | None:
        """The later time that was chosen to send it; None: it was sent at once, or is not sent."""
        return self.deliver_at if self.deliver_at and self.deliver_at > self.created_at else None

    @property
    def is_scheduled(self) -> bool:
        """Whether the time at which it is to be sent is still to come."""
        return self.is_expected and self.deliver_at is not None and self.deliver_at > clock.now()

    @property
    def is_expected(self) -> bool:
        """Whether it is still to be sent for the first time."""
        return self.deliver_at is not None and self.delivered_at is None

    @property
    def is_usable(self) -> bool:
        """Whether an order may hold money on it now."""
        return self.status == ACTIVE

    def require_usable(self) -> None:
        """Refuse a card that is not activated, frozen, expired, cancelled, replaced or used up.

        Raises: CardNotUsable.
        """
        if not self.is_usable:
            raise CardNotUsable(refusals.unusable(self.status), gift_card_id=self.id)


@dataclass(frozen=True, slots=True)
class Issued:
    """A new card with its code and its PIN, if it has one, which are shown once."""

    card: Card
    code: str
    pin: str | None = None


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a card's history; ``amount_minor`` is signed: its effect on the card (S55)."""

    id: str
    kind: str
    amount_minor: int
    balance_after_minor: int
    version: int
    currency: str
    order_number: int | None
    order_reference: str | None
    created_at: datetime

    @property
    def type(self) -> str:
        """The word of D11, in lower case."""
        return TYPES[self.kind]

    @property
    def amount(self) -> Money:
        """Signed: credited above zero, debited below."""
        return Money(self.amount_minor, self.currency)

    @property
    def balance_after(self) -> Money:
        """The balance once this line was written."""
        return Money(self.balance_after_minor, self.currency)


@dataclass(frozen=True, slots=True)
class History:
    """Newest lines first; ``next_before`` is the version to ask on from, None at the end."""

    lines: tuple[Line, ...]
    next_before: int | None


def status_of(state: str, balance_minor: int, expires_at: datetime | None) -> str:
    """What a card's rows say (I22)."""
    if state in (INACTIVE, CANCELLED, REPLACED, EXPIRED):
        return state
    if expires_at is not None and expires_at <= clock.now():
        return EXPIRED
    if state == FROZEN:
        return FROZEN
    return ACTIVE if balance_minor > 0 else USED_UP


# Reading


def select() -> ModelSelect:
    """A query of cards, from GiftCard joined with Account; lapsed holds are not counted as held.

    ``select().where(GiftCard.order_id == order_id).order_by(GiftCard.id)``
    """
    cards = records.select(Card, GiftCard, Account, held_minor=_held())
    # Each card has its account: LEFT OUTER only lets a count leave it out (database.listings).
    return cards.join(Account, JOIN.LEFT_OUTER, on=Account.id == GiftCard.id)


def _held() -> Case:
    active = Hold.select(fn.COALESCE(fn.SUM(Hold.amount_minor), 0).cast("BIGINT")).where(
        Hold.card == GiftCard.id, Hold.resolved_at.is_null(), Hold.expires_at > clock.now()
    )
    return Case(None, [(Account.held_minor == 0, 0)], active)


def current_replacement(card: Card) -> Card:
    """The card, or the last of those that replaced it (D7), as it stands; nothing is locked."""
    while card.status == REPLACED:
        card = select().where(succeeds(card)).get()
    return card


def succeeds(card: Card) -> Expression:
    """Whether a card has the money of this one, which was replaced or merged."""
    if card.merged_into_id is not None:
        return GiftCard.id == card.merged_into_id
    return GiftCard.replaces_id == card.id


def line(card: Card, transfer_id: str) -> Line:
    """One line of the card's history.

    Raises: NotFound.
    """
    wanted = (Transfer.id == transfer_id) & (Transfer.card_id == card.id)
    version = Transfer.select(Transfer.version).where(wanted).scalar()
    if version is None:
        raise NotFound
    return history(card, limit=1, before=version + 1).lines[0]


_OF_POSITION = ("balance_minor", "held_minor", "version")


def at_position(card: Card, position: Position) -> Card:
    """The same card as its locked account says, without asking the database again."""
    now = {name: getattr(position, name) for name in _OF_POSITION}
    if all(getattr(card, name) == value for name, value in now.items()):
        return card
    return card._replace(**now, **funded(position.funding))


def funded(parts: MinorBySource) -> dict[str, Any]:
    """The fields that say where a card's money came from."""
    return dict(zip(FUNDED, parts, strict=True))


# Hot: carts, orders and the API read cards thousands of times a second. A statement takes about
# 0.05 ms as plain SQL, and 0.5 ms through the query builder.

NOT_LAPSED = """(SELECT CAST(COALESCE(SUM(h.amount_minor), 0) AS BIGINT) FROM hold h
        WHERE h.card_id = g.id AND h.resolved_at IS NULL AND h.expires_at > ?)"""
"""What open orders hold on a card at an instant: a lapse of time is computed, not written."""

FROM = "FROM account a JOIN gift_card g ON g.id = a.id"
READER = Reader(
    Card,
    {"held_minor": f"CASE WHEN a.held_minor = 0 THEN 0 ELSE {NOT_LAPSED} END"},
    g=GiftCard,
    a=Account,
)
"""Reads cards; its columns have one parameter, the instant."""

_HISTORY = Reader(
    Line,
    {
        "amount_minor": "CASE WHEN t.from_account = t.card_id"
        " THEN -t.amount_minor ELSE t.amount_minor END",
        "order_number": "o.number",
        "order_reference": "o.reference",
    },
    t=Transfer,
)


def _read(where: str, *params: Any) -> list[Card]:
    """Cards by a condition on ``g`` (gift_card) and ``a`` (account)."""
    found = database.rows(f"SELECT {READER.columns} {FROM} {where}", clock.micros(), *params)
    return [READER.read(row) for row in found]


def find(card_id: str, *, campaign_id: str | None = None, is_test: bool | None = None) -> Card:
    """The card with this id; within a campaign and mode when they are named.

    Raises: NotFound.
    """
    found = _read("WHERE g.id = ?", card_id)
    if not found or (campaign_id is not None and found[0].campaign_id != campaign_id):
        raise NotFound
    if is_test is not None and found[0].is_test != is_test:
        raise NotFound
    return found[0]


def find_many(card_ids: Sequence[str]) -> dict[str, Card]:
    """Cards by id; those that do not exist are left out."""
    if not card_ids:
        return {}
    cards = _read(f"WHERE g.id IN ({database.placeholders(card_ids)})", *card_ids)
    return {card.id: card for card in cards}


def of_orders(order_ids: Sequence[str]) -> list[Card]:
    """The cards that were issued with these orders, by id."""
    return _read(
        f"WHERE g.order_id IN ({database.placeholders(order_ids)}) ORDER BY g.id", *order_ids
    )


def history(card: Card, *, limit: int = 20, before: int | None = None) -> History:
    """The card's lines, newest first; ``before`` is a version from ``next_before``."""
    found = database.rows(
        f"SELECT {_HISTORY.columns} FROM transfer t LEFT JOIN orders o ON o.id = t.order_id"
        " WHERE t.card_id = ? AND t.version < ? ORDER BY t.version DESC LIMIT ?",
        card.id,
        before or 2**31 - 1,
        limit + 1,
    )
    lines = tuple(map(_HISTORY.read, found[:limit]))
    return History(lines, lines[-1].version if len(found) > limit else None)
