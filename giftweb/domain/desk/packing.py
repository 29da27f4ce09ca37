"""What goes into an order's parcel: its goods, and the cards whose codes are written by hand."""

from dataclasses import dataclass

from giftweb import codes
from giftweb.database import transactional
from giftweb.domain import cards, orders
from giftweb.domain.audit.log import Actor
from giftweb.domain.cards.values import Card
from giftweb.domain.orders import consequences
from giftweb.domain.orders.values import Line
from giftweb.errors import Refused
from giftweb.language import gettext

BY_MAIL = "virtual"


@dataclass(frozen=True, slots=True)
class Parcel:
    """``goods`` are shipped as they are; ``cards`` are physical, or given on it by a person."""

    goods: tuple[Line, ...]
    cards: tuple[Card, ...]


def parcel_of(order_id: str) -> Parcel:
    """What is to be packed now: taken off lines and cards that have ended are left out."""
    sheet = orders.sheet(orders.find(order_id))
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
