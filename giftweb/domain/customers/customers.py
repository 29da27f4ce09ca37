"""Registered customers: who they are, how they are found, what they hold (S9, S17)."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import chain

from peewee import fn

from giftweb import clock, database, ids, models
from giftweb.database import records, transactional
from giftweb.database.listings import Listing, Page
from giftweb.domain import audit, cards, emails, search_terms
from giftweb.domain.audit.log import Actor
from giftweb.domain.cards import values
from giftweb.domain.cards.values import Card
from giftweb.errors import Invalid, NotFound
from giftweb.language import gettext
from giftweb.money import Money

PAGE = 50
LONGEST_NAME = 120


@dataclass(frozen=True, slots=True)
class Customer:
    """A registered customer. ``email`` is in lower case and belongs to one customer only."""

    id: str
    email: str
    name: str
    created_at: datetime

    @property
    def is_anybody(self) -> bool:
        """Whether it stands for all who pay at a till, whom nobody knows: it has no address."""
        return not self.email


LISTING: Listing[Customer] = Listing(
    lambda: records.select(Customer, models.Customer),
    key=models.Customer.id,
    sorts={
        "name": (fn.LOWER(models.Customer.name),),
        "email": (models.Customer.email,),
        "created": (models.Customer.created_at,),
    },
    default="name",
)


def ensure(email: str, name: str) -> str:
    """The id of the customer with this address, registered now if need be."""
    email = emails.folded(email)
    # Ours, or that of another order of theirs that came between.
    return _id_of(email) or _insert(email, name) or _id_of(email)


def _insert(email: str, name: str) -> str | None:
    """The id of the new customer; None when the address is registered already."""
    customer_id = ids.new("cus")
    row = audit.seals.row(
        models.Customer, id=customer_id, email=email, name=name, created_at=clock.now()
    )
    insert = database.insert_sql("customer", tuple(row))
    is_new = database.execute(f"{insert} ON CONFLICT (email) DO NOTHING", *row.values())
    return customer_id if is_new else None


@transactional
def register(*, email: str, name: str, by: Actor) -> Customer:
    """A new registered customer.

    Raises: Invalid (email: not an address, or registered already; name).
    """
    email, name = emails.read(email), name.strip()
    if not 0 < len(name) <= LONGEST_NAME:
        raise Invalid(
            gettext("Enter a name of 1 to {longest_name} characters.", longest_name=LONGEST_NAME),
            field="name",
        )
    customer_id = _insert(email, name)
    if customer_id is None:
        raise Invalid(gettext("This address is registered already."), field="email")
    audit.record(by=by, action="customer.registered", subject=customer_id)
    return find(customer_id)


def find(customer_id: str) -> Customer:
    """The customer with this id.

    Raises: NotFound.
    """
    found = records.select(Customer, models.Customer).where(models.Customer.id == customer_id)
    if customer := found.first():
        return customer
    raise NotFound


def find_by_emails(addresses: Iterable[str]) -> dict[str, Customer]:
    """The registered customers among these addresses, by their address as it is kept."""
    wanted = sorted({emails.folded(address) for address in addresses})
    found: dict[str, Customer] = {}
    for start in range(0, len(wanted), 500):
        some = models.Customer.email.in_(wanted[start : start + 500])
        customers = records.select(Customer, models.Customer).where(some)
        found |= {customer.email: customer for customer in customers}
    return found


def suggest(text: str, *, limit: int = 8) -> list[Customer]:
    """Customers whose address or name has what is being typed (S17)."""
    text = search_terms.cleaned(text)
    return LISTING.suggest(_ways(text).any_of, sort="email", limit=limit) if text else []


def search(
    text: str = "", *, sort: str = "name", after: str | None = None, limit: int = PAGE
) -> Page[Customer]:
    """The page of customers that come after the customer ``after``, and how many there are."""
    any_of, is_partial = _ways(search_terms.cleaned(text))
    page = LISTING.page(any_of, sort=sort, after=after, limit=limit)
    return replace(page, is_partial=is_partial)


COLUMNS = ("id", "email", "name", "created_at")
"""The columns of a download."""


def download(text: str, *, by: Actor) -> Iterator[tuple[object, ...]]:
    """Every customer that the search finds as a line; the download is recorded."""
    text = search_terms.cleaned(text)
    audit.record(
        by=by,
        action="customer.list_downloaded",
        subject="customers",
        data={"has_text": bool(text)},
    )
    found = chain.from_iterable(LISTING.portions(_ways(text).any_of))
    return ((each.id, each.email, each.name, each.created_at) for each in found)


def _ways(text: str) -> search_terms.Ways:
    """Ways to find a customer: by words of the address or the name."""
    if not text:
        return search_terms.Ways([])
    customer = models.Customer
    inside, is_partial = search_terms.inside_newest(
        customer.id, customer.name, customer.email, text=text
    )
    found = [
        *search_terms.address_begins(customer.email, emails.folded(text)),
        *search_terms.person_begins(customer.name, text),
        *inside,
    ]
    return search_terms.Ways(found, is_partial)


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


# Hot: each capture over HTTP looks up its customer, at 0.5 (SQLite) and 0.7 of the bare driver's
# rate; peewee would add 0.3 ms.


def _id_of(email: str) -> str:
    """The id of the customer with this address; empty when there is none."""
    return database.scalar("SELECT id FROM customer WHERE email = ?", email) or ""
