"""Registered customers: who they are, how they are found, what they hold (S9, S17)."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from giftweb import clock, database, ids
from giftweb.database import transactional
from giftweb.domain import audit, cards, emails, search_terms
from giftweb.domain.audit.log import Actor
from giftweb.domain.cards import values
from giftweb.domain.cards.values import Card
from giftweb.domain.search_terms import Condition, few, gathered, many
from giftweb.errors import Invalid, NotFound
from giftweb.money import Money

PAGE = 50
COUNT_LIMIT = 10_000
LONGEST_NAME = 120
SORTS = ("name", "-name", "email", "-email", "created", "-created")
_ORDERS = {
    "name": ("lower(c.name)", "c.id"),
    "email": ("c.email", "c.id"),
    "created": ("c.created_at", "c.id"),
}


@dataclass(frozen=True, slots=True)
class Customer:
    """A registered customer. ``email`` is in lower case and belongs to one customer only."""

    id: str
    email: str
    name: str
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Page:
    """Customers in order; ``after`` is the id to go on after, ``is_more``: over ``count`` exist."""

    customers: tuple[Customer, ...]
    count: int
    is_more: bool
    sort: str
    after: str | None


_COLUMNS = "c.id, c.email, c.name, c.created_at"


def ensure(email: str, name: str) -> str:
    """The id of the customer with this address, registered now if need be."""
    known = "SELECT id FROM customer WHERE email = ?"
    return (
        database.scalar(known, email)
        or database.scalar(
            "INSERT INTO customer (id, email, name, created_at) VALUES (?, ?, ?, ?)"
            " ON CONFLICT (email) DO NOTHING RETURNING id",
            *(ids.new("cus"), email, name, clock.micros()),
        )
        # Another order of theirs came between.
        or database.scalar(known, email)
    )


@transactional
def register(*, email: str, name: str, by: Actor) -> Customer:
    """A new registered customer.

    Raises: Invalid (email: not an address, or registered already; name).
    """
    email, name = emails.read(email), name.strip()
    if not 0 < len(name) <= LONGEST_NAME:
        raise Invalid(f"Enter a name of 1 to {LONGEST_NAME} characters.", field="name")
    customer_id = ids.new("cus")
    made = database.execute(
        "INSERT INTO customer (id, email, name, created_at) VALUES (?, ?, ?, ?)"
        " ON CONFLICT (email) DO NOTHING",
        *(customer_id, email, name, clock.micros()),
    )
    if not made:
        raise Invalid("This address is registered already.", field="email")
    audit.record(by=by, action="customer.registered", subject=customer_id)
    return find(customer_id)


def find(customer_id: str) -> Customer:
    """The customer with this id.

    Raises: NotFound.
    """
    found = _select("WHERE c.id = ?", customer_id)
    if not found:
        raise NotFound
    return found[0]


def find_by_emails(emails: Iterable[str]) -> dict[str, Customer]:
    """The registered customers among these addresses, by address in lower case."""
    wanted = sorted({email.lower() for email in emails})
    found: dict[str, Customer] = {}
    for start in range(0, len(wanted), 500):
        some = wanted[start : start + 500]
        rows = _select(f"WHERE c.email IN ({database.marks(some)})", *some)
        found |= {customer.email: customer for customer in rows}
    return found


def suggest(text: str, *, limit: int = 8) -> list[Customer]:
    """Customers whose address or name begins with what is being typed (S17)."""
    text = search_terms.cleaned(text)
    if not text:
        return []
    selects = _selects(search_terms.customers(text))
    found = gathered(selects, limit=limit * len(selects))
    return _select(f"WHERE c.id IN ({found.sql}) ORDER BY c.email LIMIT ?", *found.params, limit)


def search(
    text: str = "", *, sort: str = "name", after: str | None = None, limit: int = PAGE
) -> Page:
    """The page of customers that come after the customer ``after``, and how many there are."""
    ways = search_terms.customers(search_terms.cleaned(text))
    sort = sort if sort in SORTS else "name"
    with database.snapshot():
        count = search_terms.counted(_selects(ways), limit=COUNT_LIMIT)
        is_more = count > COUNT_LIMIT
        sort = "name" if is_more else sort
        customers = _customers(_found(ways, is_more), sort, after, limit + 1)
    following = customers[limit - 1].id if len(customers) > limit else None
    return Page(tuple(customers[:limit]), min(count, COUNT_LIMIT), is_more, sort, following)


def cards_of(customer: Customer) -> list[Card]:
    """All gift cards of the customer: those that carry the address, newest first (S9)."""
    return cards.search.of_holder(customer.email)


def worth(cards: Iterable[Card]) -> list[Money]:
    """What the holder can still spend on these cards, one sum a currency. Test cards never count.

    Source: D17.
    """
    sums: dict[str, Money] = {}
    for card in cards:
        if not card.is_test and card.status == values.ACTIVE:
            sums[card.currency] = sums.get(card.currency, Money(0, card.currency)) + card.available
    return [sums[currency] for currency in sorted(sums)]


def _select(where: str, *params: object) -> list[Customer]:
    found = database.rows(f"SELECT {_COLUMNS} FROM customer c {where}", *params)
    return [Customer(key, email, name, clock.from_micros(at)) for key, email, name, at in found]


def _selects(ways: list[Condition]) -> list[Condition]:
    return [Condition(f"SELECT c.id FROM customer c WHERE {w.sql}", w.params) for w in ways]


def _found(ways: list[Condition], is_more: bool) -> Condition:
    if len(ways) == 1:
        return ways[0]
    return many(ways) if is_more else few("c.id", _selects(ways), limit=COUNT_LIMIT + 1)


def _customers(found: Condition, sort: str, after: str | None, limit: int) -> list[Customer]:
    columns = _ORDERS[sort.lstrip("-")]
    direction, sign = ("DESC", "<") if sort.startswith("-") else ("ASC", ">")
    last = after and database.row(
        f"SELECT {', '.join(columns)} FROM customer c WHERE c.id = ?", after
    )
    if last:
        beyond = f"({', '.join(columns)}) {sign} ({database.marks(last)})"
        found &= Condition(beyond, tuple(last))
    order = ", ".join(f"{column} {direction}" for column in columns)
    return _select(f"WHERE {found.sql} ORDER BY {order} LIMIT ?", *found.params, limit)
