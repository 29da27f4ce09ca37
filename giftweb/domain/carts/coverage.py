"""What the cards on a checkout can pay at this moment (E39): read and computed, never written."""

from typing import NamedTuple

from giftweb.domain import catalogue
from giftweb.domain.cards.values import Card, find_many
from giftweb.domain.carts import allocation, terms, values
from giftweb.domain.carts.allocation import Offer
from giftweb.domain.carts.values import OPEN, Cards, Checkout
from giftweb.errors import CurrencyMismatch


def as_of_now(checkout: Checkout) -> Checkout:
    """An open checkout with the allocation as its cards stand at this moment; nothing is written.

    Any other checkout is as it was read: its holds or its order say what was paid.
    """
    if checkout.status != OPEN or not checkout.cards:
        return checkout
    return checkout._replace(cards=allocated(checkout, checkout.cards))


def allocated(checkout: Checkout, cards: Cards, *, read: Card | None = None) -> Cards:
    """The cards with what each is to pay of the checkout, by its balance now.

    ``read``: one of them that has just been read; the others are read here.
    """
    others = [card.card_id for card in cards if read is None or card.card_id != read.id]
    found = find_many(others) | ({read.id: read} if read else {})
    covers = {card.id: _cover(card, checkout) for card in found.values()}
    offers = [
        Offer(
            applied.card_id,
            covers[applied.card_id].worth_minor,
            applied.turn,
            applied.limit_minor,
        )
        for applied in cards
    ]
    before = {applied.card_id: applied for applied in cards}
    return tuple(
        before[share.card_id].sharing(
            share, balance=found[share.card_id].balance, **covers[share.card_id]._asdict()
        )
        for share in allocation.allocate(offers, checkout.coverable_minor)
    )


class _Cover(NamedTuple):
    """What a card can pay towards an order at this moment, and why when it is nothing."""

    worth_minor: int
    problem: str | None


def _cover(card: Card, checkout: Checkout) -> _Cover:
    currency = checkout.currency
    if not card.is_usable:
        return _Cover(0, card.status)
    if why := terms.problem(card, checkout.terms, checkout.customer_email):
        return _Cover(0, why)
    try:
        most = worth(card, currency, rate_for(card, currency))
    except CurrencyMismatch:
        return _Cover(0, values.NO_RATE)
    return _Cover(most, None if most else values.RESERVED)


def rate_for(card: Card, currency: str) -> str | None:
    """The rate from the card's currency to the order's; None when they are one.

    Raises: CurrencyMismatch when there is none.
    """
    if card.currency == currency:
        return None
    rate = catalogue.rates.rate(card.currency, currency)
    if rate is None:
        raise CurrencyMismatch(
            card_currency=card.currency, order_currency=currency, gift_card_id=card.id
        )
    return str(rate)


def worth(card: Card, currency: str, rate: str | None) -> int:
    """What a card can pay towards an order, in the order's minor units."""
    return catalogue.prices.to_order(card.available_minor, card.currency, currency, rate)
