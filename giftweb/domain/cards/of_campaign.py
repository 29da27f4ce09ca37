"""The cards that a campaign issued or sold, as its shop's program lists them (API.md 3)."""

from dataclasses import dataclass
from typing import Any

from giftweb import clock
from giftweb.domain.cards import values
from giftweb.domain.cards.values import Card, Line
from giftweb.errors import Invalid, NotFound
from giftweb.tables.cards import ORIGINS

__all__ = ["ORIGINS", "Lines", "Page", "Query", "find_lines", "find_page"]

_NOT_PAST = "(g.expires_on IS NULL OR g.expires_on >= ?)"
_STATUS = {
    values.ACTIVE: f"g.state = 'open' AND a.balance_minor > 0 AND {_NOT_PAST}",
    values.USED_UP: f"g.state = 'open' AND a.balance_minor = 0 AND {_NOT_PAST}",
    values.FROZEN: f"g.state = 'frozen' AND {_NOT_PAST}",
    values.EXPIRED: "(g.state = 'expired' OR (g.state IN ('open', 'frozen') AND g.expires_on < ?))",
    values.CANCELLED: "g.state = 'cancelled'",
    values.REPLACED: "g.state = 'replaced'",
}
"""What ``card_values.status_of`` says, as a condition; ``?`` is today."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Query:
    """What is asked for; None is no condition. ``after`` is the last id of the page before."""

    status: str | None = None
    holder_email: str | None = None
    last4: str | None = None
    origin: str | None = None
    after: str | None = None
    limit: int = 20


@dataclass(frozen=True, slots=True)
class Page:
    """Cards, newest first, and whether there are more."""

    cards: tuple[Card, ...]
    has_more: bool


@dataclass(frozen=True, slots=True)
class Lines:
    """Lines of a card's history, newest first, and whether there are more."""

    lines: tuple[Line, ...]
    has_more: bool


def find_page(query: Query, *, campaign_id: str, is_test: bool) -> Page:
    """The campaign's cards of one mode that fit."""
    conditions: list[tuple[str, tuple[Any, ...]]] = [
        ("g.campaign_id = ?", (campaign_id,)),
        ("g.is_test = ?", (is_test,)),
        *_conditions(query),
    ]
    where = " AND ".join(text for text, _ in conditions)
    params = [value for _, values_ in conditions for value in values_]
    found = values.select(f"WHERE {where} ORDER BY g.id DESC LIMIT ?", *params, query.limit + 1)
    return Page(tuple(found[: query.limit]), len(found) > query.limit)


def _conditions(query: Query) -> list[tuple[str, tuple[Any, ...]]]:
    found: list[tuple[str, tuple[Any, ...]]] = []
    if query.status is not None:
        text = _STATUS[query.status]
        found.append((text, (clock.today().isoformat(),) * text.count("?")))
    if query.holder_email is not None:
        found.append(("g.holder_email = ?", (query.holder_email.lower(),)))
    if query.last4 is not None:
        found.append(("g.last4 = ?", (query.last4.upper(),)))
    if query.origin is not None:
        found.append(("g.origin = ?", (query.origin,)))
    if query.after is not None:
        found.append(("g.id < ?", (query.after,)))
    return found


def find_lines(card: Card, *, limit: int, after: str | None = None) -> Lines:
    """A part of the card's history.

    Raises: Invalid (after: not a line of this card).
    """
    before = None
    if after is not None:
        try:
            before = values.line(card, after).version
        except NotFound:
            raise Invalid("This card has no such transaction.", field="after") from None
    history = values.history(card, limit=limit, before=before)
    return Lines(history.lines, history.next_before is not None)
