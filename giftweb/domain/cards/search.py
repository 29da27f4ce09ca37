"""The desk's search over gift cards: one text, a few filters, any order, paged by key (S13).

The newest-first order is read from an index at any size. The other orders sort what was found, so
they are offered where a search finds no more than ``COUNT_LIMIT`` cards.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date

from giftweb import clock, database
from giftweb.domain import audit, emails, search_terms
from giftweb.domain.audit.log import Actor
from giftweb.domain.cards import values
from giftweb.domain.cards.values import Card
from giftweb.domain.search_terms import ALL, Condition, counted, few, many
from giftweb.tables.cards import ORIGINS

PAGE = 50
COUNT_LIMIT = 10_000
NEWEST = "-created"

_ORDERS: dict[str, tuple[str, ...]] = {
    "created": ("g.created_at", "g.id"),
    "holder": ("COALESCE(g.holder_email, '')", "g.id"),
    "last4": ("g.last4", "g.id"),
    "balance": ("g.currency", "a.balance_minor", "g.id"),
}
SORTS = tuple(sign + name for name in _ORDERS for sign in ("", "-"))
COLUMNS = (
    *("id", "last_four", "status", "mode", "currency", "balance", "held", "issued_with"),
    *("origin", "holder_email", "holder_name", "expires_on", "issued_at"),
)
"""What a line of the CSV file holds."""

_NOT_PAST = "(g.expires_on IS NULL OR g.expires_on >= ?)"
_STATUS: dict[str, tuple[str, ...]] = {
    values.ACTIVE: (f"g.state = 'open' AND {_NOT_PAST} AND a.balance_minor > 0",),
    values.USED_UP: (f"g.state = 'open' AND {_NOT_PAST} AND a.balance_minor = 0",),
    values.FROZEN: (f"g.state <> 'open' AND g.state = 'frozen' AND {_NOT_PAST}",),
    values.EXPIRED: (
        "g.state <> 'open' AND g.state = 'expired'",
        "g.state IN ('open', 'frozen') AND g.expires_on < ?",
    ),
    values.CANCELLED: ("g.state <> 'open' AND g.state = 'cancelled'",),
    values.REPLACED: ("g.state <> 'open' AND g.state = 'replaced'",),
}
"""What ``card_values.status_of`` says; ``?`` is today. ``<> 'open'`` names a partial index."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Query:
    """What is looked for; an empty value is no condition. Both dates are included."""

    text: str = ""
    status: str = ""
    origin: str = ""
    mode: str = ""
    issued_from: date | None = None
    issued_until: date | None = None
    sort: str = NEWEST


@dataclass(frozen=True, slots=True)
class Page:
    """Cards in order; ``after`` is the id to go on after, ``is_more``: over ``count`` exist."""

    cards: tuple[Card, ...]
    count: int
    is_more: bool
    sort: str
    after: str | None


def search(query: Query, *, after: str | None = None, limit: int = PAGE) -> Page:
    """The page of cards that come after the card ``after``, and how many there are in all.

    A search that finds too many to sort is answered newest first; ``Page.sort`` says so.
    """
    query = known(query)
    with database.snapshot():
        ways = _ways(query)
        count = _count(ways)
        if count > COUNT_LIMIT:
            query = replace(query, sort=NEWEST)
        cards = _cards(_found(ways, count), query.sort, after, limit + 1)
    page = tuple(cards[:limit])
    following = page[-1].id if len(cards) > limit else None
    return Page(page, min(count, COUNT_LIMIT), count > COUNT_LIMIT, query.sort, following)


def known(query: Query) -> Query:
    """The query without the words that no filter has."""
    return replace(
        query,
        text=search_terms.cleaned(query.text),
        status=query.status if query.status in _STATUS else "",
        origin=query.origin if query.origin in ORIGINS else "",
        mode=query.mode if query.mode in search_terms.MODES else "",
        sort=query.sort if query.sort in SORTS else NEWEST,
    )


def download(query: Query, *, by: Actor) -> Iterator[list[Card]]:
    """Every card that the query finds, newest first, in portions; the download is recorded."""
    query = replace(known(query), sort=NEWEST)
    audit.record(
        by=by,
        action="gift_card.list_downloaded",
        subject="gift_cards",
        data={
            "status": query.status,
            "origin": query.origin,
            "mode": query.mode,
            "has_text": bool(query.text),
        },
    )
    ways = _ways(query)
    return _portions(_found(ways, _count(ways)))


def _portions(found: Condition, size: int = 500) -> Iterator[list[Card]]:
    cards = _cards(found, NEWEST, None, size)
    while cards:
        yield cards
        cards = _cards(found, NEWEST, cards[-1].id, size)


def of_holder(email: str, *, limit: int = 200) -> list[Card]:
    """The holder's cards, newest first (S9)."""
    return values.select(
        "WHERE g.holder_email = ? ORDER BY g.id DESC LIMIT ?", emails.folded(email), limit
    )


def _count(ways: list[Condition]) -> int:
    return counted([_select(way) for way in ways], limit=COUNT_LIMIT)


def _found(ways: list[Condition], count: int) -> Condition:
    """The ways as one condition, so put that no planner takes the long way round."""
    if len(ways) == 1 and "a." not in ways[0].sql:
        return ways[0]
    if count > COUNT_LIMIT:
        return many(ways)
    return few("g.id", [_select(way) for way in ways], limit=COUNT_LIMIT + 1)


def _select(way: Condition) -> Condition:
    source = values.FROM if "a." in way.sql else "FROM gift_card g"
    return Condition(f"SELECT g.id {source} WHERE {way.sql}", way.params)


def _cards(found: Condition, sort: str, after: str | None, limit: int) -> list[Card]:
    columns = _ORDERS[sort.lstrip("-")]
    direction = "DESC" if sort.startswith("-") else "ASC"
    found &= _beyond(columns, direction, after)
    order = ", ".join(f"{column} {direction}" for column in columns)
    return values.select(f"WHERE {found.sql} ORDER BY {order} LIMIT ?", *found.params, limit)


def _beyond(columns: tuple[str, ...], direction: str, after: str | None) -> Condition:
    """What comes after a card in the order; everything when there is no such card."""
    last = after and database.row(
        f"SELECT {', '.join(columns)} {values.FROM} WHERE g.id = ?", after
    )
    if not last:
        return ALL
    sign = "<" if direction == "DESC" else ">"
    return Condition(f"({', '.join(columns)}) {sign} ({database.marks(last)})", tuple(last))


def _ways(query: Query) -> list[Condition]:
    """Every way in which a card may fit; each can be answered by an index."""
    ways = [way & _filters(query) for way in search_terms.cards(query.text)]
    if query.status:
        today = clock.today().isoformat()
        states = [Condition(sql, (today,) * sql.count("?")) for sql in _STATUS[query.status]]
        ways = [way & state for way in ways for state in states]
    return ways


def _filters(query: Query) -> Condition:
    found = ALL
    if query.origin:
        also = " AND g.origin <> 'import'" if query.origin != "import" else ""
        found &= Condition(f"g.origin = ?{also}", (query.origin,))
    days = search_terms.in_days("g.created_at", query.issued_from, query.issued_until)
    return found & search_terms.in_mode("g", query.mode) & days


def row_of(card: Card) -> tuple[object, ...]:
    """The card as a line of the CSV file: the value of each of COLUMNS."""
    return (
        *(card.id, card.last4, card.status, "test" if card.is_test else "live", card.currency),
        *(card.balance, card.held, card.initial),
        *(card.origin, card.holder_email, card.holder_name, card.expires_on),
        card.created_at.isoformat(timespec="seconds"),
    )
