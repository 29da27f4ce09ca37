"""The desk's search over orders: one text, a few filters, by time, paged by key.

Each way to find an order is answered by an index of its own, so a million orders take no longer.
"""

from dataclasses import dataclass, replace
from datetime import date

from giftweb import database, ids
from giftweb.domain import search_terms
from giftweb.domain.orders.values import Order, select
from giftweb.domain.search_terms import ALL, Condition, counted, few, many
from giftweb.tables.orders import FULFILMENTS, ORDER_STATUSES

PAGE = 50
COUNT_LIMIT = 10_000
STATUSES = ORDER_STATUSES
NEWEST, OLDEST = "-placed", "placed"
SORTS = (NEWEST, OLDEST)

_NUMBER_DIGITS = 9
_PAID_WITH = (
    "o.id IN (SELECT p.order_id FROM payment p JOIN gift_card g ON g.id = p.gift_card_id WHERE {})"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Query:
    """What is looked for; an empty value is no condition. Both dates are included."""

    text: str = ""
    status: str = ""
    fulfilment: str = ""
    mode: str = ""
    placed_from: date | None = None
    placed_until: date | None = None
    sort: str = NEWEST


@dataclass(frozen=True, slots=True)
class Page:
    """Orders in order; ``after`` is the number to go on after, ``is_more``: over ``count``."""

    orders: tuple[Order, ...]
    count: int
    is_more: bool
    after: int | None


def known(query: Query) -> Query:
    """The query without the words that no filter has."""
    return replace(
        query,
        text=search_terms.cleaned(query.text),
        status=query.status if query.status in ORDER_STATUSES else "",
        fulfilment=query.fulfilment if query.fulfilment in FULFILMENTS else "",
        mode=query.mode if query.mode in search_terms.MODES else "",
        sort=query.sort if query.sort in SORTS else NEWEST,
    )


def search(query: Query, *, after: int | None = None, limit: int = PAGE) -> Page:
    """The page of orders that come after the order with the number ``after``."""
    query = known(query)
    direction, sign = ("DESC", "<") if query.sort == NEWEST else ("ASC", ">")
    with database.snapshot():
        ways = [way & _filters(query) for way in _ways(query.text)]
        count = counted([_select(way) for way in ways], limit=COUNT_LIMIT)
        found = _found(ways, count) & _beyond(after, sign)
        orders = select(
            f"WHERE {found.sql} ORDER BY o.created_at {direction}, o.number {direction} LIMIT ?",
            *found.params,
            limit + 1,
        )
    page = tuple(orders[:limit])
    following = page[-1].number if len(orders) > limit else None
    return Page(page, min(count, COUNT_LIMIT), count > COUNT_LIMIT, following)


def _ways(text: str) -> list[Condition]:
    """Number, the shop's reference, customer, last four of a card that paid, or an id."""
    if not text:
        return [ALL]
    if ids.looks_like(text, "ord"):
        return [Condition("o.id = ?", (text,))]
    if ids.looks_like(text, "pay"):
        return [Condition("o.id = (SELECT order_id FROM payment WHERE id = ?)", (text,))]
    address = search_terms.starts("o.customer_email", text.lower())
    if "@" in text:
        return [address]
    digits = text.removeprefix("#")
    is_number = digits.isascii() and digits.isdigit() and len(digits) <= _NUMBER_DIGITS
    number = [Condition("o.number = ?", (int(digits),))] if is_number else []
    paid = [
        Condition(_PAID_WITH.format(way.sql), way.params) for way in search_terms.last_four(text)
    ]
    names = search_terms.person_starts("o.customer_name", text)
    return [*number, search_terms.starts("o.reference", text), address, *names, *paid]


def _filters(query: Query) -> Condition:
    found = ALL
    if query.status:
        found &= Condition("o.status = ?", (query.status,))
    if query.fulfilment:
        # The word itself and not a parameter: only so is the partial index of it seen.
        found &= Condition(f"o.fulfilment = '{query.fulfilment}'")
    days = search_terms.in_days("o.created_at", query.placed_from, query.placed_until)
    return found & search_terms.in_mode("o", query.mode) & days


def _select(way: Condition) -> Condition:
    return Condition(f"SELECT o.id FROM orders o WHERE {way.sql}", way.params)


def _found(ways: list[Condition], count: int) -> Condition:
    """The ways as one condition, so put that no planner takes the long way round."""
    if len(ways) == 1:
        return ways[0]
    if count > COUNT_LIMIT:
        return many(ways)
    return few("o.id", [_select(way) for way in ways], limit=COUNT_LIMIT + 1)


def _beyond(number: int | None, sign: str) -> Condition:
    """What comes after an order; everything when there is no such order."""
    if number is None or not 0 < number < 10**_NUMBER_DIGITS:
        return ALL
    placed_at = database.scalar("SELECT created_at FROM orders WHERE number = ?", number)
    if placed_at is None:
        return ALL
    return Condition(f"(o.created_at, o.number) {sign} (?, ?)", (placed_at, number))
