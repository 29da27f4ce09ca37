"""What the holder of a code may see: the card, its shop, its history (S53 to S55).

The balance page is the program's busiest: two statements, plain SQL, and values that need no more
work to be shown.
"""

from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from giftweb import clock, codes, database
from giftweb.domain import card_values, throttle
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


@dataclass(frozen=True, slots=True)
class Statement:
    """A card as its holder sees it. ``count`` lines in all, ``lines`` from the ``first`` on, newest
    first; ``next_before`` asks for the page after this one, None at the end."""

    last4: str
    is_test: bool
    status: str
    balance: Money
    held: Money
    expires_on: date | None
    shop: Shop | None
    count: int
    first: int
    lines: list[Line]
    next_before: int | None

    @property
    def available(self) -> Money:
        """What an order may take now."""
        return self.balance - self.held

    @property
    def last(self) -> int:
        """The number of the last line shown."""
        return self.first + len(self.lines) - 1


_CARD_COLUMNS = """
    g.id, g.last4, g.is_test, g.state, g.currency, g.expires_on, a.balance_minor, a.version,
    CASE WHEN a.held_minor = 0 THEN 0 ELSE (
        SELECT CAST(COALESCE(SUM(h.amount_minor), 0) AS BIGINT) FROM hold h
        WHERE h.card_id = g.id AND h.resolved_at IS NULL AND h.expires_at > ?) END,
    c.id, c.brand_name, c.brand_colour
"""
_FROM_CARD = """
    FROM gift_card g
    JOIN account a ON a.id = g.id
    LEFT JOIN campaign c ON c.id = g.campaign_id AND c.brand_name <> ''
"""
_LINES = """
    SELECT t.version, t.id, t.kind,
        CASE WHEN t.from_account = t.card_id THEN -t.amount_minor ELSE t.amount_minor END AS minor,
        t.created_at, o.number, o.reference
    FROM transfer t
    LEFT JOIN orders o ON o.id = t.order_id
    WHERE t.card_id = {card} AND t.version <= {newest}
    ORDER BY t.version DESC LIMIT ?
"""
_CARD_ALONE = f"SELECT {_CARD_COLUMNS} {_FROM_CARD} WHERE g.code_index IN ({{marks}})"
_LINES_ALONE = _LINES.format(card="?", newest="?")
_BOTH = f"""
    SELECT l.*, {_CARD_COLUMNS} {_FROM_CARD}
    LEFT JOIN LATERAL ({_LINES.format(card="g.id", newest="LEAST(a.version, ?)")}) l ON true
    WHERE g.code_index IN ({{marks}})
"""
_NEWEST = 2**31 - 1
_LINE_WIDTH = 7
_VERSION = 7


def read(code: str, *, source: str, before: int | None = None) -> Statement:
    """The card of a code that somebody at the address ``source`` typed, with a page of its history.

    ``before`` is a ``next_before``. A code that no card has counts as a failed try (B6).

    Raises: CodeMalformed before any database is asked (D9); TooManyTries; UnknownCode.
    """
    if not code or code.isspace():
        raise CodeMalformed("Enter the code of your gift card.", field="code")
    indexes = codes.indexes(code, card_values.known_formats())
    throttle.check(throttle.LOOK_UP, source=source)
    try:
        return _find(indexes, before)
    except UnknownCode:
        throttle.count(throttle.LOOK_UP, source=source)
        raise


def _find(indexes: list[bytes], before: int | None) -> Statement:
    newest = _NEWEST if before is None else before - 1
    card, lines = (_ask_at_once if database.is_postgres() else _ask_in_turn)(indexes, newest)
    (_, last4, is_test, state, currency, expiry, balance, version, held, *shop) = card
    expires_on = None if expiry is None else date.fromisoformat(expiry)
    return Statement(
        last4=last4,
        is_test=bool(is_test),
        status=card_values.status_of(state, balance, expires_on),
        balance=Money(balance, currency),
        held=Money(held, currency),
        expires_on=expires_on,
        shop=Shop._make(shop) if shop[0] else None,
        count=version,
        first=max(version - newest, 0) + 1,
        lines=lines,
        next_before=lines[-1][0] if lines and lines[-1][0] > 1 else None,
    )


def _ask_at_once(indexes: list[bytes], newest: int) -> tuple[tuple, list[Line]]:
    """One round trip: on PostgreSQL another would cost more than telling the card on each row."""
    text = _BOTH.format(marks=database.marks(indexes))
    found = database.rows(text, clock.micros(), newest, PAGE, *indexes)
    if not found:
        raise UnknownCode(field="code")
    return found[0][_LINE_WIDTH:], [row[:_LINE_WIDTH] for row in found if row[0] is not None]


def _ask_in_turn(indexes: list[bytes], newest: int) -> tuple[tuple, list[Line]]:
    """On SQLite, where a question costs next to nothing. No line is newer than the balance."""
    text = _CARD_ALONE.format(marks=database.marks(indexes))
    card = database.row(text, clock.micros(), *indexes)
    if card is None:
        raise UnknownCode(field="code")
    return card, database.rows(_LINES_ALONE, card[0], min(card[_VERSION], newest), PAGE)


def shop_of(campaign_id: str) -> Shop | None:
    """How a campaign shows itself; None when there is none of that id, or it has no public name."""
    found = database.row(
        "SELECT id, brand_name, brand_colour FROM campaign WHERE id = ? AND brand_name <> ''",
        campaign_id,
    )
    return Shop(*found) if found else None
