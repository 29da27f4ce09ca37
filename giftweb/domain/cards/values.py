"""What a gift card looks like from outside: frozen values, statuses, and how they are read."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from typing import Any, NamedTuple

from giftweb import clock, codes, database
from giftweb.errors import CardNotUsable, NotFound, UnknownCode
from giftweb.money import Money

ACTIVE, USED_UP, FROZEN = "active", "used_up", "frozen"
EXPIRED, CANCELLED, REPLACED = "expired", "cancelled", "replaced"
STATUSES = (ACTIVE, USED_UP, FROZEN, EXPIRED, CANCELLED, REPLACED)

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
    sender_name: str | None
    sender_email: str | None
    message: str | None
    note: str | None
    expires_on: date | None
    created_at: datetime

    @property
    def status(self) -> str:
        """One of STATUSES (D12, I22)."""
        return status_of(self.state, self.balance_minor, self.expires_on)

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
    def initial(self) -> Money:
        """What the card was issued with."""
        return Money(self.initial_minor, self.currency)

    @property
    def is_usable(self) -> bool:
        """Whether an order may hold money on it now."""
        return self.status == ACTIVE

    def require_usable(self) -> None:
        """Refuse a card that is frozen, expired, cancelled, replaced or used up.

        Raises: CardNotUsable.
        """
        if not self.is_usable:
            raise CardNotUsable(status=self.status.replace("_", " "))


@dataclass(frozen=True, slots=True)
class Issued:
    """A new card and its code, which is shown once."""

    card: Card
    code: str


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


def status_of(state: str, balance_minor: int, expires_on: date | None) -> str:
    """What a card's rows say (I22)."""
    if state in (CANCELLED, REPLACED, EXPIRED):
        return state
    if expires_on is not None and expires_on < clock.today():
        return EXPIRED
    if state == FROZEN:
        return FROZEN
    return ACTIVE if balance_minor > 0 else USED_UP


NOT_LAPSED = """(SELECT CAST(COALESCE(SUM(h.amount_minor), 0) AS BIGINT) FROM hold h
        WHERE h.card_id = g.id AND h.resolved_at IS NULL AND h.expires_at > ?)"""
"""What open orders hold at an instant: a lapse of time is computed, not written."""
_HELD = f"CASE WHEN a.held_minor = 0 THEN 0 ELSE {NOT_LAPSED} END"

_WITH_HELD = """
    g.id, g.currency, g.is_test, a.balance_minor, {held}, a.version, g.last4, g.type, g.origin,
    g.source, g.state, g.initial_minor, g.campaign_id,
    g.order_id, g.order_item_id, g.replaces_id, g.holder_email, g.holder_name, g.sender_name,
    g.sender_email, g.message, g.note, g.expires_on, g.created_at
"""
COLUMNS = _WITH_HELD.format(held=_HELD)
FROM = "FROM account a JOIN gift_card g ON g.id = a.id"


def card_from(row: Sequence[Any]) -> Card:
    """A row of COLUMNS as a Card."""
    (*start, expires_on, created_at) = row
    start[2] = bool(start[2])
    expiry = None if expires_on is None else date.fromisoformat(expires_on)
    return Card(*(*start, expiry, clock.from_micros(created_at)))


def select(where: str, *params: Any) -> list[Card]:
    """Cards by a condition on ``g`` (gift_card) and ``a`` (account)."""
    found = database.rows(f"SELECT {COLUMNS} {FROM} {where}", clock.micros(), *params)
    return [card_from(row) for row in found]


def find(card_id: str, *, campaign_id: str | None = None, is_test: bool | None = None) -> Card:
    """The card with this id; within a campaign and mode when they are given.

    Raises: NotFound.
    """
    found = select("WHERE g.id = ?", card_id)
    if not found or (campaign_id is not None and found[0].campaign_id != campaign_id):
        raise NotFound
    if is_test is not None and found[0].is_test != is_test:
        raise NotFound
    return found[0]


def latest(card: Card) -> Card:
    """The card, or the last of those that replaced it (D7), as it stands; nothing is locked."""
    while card.status == REPLACED:
        (card,) = select("WHERE g.replaces_id = ?", card.id)
    return card


def find_many(card_ids: Sequence[str]) -> dict[str, Card]:
    """Cards by id; those that do not exist are left out."""
    if not card_ids:
        return {}
    cards = select(f"WHERE g.id IN ({database.marks(card_ids)})", *card_ids)
    return {card.id: card for card in cards}


def find_by_code(text: str) -> Card:
    """The card of a typed code, in any mode and campaign.

    Raises: CodeMalformed before the database is asked; UnknownCode.
    """
    indexes = codes.indexes(text, known_formats())
    where = f"WHERE g.code_index IN ({database.marks(indexes)})"
    return found_by_code(database.row(f"SELECT {_OF_CODE} {FROM} {where}", *indexes))


class Beside(NamedTuple):
    """What is read into the same row as something else; NULLs when there is nothing."""

    columns: str
    join: str
    params: Sequence[Any]


def beside_by_code(text: str) -> Beside:
    """What finds the card of a typed code, for ``found_by_code``.

    Raises: CodeMalformed.
    """
    indexes = codes.indexes(text, known_formats())
    return Beside(_OF_CODE, _joined_by_code(len(indexes)), indexes)


_OF_CODE = _WITH_HELD.format(held="a.held_minor")


@cache
def _joined_by_code(count: int) -> str:
    on_code = f"ON g.code_index IN ({database.marks(range(count))})"
    return f"LEFT JOIN gift_card g {on_code} LEFT JOIN account a ON a.id = g.id"


def found_by_code(row: Sequence[Any] | None) -> Card:
    """The card of a code, as it was read.

    Raises: UnknownCode.
    """
    if row is None or row[0] is None:
        raise UnknownCode
    card = card_from(row)
    # Whether what is held has lapsed is a question of its own, and seldom one.
    return find(card.id) if card.held_minor else card


def known_formats() -> Iterator[str]:
    """The formats that imported codes have (D9); asked for only when a code is not plainly ours."""
    for (name,) in database.rows("SELECT format FROM code_format"):
        yield name


def history(card: Card, *, limit: int = 20, before: int | None = None) -> History:
    """The card's lines, newest first; ``before`` is a version from ``next_before``."""
    found = database.rows(
        "SELECT t.id, t.kind, t.amount_minor, t.from_account, t.balance_after_minor, t.version,"
        " t.created_at, o.number, o.reference FROM transfer t"
        " LEFT JOIN orders o ON o.id = t.order_id"
        " WHERE t.card_id = ? AND t.version < ? ORDER BY t.version DESC LIMIT ?",
        card.id,
        before or 2**31 - 1,
        limit + 1,
    )
    lines = tuple(_line(card, row) for row in found[:limit])
    return History(lines, lines[-1].version if len(found) > limit else None)


def line(card: Card, transfer_id: str) -> Line:
    """One line of the card's history.

    Raises: NotFound.
    """
    version = database.scalar(
        "SELECT version FROM transfer WHERE id = ? AND card_id = ?", transfer_id, card.id
    )
    if version is None:
        raise NotFound
    return history(card, limit=1, before=version + 1).lines[0]


def _line(card: Card, row: tuple) -> Line:
    transfer_id, kind, amount, source, after, version, created_at, number, reference = row
    return Line(
        id=transfer_id,
        kind=kind,
        amount_minor=-amount if source == card.id else amount,
        balance_after_minor=after,
        version=version,
        currency=card.currency,
        order_number=number,
        order_reference=reference,
        created_at=clock.from_micros(created_at),
    )


def with_balance(card: Card, *, balance_minor: int, held_minor: int, version: int) -> Card:
    """The same card after a movement, without asking the database again."""
    if (card.balance_minor, card.held_minor, card.version) == (balance_minor, held_minor, version):
        return card
    return card._replace(balance_minor=balance_minor, held_minor=held_minor, version=version)
