"""A card's holder recharges it by buying in a shop (B7, B20).

A recharge is a line of a cart like any gift card, but its money goes on the card that it names. The
card is checked when the line is created, whenever the cart is displayed, and under its lock before
anything is held or charged: so whatever is charged ends on the card. Taking it back with its order:
docs/decisions/0017-recharges-taken-back.md.
"""

from typing import Any

from giftweb import language, models
from giftweb.domain import audit, cards, catalogue, notes
from giftweb.domain.audit.log import Actor
from giftweb.domain.cards.values import ACTIVE, USED_UP, Card
from giftweb.domain.carts.values import AUTHORISED, OPEN, Checkout
from giftweb.domain.catalogue.items import Item
from giftweb.domain.catalogue.products import Product
from giftweb.domain.orders.values import Order
from giftweb.errors import CardNotRechargeable, NotFound
from giftweb.language import gettext, lazy_gettext
from giftweb.money import LIMIT_MINOR, Money

# In the cart


def line(
    card_id: str, *, email: str, product: Product, amount: Money | None, is_test: bool
) -> Item:
    """A cart's line that recharges a card of the holder with this address.

    ``product`` is the shop's gift card, whose amounts there are; ``is_test`` the cart's money.

    Raises: NotFound (another's card), CardNotRechargeable, Invalid (amount).
    """
    card = cards.current_replacement(cards.find(card_id))
    if card.holder_email is None or card.holder_email != email:
        raise NotFound
    gift = product.to_item(
        quantity=1, amount=amount, recipient_email=email, recipient_name=card.holder_name
    )
    item = gift._replace(
        name=_name(card),
        type="virtual",
        requires_shipping=False,
        recharges=card.id,
        card_currency=card.currency,
    )
    _require(card, item, more_minor=0, is_test=is_test)
    return item


def _name(card: Card) -> str:
    return f"Recharge of •••• {card.last4}"


def problems(cart: Checkout) -> dict[str, str]:
    """The cart's recharges that cannot be done now: card id -> why, as a sentence."""
    found = {}
    for item in _of(cart):
        card = cards.current_replacement(cards.find(str(item.recharges)))
        more = catalogue.prices.worth(item, cart.currency).minor
        if why := _problem(card, item, more_minor=more, is_test=cart.is_test):
            found[str(item.recharges)] = why
    return found


_OVER = {
    cards.values.INACTIVE: lazy_gettext("It is not activated."),
    cards.values.FROZEN: lazy_gettext("It is frozen."),
    cards.values.EXPIRED: lazy_gettext("It is expired."),
    cards.values.CANCELLED: lazy_gettext("It is cancelled."),
    cards.values.REPLACED: lazy_gettext("It is replaced."),
}


def refusal_reason(card: Card, *, is_test: bool) -> str:
    """Why a card cannot be recharged with this money, as a sentence; "" when it can."""
    if card.is_test != is_test:
        if card.is_test:
            return gettext("It is a test card.")
        return gettext("This shop is being tried with test money.")
    return "" if card.status in (ACTIVE, USED_UP) else str(_OVER[card.status])


def _problem(card: Card, item: Item, *, more_minor: int, is_test: bool) -> str:
    if card.holder_email != item.recipient_email:
        return gettext("It is registered to another address now.")
    if card.balance_minor + more_minor > LIMIT_MINOR:
        return gettext("It cannot hold that much.")
    return refusal_reason(card, is_test=is_test)


def _require(card: Card, item: Item, *, more_minor: int, is_test: bool) -> None:
    if why := _problem(card, item, more_minor=more_minor, is_test=is_test):
        raise _not_rechargeable(card, why)


def _not_rechargeable(card: Card, why: str) -> CardNotRechargeable:
    sentence = gettext(
        "Gift card •••• {last4} cannot be recharged. {why} Take it out of your cart.",
        last4=card.last4,
        why=why,
    )
    return CardNotRechargeable(sentence, gift_card_id=card.id)


def _of(cart: Checkout) -> list[Item]:
    return [item for item in cart.items if item.recharges]


# With the order


def require_open(checkout: Checkout) -> None:
    """Lock the cards that a locked checkout recharges, with those that pay it, and check them.

    Before anything is held or taken, so that nothing is charged for what cannot be done.

    Raises: CardNotRechargeable. A closed checkout is left to the caller.
    """
    wanted = _of(checkout)
    if not wanted or checkout.stored_status not in (OPEN, AUTHORISED):
        return
    paying = [applied.card_id for applied in checkout.cards if applied.amount]
    cards.locking.lock([*paying, *(str(item.recharges) for item in wanted)])
    seen: set[str] = set()
    for item in wanted:
        card = cards.endings.lock_current(str(item.recharges))
        more = catalogue.prices.worth(item, checkout.currency).minor
        _require(card, item, more_minor=more, is_test=checkout.is_test)
        if card.id in seen:
            raise _not_rechargeable(card, gettext("It is in your cart twice."))
        seen.add(card.id)


def columns(order: Order, item: Item) -> dict[str, Any]:
    """What a recharge's line says before it is paid; nothing for any other."""
    if not item.recharges:
        return {}
    card = cards.current_replacement(cards.find(item.recharges))
    amount = catalogue.prices.worth(item, order.currency)
    return {"name": _name(card), "recharges_id": card.id, "card_minor": amount.minor}


def recharge(order: Order, item_id: str, item: Item, *, by: Actor) -> bool:
    """Put a line's money on its card, or on its current replacement.

    False when that can take no money any more: then the line buys a card for the same holder, which
    is yet to be issued. A card is looked at when its order is placed, but money may come later.
    """
    card = cards.endings.lock_current(str(item.recharges))
    amount = catalogue.prices.worth(item, order.currency)
    if why := _problem_later(card, amount):
        change = {"recharges_id": None, "card_minor": None}
        audit.seals.change(models.OrderItem, item_id, **change)
        text = f"Gift card •••• {card.last4} could not be recharged. {why} A new card was issued."
        notes.add(order.id, text)
        return False
    done = cards.top_up(
        card.id,
        amount=amount,
        by=by,
        note=f"Bought in order {order.number}",
        source="sales",
        order_id=order.id,
    )
    price = f", for {item.unit_money(order.currency)}" if item.rate else ""
    notes.add(order.id, f"Gift card •••• {card.last4} was recharged with {amount}{price}.")
    audit.seals.change(
        models.OrderItem,
        item_id,
        name=_name(card),
        recharges_id=card.id,
        transfer_id=done.id,
    )
    return True


def _problem_later(card: Card, amount: Money) -> str:
    """The sentence in English, as notes are kept."""
    with language.use(language.ENGLISH):
        if card.currency != amount.currency or card.balance_minor + amount.minor > LIMIT_MINOR:
            return gettext("It cannot hold that much.")
        return refusal_reason(card, is_test=card.is_test)
