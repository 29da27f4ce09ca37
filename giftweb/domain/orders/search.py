"""The desk's search over orders: one text, a few filters, by time, paged by key.

Each way to find an order is answered by an index of its own, so a million orders take no longer.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date

from peewee import Expression

from giftweb import ids, models
from giftweb.database.listings import Listing, Page, combine, literal
from giftweb.domain import audit, search_terms, time_zones
from giftweb.domain.audit.log import Actor
from giftweb.domain.orders import values
from giftweb.domain.orders.values import Order
from giftweb.domain.search_terms import Ways
from giftweb.tables.orders import FULFILMENTS, ORDER_STATUSES

PAGE = 50
STATUSES = ORDER_STATUSES
LISTING: Listing[Order] = Listing(
    values.select,
    key=models.Order.number,
    sorts={"placed": (models.Order.created_at,)},
    default="-placed",
    has_indexes=True,
)

_NUMBER_DIGITS = 9
_LEAST_OF_A_WORD = 3
"""Whoever types fewer means an order's number."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Query:
    """What is looked for; an empty value is no condition. Both dates are included.

    ``is_ready``: only those that may be shipped now, for their money has come or need not (D21).
    """

    text: str = ""
    status: str = ""
    fulfilment: str = ""
    is_ready: bool = False
    mode: str = ""
    placed_from: date | None = None
    placed_until: date | None = None
    sort: str = LISTING.default


def known(query: Query) -> Query:
    """The query without the words that no filter has."""
    return replace(
        query,
        text=search_terms.cleaned(query.text),
        status=query.status if query.status in ORDER_STATUSES else "",
        fulfilment=query.fulfilment if query.fulfilment in FULFILMENTS else "",
        mode=query.mode if query.mode in search_terms.MODES else "",
        sort=query.sort if query.sort in LISTING.sorts else LISTING.default,
    )


def search(query: Query, *, after: int | None = None, limit: int = PAGE) -> Page[Order]:
    """The page of orders that come after the order with the number ``after``."""
    query = known(query)
    if after is not None and not 0 < after < 10**_NUMBER_DIGITS:
        after = None
    ways = _of_text(query.text)
    found = combine(ways.any_of, filters=_filters(query))
    page = LISTING.page(found, sort=query.sort, after=after, limit=limit)
    return replace(page, is_partial=ways.is_partial)


COLUMNS = (
    *("number", "id", "reference", "test", "status", "fulfilment", "tracking", "currency"),
    *("items", "discount", "tax", "shipping", "total", "customer_email", "customer_name"),
    *("campaign_id", "created_at", "paid_at"),
)
"""The columns of a download, by the names that the API has for them."""


def download(query: Query, *, by: Actor) -> Iterator[tuple[object, ...]]:
    """Every order that the query finds, newest first, as a line; the download is recorded."""
    query = known(query)
    audit.record(
        by=by,
        action="order.list_downloaded",
        subject="orders",
        data={"status": query.status, "mode": query.mode, "has_text": bool(query.text)},
    )
    found = combine(_of_text(query.text).any_of, filters=_filters(query))
    return (_line(order) for portion in LISTING.portions(found) for order in portion)


def _line(order: Order) -> tuple[object, ...]:
    amounts = (order.amount(name) for name in ("items", "discount", "tax", "shipping"))
    return (
        *(order.number, order.id, order.reference, order.is_test, order.status),
        *(order.fulfilment, order.tracking, order.currency, *amounts, order.total),
        *(order.customer_email, order.customer_name, order.campaign_id),
        *(order.created_at, order.paid_at),
    )


def _of_text(text: str) -> Ways:
    """Number, the shop's reference, customer, last four of a card that paid, or an id."""
    order = models.Order
    if not text:
        return Ways([])
    if ids.looks_like(text, "ord"):
        return Ways([order.id == text])
    if ids.looks_like(text, "pay"):
        payment = models.Payment
        return Ways([order.id == payment.select(payment.order).where(payment.id == text)])
    inside, is_partial = search_terms.inside_newest(
        order.number, order.customer_name, order.customer_email, order.reference, text=text
    )
    addresses = [*search_terms.address_begins(order.customer_email, text.lower()), *inside]
    if "@" in text:
        return Ways(addresses, is_partial)
    names = search_terms.person_begins(order.customer_name, text)
    references = [search_terms.begins(order.reference, text)]
    if len(text) >= _LEAST_OF_A_WORD:
        references += search_terms.word_begins(order.reference, text, "-")
    found = [*_by_number(text), *references, *addresses, *names, *_by_card(text)]
    return Ways(found, is_partial)


def _by_number(text: str) -> list[Expression]:
    digits = text.removeprefix("#")
    is_number = digits.isascii() and digits.isdigit() and len(digits) <= _NUMBER_DIGITS
    return [models.Order.number == int(digits)] if is_number else []


def _by_card(text: str) -> list[Expression]:
    """Orders that a card with these last four characters has paid for."""
    four = search_terms.last_four_spellings(text)
    if not four:
        return []
    paid = models.Payment.select(models.Payment.order).join(models.GiftCard)
    return [models.Order.id.in_(paid.where(models.GiftCard.last4.in_(four)))]


def _filters(query: Query) -> list[Expression]:
    order = models.Order
    found = [order.status == query.status] if query.status else []
    if query.fulfilment:
        found.append(order.fulfilment == literal(query.fulfilment))
    if query.is_ready:
        early = models.Campaign.select(models.Campaign.id)
        early = early.where(models.Campaign.ship_before_payment)
        found.append(order.paid_at.is_null(False) | order.campaign_id.in_(early))
    found += search_terms.of_mode(order.is_test, query.mode)
    return found + search_terms.within_days(
        order.created_at, query.placed_from, query.placed_until, time_zones.of_house()
    )
