"""The desk's search over gift cards: one text, a few filters, any order, paged by key (S13).

The newest-first order is read from an index at any size. The other orders sort what was found, so
they are offered where a search finds no more than the listing counts.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

from peewee import Expression, fn

from giftweb import clock, ids
from giftweb.database.listings import Listing, Page, combine, literal
from giftweb.domain import audit, emails, search_terms, time_zones
from giftweb.domain.audit.log import Actor
from giftweb.domain.cards import values
from giftweb.domain.cards.values import Card
from giftweb.domain.search_terms import Ways
from giftweb.models import Account, GiftCard, Order, Transfer
from giftweb.tables.cards import ORIGINS

PAGE = 50
NEWEST = "-created"
ENDING = "ending"
"""A status of this search alone: active, and over within ``SOON``."""
SOON = timedelta(days=30)
FILTERS = (*values.STATUSES, ENDING)
"""The statuses that can be searched for."""
LISTING: Listing[Card] = Listing(
    values.select,
    key=GiftCard.id,
    sorts={
        "created": (GiftCard.created_at,),
        "holder": (fn.COALESCE(GiftCard.holder_email, ""),),
        "last4": (GiftCard.last4,),
        "balance": (GiftCard.currency, Account.balance_minor),
        "expires": (fn.COALESCE(GiftCard.expires_at, 2**62),),
    },
    default=NEWEST,
)
SORTS = LISTING.sorts


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


def search(query: Query, *, after: str | None = None, limit: int = PAGE) -> Page[Card]:
    """The page of cards that come after the card ``after``, and how many there are in all.

    A search that finds too many to sort is answered newest first; ``Page.sort`` says so.
    """
    query = known(query)
    ways = _of_text(query.text)
    page = LISTING.page(
        _alternatives(query, ways),
        sort=query.sort,
        after=after,
        limit=limit,
        uses_own_index=_uses_own_index(query),
    )
    return replace(page, is_partial=ways.is_partial)


def known(query: Query) -> Query:
    """The query without the words that no filter has."""
    return replace(
        query,
        text=search_terms.cleaned(query.text),
        status=query.status if query.status in FILTERS else "",
        origin=query.origin if query.origin in ORIGINS else "",
        mode=query.mode if query.mode in search_terms.MODES else "",
        sort=query.sort if query.sort in SORTS else NEWEST,
    )


def download(query: Query, *, by: Actor) -> Iterator[list[Card]]:
    """Every card that the query finds, newest first, in portions; the download is recorded."""
    query = known(query)
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
    return LISTING.portions(_alternatives(query), uses_own_index=_uses_own_index(query))


def download_chosen(card_ids: Sequence[str], *, by: Actor) -> list[list[Card]]:
    """These cards in their order, as one portion; the download is recorded."""
    audit.record(
        by=by,
        action="gift_card.list_downloaded",
        subject="gift_cards",
        data={"chosen": len(card_ids)},
    )
    return [list(values.find_many(card_ids).values())]


def how_many_end_soon() -> tuple[int, bool]:
    """How many live cards that hold money end soon, and whether that is all of them."""
    found = LISTING.count(_alternatives(Query(status=ENDING, mode="live")))
    return min(found, LISTING.count_limit), found <= LISTING.count_limit


def ids_of(query: Query) -> Iterator[str]:
    """The ids of the cards that the query finds, newest first."""
    query = known(query)
    portions = LISTING.portions(_alternatives(query), uses_own_index=_uses_own_index(query))
    return (card.id for portion in portions for card in portion)


def of_holder(email: str, *, limit: int = 200) -> list[Card]:
    """The holder's cards, newest first (S9)."""
    found = values.select().where(GiftCard.holder_email == emails.folded(email))
    return list(found.order_by(GiftCard.id.desc()).limit(limit))


def ending_in(last4: str, *, limit: int) -> list[Card]:
    """Cards whose codes have these last four characters, newest first."""
    spellings = search_terms.last_four_spellings(last4)
    found = values.select().where(GiftCard.last4.in_(spellings)).order_by(GiftCard.id.desc())
    return list(found.limit(limit)) if spellings else []


# Conditions


def _alternatives(query: Query, of_text: Ways | None = None) -> list[Expression]:
    """A card is found when one of these holds; each can be answered by an index."""
    of_text = of_text or _of_text(query.text)
    return combine(of_text.any_of, of_status(query.status), filters=_filters(query))


def _uses_own_index(query: Query) -> bool:
    """Whether the orders' own indexes answer it: not a status that looks at the balance."""
    return query.status not in (values.ACTIVE, values.USED_UP, ENDING)


def of_status(status: str) -> list[Expression]:
    """What makes a status, as ``values.status_of`` computes it; nothing for a word unknown."""
    now, state = clock.now(), GiftCard.state
    # The words of states are literals, so that the partial index on them is used.
    is_open, is_closed = state == literal("open"), state != literal("open")
    may_end = state.in_([literal("open"), literal("frozen")])
    is_past = GiftCard.expires_at <= now
    not_past = GiftCard.expires_at.is_null() | (GiftCard.expires_at > now)
    is_soon = (GiftCard.expires_at > now) & (GiftCard.expires_at <= now + SOON)
    found = {
        values.ACTIVE: [is_open & not_past & (Account.balance_minor > 0)],
        values.USED_UP: [is_open & not_past & (Account.balance_minor == 0)],
        values.FROZEN: [is_closed & (state == literal("frozen")) & not_past],
        values.EXPIRED: [
            is_closed & (state == literal("expired")),
            may_end & is_past,
        ],
        values.CANCELLED: [is_closed & (state == literal("cancelled"))],
        values.REPLACED: [is_closed & (state == literal("replaced"))],
        values.INACTIVE: [is_closed & (state == literal("inactive"))],
        ENDING: [may_end & is_open & is_soon & (Account.balance_minor > 0)],
    }
    return found.get(status, [])


def _filters(query: Query) -> list[Expression]:
    return [
        *_of_origin(query.origin),
        *search_terms.of_mode(GiftCard.is_test, query.mode),
        *search_terms.within_days(
            GiftCard.created_at, query.issued_from, query.issued_until, time_zones.of_house()
        ),
    ]


def _of_origin(origin: str) -> list[Expression]:
    if not origin:
        return []
    # All but the imported ones have a partial index.
    others = [GiftCard.origin != literal("import")] if origin != "import" else []
    return [GiftCard.origin == literal(origin), *others]


def _of_text(text: str) -> Ways:
    """Ways to find a card: last four, holder's address or names, order, or an id."""
    if not text:
        return Ways([])
    if ids.looks_like(text, "gc"):
        return Ways([GiftCard.id == text])
    if ids.looks_like(text, "txn"):
        moved = Transfer.select(Transfer.card_id).where(Transfer.id == text)
        return Ways([GiftCard.id == moved])
    inside, is_partial = search_terms.inside_newest(
        GiftCard.id, GiftCard.holder_name, GiftCard.holder_email, text=text
    )
    addresses = [*search_terms.address_begins(GiftCard.holder_email, text.lower()), *inside]
    if "@" in text:
        return Ways(addresses, is_partial)
    names = search_terms.person_begins(GiftCard.holder_name, text)
    return Ways([*addresses, *names, *_of_last_four(text), *_of_order(text)], is_partial)


def _of_last_four(text: str) -> list[Expression]:
    spellings = search_terms.last_four_spellings(text)
    return [GiftCard.last4.in_(spellings)] if spellings else []


def _of_order(text: str) -> list[Expression]:
    """Cards issued on an order, bought in it, or that paid for it; by its number or reference."""
    digits = text.lstrip("#")
    number = int(digits) if digits.isascii() and digits.isdigit() and len(digits) < 10 else 0
    named = (Order.reference == text) | (Order.number == number)
    found = [order_id for (order_id,) in Order.select(Order.id).where(named).limit(50).tuples()]
    if not found:
        return []
    moved = Transfer.select(Transfer.card_id).where(Transfer.order_id.in_(found))
    return [GiftCard.order_id.in_(found), GiftCard.id.in_(moved)]
