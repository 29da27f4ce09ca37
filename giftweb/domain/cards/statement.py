"""What the holder of a code may see: the card, its shop, its history (S53 to S55).

The balance page is the program's busiest: plain SQL, and values that need no more work to be shown.
"""

from datetime import date
from functools import cache
from typing import NamedTuple

from giftweb import clock, codes, database
from giftweb.domain import throttle
from giftweb.domain.cards import values
from giftweb.errors import CodeMalformed, UnknownCode
from giftweb.money import Money

PAGE = 20
"""How many lines of the history are shown at a time."""


class Shop(NamedTuple):
    """How a campaign shows itself to the public; ``colour`` is empty when it chose none."""

    campaign_id: str
    name: str
    colour: str


Line = tuple[int, str, str, int, int, int | None, str | None]
"""A movement as the holder sees it: its number on the card, id, kind, signed amount in minor units,
instant in microseconds, and the number and reference of its order."""


class Statement(NamedTuple):
    """A card as its holder sees it, and which page of its history: the lines from number ``newest``
    of ``length`` downwards. ``next_before`` asks for the page after this one, None at the end."""

    card_id: str
    last4: str
    is_test: bool
    status: str
    balance: Money
    held: Money
    expires_on: date | None
    shop: Shop | None
    length: int
    newest: int

    @property
    def shown(self) -> int:
        """How many lines this page has."""
        return min(self.newest, PAGE)

    @property
    def next_before(self) -> int | None:
        """The number after which the next page begins."""
        return self.newest - PAGE + 1 if self.newest > PAGE else None


_CARD = """
    SELECT g.id, g.last4, g.is_test, g.state, g.currency, g.expires_on, a.balance_minor, a.version,
        {held}, c.id, c.brand_name, c.brand_colour
    FROM gift_card g
    JOIN account a ON a.id = g.id
    LEFT JOIN campaign c ON c.id = g.campaign_id AND c.brand_name <> ''
    WHERE g.code_index IN ({marks})
"""
_HELD = 8
_LINES = """
    SELECT t.version, t.id, t.kind,
        CASE WHEN t.from_account = t.card_id THEN -t.amount_minor ELSE t.amount_minor END,
        t.created_at, o.number, o.reference
    FROM transfer t
    LEFT JOIN orders o ON o.id = t.order_id
    WHERE t.card_id = ? AND t.version <= ?
    ORDER BY t.version DESC LIMIT ?
"""


def read(code: str, *, source: str, before: int | None = None) -> Statement:
    """The card of a code that somebody at the address ``source`` typed, with a page of its history.

    ``before`` is a ``next_before``. A code that no card has counts as a failed try (B6).

    Raises: CodeMalformed before any database is asked (D9); TooManyTries; UnknownCode.
    """
    if not code or code.isspace():
        raise CodeMalformed("Enter the code of your gift card.", field="code")
    indexes = codes.indexes(code, values.known_formats())
    throttle.check(throttle.LOOK_UP, source=source)
    try:
        return _find(indexes, before)
    except UnknownCode:
        throttle.count(throttle.LOOK_UP, source=source)
        raise


def _find(indexes: list[bytes], before: int | None) -> Statement:
    found = database.row(_card("a.held_minor", len(indexes)), *indexes)
    if found and found[_HELD] > 0:
        # Some of it may have lapsed. Most cards have nothing held, and need no such question.
        found = database.row(_card(values.NOT_LAPSED, len(indexes)), clock.micros(), *indexes)
    if found is None:
        raise UnknownCode(field="code")
    (card_id, last4, is_test, state, currency, expiry, balance, version, held, *shop) = found
    expires_on = None if expiry is None else date.fromisoformat(expiry)
    return Statement(
        card_id=card_id,
        last4=last4,
        is_test=bool(is_test),
        status=values.status_of(state, balance, expires_on),
        balance=Money(balance, currency),
        held=Money(held, currency),
        expires_on=expires_on,
        shop=Shop._make(shop) if shop[0] else None,
        length=version,
        newest=version if before is None else max(min(version, before - 1), 0),
    )


@cache
def _card(held: str, indexes: int) -> str:
    return _CARD.format(held=held, marks=database.marks(range(indexes)))


def lines(card_id: str, *, newest: int) -> list[Line]:
    """A page of the history, newest first, from line number ``newest`` on.

    Lines are numbered without gaps and never change (I4, I6): a page once read stays right, and one
    that begins at the balance's number tells of no movement that the balance does not hold.
    """
    return database.rows(_LINES, card_id, newest, PAGE)


def shop_of(campaign_id: str) -> Shop | None:
    """How a campaign shows itself; None when there is none of that id, or it has no public name."""
    found = database.row(
        "SELECT id, brand_name, brand_colour FROM campaign WHERE id = ? AND brand_name <> ''",
        campaign_id,
    )
    return Shop(*found) if found else None
