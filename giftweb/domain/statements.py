"""What the holder of a code may see: the card, its shop, its history (S53 to S55).

The balance page asks one question of the database and gets one consistent answer: the lines never
tell of a movement that the balance does not hold yet.
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


class Line(NamedTuple):
    """A movement as the holder sees it, the card's ``version``-th; ``amount_minor`` is signed,
    ``created_at`` in micros."""

    version: int
    id: str
    kind: str
    amount_minor: int
    created_at: int
    order_number: int | None
    order_reference: str | None


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


_STATEMENT = """
    SELECT t.version, t.id, t.kind, CASE WHEN t.from_account = g.id THEN -t.amount_minor
            ELSE t.amount_minor END, t.created_at, o.number, o.reference,
        g.last4, g.is_test, g.state, g.currency, g.expires_on, a.balance_minor, a.version,
        CASE WHEN a.held_minor = 0 THEN 0 ELSE (
            SELECT CAST(COALESCE(SUM(h.amount_minor), 0) AS BIGINT) FROM hold h
            WHERE h.card_id = g.id AND h.resolved_at IS NULL AND h.expires_at > ?) END,
        c.id, c.brand_name, c.brand_colour
    FROM gift_card g
    JOIN account a ON a.id = g.id
    LEFT JOIN campaign c ON c.id = g.campaign_id
    LEFT JOIN transfer t ON t.card_id = g.id
        AND t.version BETWEEN CASE WHEN a.version < ? THEN a.version ELSE ? END - ?
        AND CASE WHEN a.version < ? THEN a.version ELSE ? END
    LEFT JOIN orders o ON o.id = t.order_id
    WHERE g.code_index IN ({marks})
    ORDER BY t.version DESC
"""
_NEWEST = 2**31 - 1


def read(code: str, *, source: str, before: int | None = None) -> Statement:
    """The card of a code that somebody at the address ``source`` typed, with a page of its history.

    ``before`` is a ``next_before``. A code that no card has counts as a failed try (B6).

    Raises: CodeMalformed before any database is asked (D9); TooManyTries; UnknownCode.
    """
    if not code.strip():
        raise CodeMalformed("Enter the code of your gift card.", field="code")
    indexes = codes.indexes(code, card_values.known_formats())
    with throttle.guard(throttle.LOOK_UP, source=source):
        return _find(indexes, newest=_NEWEST if before is None else before - 1)


def _find(indexes: list[bytes], *, newest: int) -> Statement:
    text = _STATEMENT.format(marks=database.marks(indexes))
    window = (newest, newest, PAGE - 1, newest, newest)
    found = database.rows(text, clock.micros(), *window, *indexes)
    if not found:
        raise UnknownCode(field="code")
    return _statement(found, newest)


def _statement(found: list[tuple], newest: int) -> Statement:
    (last4, is_test, state, currency, expiry, balance, version, held, *brand) = found[0][7:]
    expires_on = None if expiry is None else date.fromisoformat(expiry)
    lines = [Line._make(row[:7]) for row in found if row[0] is not None]
    oldest = min(version, newest) - PAGE
    return Statement(
        last4=last4,
        is_test=bool(is_test),
        status=card_values.status_of(state, balance, expires_on),
        balance=Money(balance, currency),
        held=Money(held, currency),
        expires_on=expires_on,
        shop=Shop(*brand) if brand[1] else None,
        count=version,
        first=max(version - newest, 0) + 1,
        lines=lines,
        next_before=oldest + 1 if oldest > 0 else None,
    )


def shop_of(campaign_id: str) -> Shop | None:
    """How a campaign shows itself; None when there is none of that id, or it has no public name."""
    found = database.row(
        "SELECT id, brand_name, brand_colour FROM campaign WHERE id = ? AND brand_name <> ''",
        campaign_id,
    )
    return Shop(*found) if found else None
