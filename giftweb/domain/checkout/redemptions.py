"""A purchase at a till, paid by one gift card in one step (B21).

It is an order like any other: placed, seen, reported and refunded as such. A till does not know its
customer, so the order has none: no mail leaves and no bonus is issued. A card that is bound to its
holder pays where the till names them; the order is theirs then.
"""

from typing import NamedTuple

from giftweb.database import transactional
from giftweb.domain import campaigns, cards, carts, emails
from giftweb.domain.audit.log import Actor
from giftweb.domain.cards.values import Card
from giftweb.domain.carts.cart import Cart
from giftweb.domain.carts.values import Checkout
from giftweb.domain.catalogue.items import Item
from giftweb.domain.checkout import checkout
from giftweb.domain.orders.values import Order
from giftweb.domain.payments.payments import Payment
from giftweb.errors import InsufficientBalance, NotAllowed
from giftweb.language import gettext
from giftweb.money import Money, too_little

WALK_IN = "Walk-in customer"
SKU = "till"


class Redemption(NamedTuple):
    """What was placed; ``due`` is what the card did not pay, and the till takes otherwise."""

    order: Order
    payment: Payment
    card: Card
    due: Money

    @property
    def taken(self) -> Money:
        """What the card paid, in the order's currency."""
        return self.payment.amount


@transactional
def redeem(
    code: str,
    *,
    amount: Money,
    reference: str,
    campaign_id: str,
    is_test: bool,
    by: Actor,
    pin: str | None = None,
    holder_email: str | None = None,
    allow_part: bool = False,
) -> Redemption:
    """Take ``amount`` from the card of a typed code, with an order for it.

    ``pin``: as typed with the code. ``holder_email``: who is at the till, for a card that is bound
    to its holder; with any other card it is left out. ``allow_part``: take what there is if it is
    less, and place the order for that. Nothing at all is no part: it is refused.

    Raises: InsufficientBalance (``available``: what the card could pay now), CodeMalformed,
    UnknownCode, ModeMismatch, PinRequired, CardNotUsable, CurrencyMismatch, GiftCardNotAllowed,
    BoundToHolder, NotAllowed (the campaign is closed), Invalid (amount).
    """
    if amount.minor < 1:
        raise too_little(amount.currency, field="amount")
    if not campaigns.find(campaign_id).is_active:
        raise NotAllowed(gettext("This campaign is closed: it sells no more."))
    card = cards.find_by_code(code)
    # Nobody else knows the checkout yet, so the card may be locked before it.
    cards.locking.lock_one(card.id)
    cart = _cart(
        amount, reference, holder=card if card.bound_to_holder else None, email=holder_email
    )
    opened = carts.open_checkout(cart, campaign_id=campaign_id, is_test=is_test)
    applied = carts.apply(opened.id, code=code, pin=pin)
    taken = applied.paid_by_cards
    if taken.minor < amount.minor:
        _take_part(applied, amount, allow_part=allow_part)
    placed = checkout.capture_as_sheet(opened.id, tenders=(), by=by)
    (payment,) = placed.payments
    return Redemption(placed.order, payment, cards.find(card.id), amount - taken)


def _cart(amount: Money, reference: str, *, holder: Card | None, email: str | None) -> Cart:
    email = emails.read(email) if holder and email else ""
    return Cart(
        reference=reference,
        currency=amount.currency,
        items=(_item(amount, reference),),
        customer_email=email,
        customer_name=(holder and email and holder.holder_name) or email or WALK_IN,
    )


def _item(amount: Money, reference: str) -> Item:
    name = f"Receipt {reference}"
    return Item(SKU, name, quantity=1, unit_minor=amount.minor, requires_shipping=False)


def _take_part(applied: Checkout, amount: Money, *, allow_part: bool) -> None:
    """Make the order come to what the card pays.

    Raises: InsufficientBalance.
    """
    taken = applied.paid_by_cards
    if not allow_part or not taken.minor:
        (card,) = applied.cards
        raise InsufficientBalance(available=taken, asked=amount, gift_card_id=card.card_id)
    changes = {"items": (_item(taken, applied.reference),)}
    carts.change(applied.id, changes=changes, is_part=True)
