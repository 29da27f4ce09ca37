"""What goes into an order's parcel: its goods, and the cards whose codes are written by hand."""

from dataclasses import dataclass

from giftweb import codes
from giftweb.database import transactional
from giftweb.database.listings import Page
from giftweb.domain import cards, orders
from giftweb.domain.audit.log import Actor
from giftweb.domain.cards.values import Card
from giftweb.domain.orders import consequences
from giftweb.domain.orders.line import Line
from giftweb.domain.orders.values import PENDING, PLACED, Order, OrderSheet
from giftweb.errors import Refused
from giftweb.language import gettext

BY_MAIL = "virtual"


PAGE = 50
OLDEST = "placed"


@dataclass(frozen=True, slots=True)
class Parcel:
    """``goods`` are shipped as they are; ``cards`` are physical, or given on it by a person."""

    goods: tuple[Line, ...]
    cards: tuple[Card, ...]


@dataclass(frozen=True, slots=True)
class ToPack:
    """An order that waits for its parcel: pieces of goods, and cards that go with them."""

    order: Order
    goods: int
    cards: int


def waiting(*, after: int | None = None) -> Page[ToPack]:
    """The orders to be packed now, oldest first: paid, not shipped, and not over."""
    page = _orders(after=after, limit=PAGE)
    return Page(
        tuple(_to_pack(sheet) for sheet in orders.sheets(page.items)),
        page.after,
        page.sort,
        page.count,
        page.is_count_exact,
    )


def how_many() -> tuple[int, bool]:
    """How many orders wait to be packed, and whether that is all of them."""
    page = _orders(after=None, limit=1)
    return page.count or 0, page.is_count_exact


def _orders(*, after: int | None, limit: int) -> Page[Order]:
    query = orders.search.Query(status=PLACED, fulfilment=PENDING, is_ready=True, sort=OLDEST)
    return orders.search.search(query, after=after, limit=limit)


def _to_pack(sheet: OrderSheet) -> ToPack:
    parcel = _parcel(sheet)
    return ToPack(sheet.order, sum(line.quantity for line in parcel.goods), len(parcel.cards))


def parcel_of(order_id: str) -> Parcel:
    """What is to be packed now: taken off lines and cards that have ended are left out."""
    return _parcel(orders.sheet(orders.find(order_id)))


def _parcel(sheet: OrderSheet) -> Parcel:
    goods = [line for line in sheet.lines if line.requires_shipping and not line.is_gift_card]
    bought = [card for card in sheet.purchased if card.type != BY_MAIL]
    issued = [card for card in sheet.issued if card.origin != "campaign"]
    current = [cards.current_replacement(card) for card in (*bought, *issued)]
    return Parcel(
        goods=tuple(line for line in goods if line.taken_off_at is None),
        cards=tuple(card for card in current if card.status not in consequences.CLOSED),
    )


@transactional
def reveal(order_id: str, *, by: Actor, reason: str) -> dict[str, str]:
    """The grouped code of each card in the parcel by the card's id; each is in the log (I30).

    Raises: NotFound, Invalid (reason), Refused (there is no card to pack).
    """
    packed = parcel_of(order_id).cards
    if not packed:
        raise Refused(gettext("No gift card of this order is to be packed."))
    found = {}
    for card in packed:
        code = cards.holder.reveal(card.id, by=by, reason=reason)
        found[card.id] = codes.grouped(code)
    return found
