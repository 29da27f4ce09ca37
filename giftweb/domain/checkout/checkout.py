"""From cart to order: authorise, capture, void, lapse (S64, D3). Carts are filled in carts.

Authorising holds exactly what the shopper last saw, checked under the lock; capturing places the
order, from an authorised cart or in one step.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

from giftweb import clock, database, models
from giftweb.database import transactional
from giftweb.database.listings import literal
from giftweb.domain import campaigns, cards, carts, catalogue, ledger, orders, outbox
from giftweb.domain.audit.log import SYSTEM, Actor
from giftweb.domain.cards.locking import Locked
from giftweb.domain.cards.values import USED_UP
from giftweb.domain.carts.values import AUTHORISED, CAPTURED, VOIDED, Checkout
from giftweb.domain.ledger.holds import Hold
from giftweb.domain.orders.values import Order, OrderSheet
from giftweb.domain.payments.payments import CardPart, Tender
from giftweb.errors import (
    CardNotUsable,
    CheckoutClosed,
    HoldExpired,
    InsufficientBalance,
    Invalid,
    ModeMismatch,
    PaymentIncomplete,
    ShippingAddressRequired,
)
from giftweb.language import gettext
from giftweb.money import Money, too_little


@transactional
def authorise(checkout_id: str, *, by: Actor) -> Checkout:
    """Hold what each card is to pay, for as long as the campaign says (D3).

    An authorised checkout stays as it is.

    Raises: CardNotUsable, InsufficientBalance, CurrencyMismatch (after which ``allocate_again``
    computes the new allocation), CardNotRechargeable, CheckoutClosed, CheckoutExpired, HoldExpired,
    NotFound.
    """
    checkout = carts.lock(checkout_id)
    if checkout.stored_status == AUTHORISED:
        return _require_held(checkout)
    _require_open(checkout)
    orders.recharges.require_open(checkout)
    until = clock.now() + timedelta(minutes=campaigns.find(checkout.campaign_id).hold_minutes)
    for locked, part in _lock_cart_cards(checkout):
        ledger.holds.reserve(
            locked.position,
            checkout_id=checkout_id,
            amount_minor=part.card_amount.minor,
            order_amount=part.amount,
            rate=part.rate,
            expires_at=until,
        )
    return _set_status(checkout, AUTHORISED, until=until, event="checkout.authorised")


def _require_held(checkout: Checkout) -> Checkout:
    if checkout.status == carts.EXPIRED:
        raise HoldExpired
    return checkout


def _require_open(checkout: Checkout) -> Checkout:
    """As ``carts.require_open``; a stored expiry counts like a computed one."""
    if checkout.stored_status == carts.EXPIRED and _was_authorised(checkout):
        raise HoldExpired
    return carts.require_open(checkout)


def _was_authorised(checkout: Checkout) -> bool:
    row = models.Checkout.get_by_id(checkout.id)
    return row.authorised_at is not None


def _lock_cart_cards(checkout: Checkout) -> list[tuple[Locked, CardPart]]:
    """Lock the cards that are to pay; each with its part, which is what the shopper last saw.

    Raises: CardNotUsable, ModeMismatch, InsufficientBalance, CurrencyMismatch.
    """
    paying = [applied for applied in checkout.cards if applied.amount.minor]
    locked = cards.locking.lock([applied.card_id for applied in paying])
    covered = []
    for applied in sorted(paying, key=lambda each: each.position):
        card = locked[applied.card_id].card
        if card.is_test != checkout.is_test:
            raise ModeMismatch
        if card.status != USED_UP:
            card.require_usable()
        carts.terms.require_accepted(card, checkout.terms, customer_email=checkout.customer_email)
        rate = carts.rate_for(card, checkout.currency)
        cost = catalogue.prices.to_card(
            applied.amount.minor, card.currency, checkout.currency, rate
        )
        if cost > card.available.minor:
            raise InsufficientBalance(
                available=card.available, asked=Money(cost, card.currency), gift_card_id=card.id
            )
        part = CardPart(
            card_id=card.id,
            amount=applied.amount,
            card_amount=Money(cost, card.currency),
            rate=rate,
        )
        covered.append((locked[card.id], part))
    return covered


@transactional
def capture(
    checkout_id: str, *, tenders: Sequence[Tender], by: Actor, gateway: str = "shop"
) -> Order:
    """Place the order: take the cards' money and record the other tenders; all or nothing (D3).

    From an authorised checkout, or from an open one in one step. Raises: PaymentIncomplete,
    ShippingAddressRequired, CardNotUsable, CardNotRechargeable, InsufficientBalance, HoldExpired,
    CheckoutClosed, CheckoutExpired, NotFound, Invalid (payments).
    """
    return capture_as_sheet(checkout_id, tenders=tenders, by=by, gateway=gateway).order


@transactional
def capture_as_sheet(
    checkout_id: str, *, tenders: Sequence[Tender], by: Actor, gateway: str = "shop"
) -> OrderSheet:
    """As ``capture``, but returns the order with everything on it, as its event has it."""
    checkout = _reallocate_if_shop_saw_newer(carts.lock(checkout_id), tenders)
    orders.recharges.require_open(checkout)
    parts = _lock_paying_cards(checkout)
    _require_paid(checkout, tenders)
    if checkout.needs_shipping and checkout.shipping_address is None:
        raise ShippingAddressRequired
    placed = orders.place(checkout, parts=parts, tenders=tenders, gateway=gateway, by=by)
    _set_status(checkout, CAPTURED, event="checkout.captured")
    return placed


def _reallocate_if_shop_saw_newer(checkout: Checkout, tenders: Sequence[Tender]) -> Checkout:
    """Allocate an open checkout's cards again, and store it, when the payments do not complete the
    stored allocation but that of this moment, which the shop has read just before (E39)."""
    paid_minor = sum(tender.amount.minor for tender in tenders)
    if checkout.status != carts.OPEN or paid_minor == checkout.due_minor:
        return checkout
    if paid_minor != carts.as_of_now(checkout).due_minor:
        return checkout
    return carts.reallocate(checkout.id)


def _lock_paying_cards(checkout: Checkout) -> list[tuple[Locked, CardPart]]:
    """Lock the cards that pay; each with its part: what is held, or what the shopper last saw.

    Raises: as ``_lock_cart_cards``; HoldExpired, CheckoutClosed, CheckoutExpired.
    """
    if checkout.stored_status == AUTHORISED:
        return _lock_held_cards(_require_held(checkout))
    return _lock_cart_cards(_require_open(checkout))


def _lock_held_cards(checkout: Checkout) -> list[tuple[Locked, CardPart]]:
    held = ledger.holds.of_checkout(checkout.id)
    _require_all_held(checkout, held)
    locked = cards.locking.lock([hold.card_id for hold in held])
    return [(locked[hold.card_id], CardPart.of_hold(hold)) for hold in held]


def _require_all_held(checkout: Checkout, held: Sequence[Hold]) -> None:
    """Refuse when the hold on a card was released, as by freezing it (E8).

    Raises: CardNotUsable.
    """
    holding = {hold.card_id for hold in held}
    for applied in checkout.cards:
        if applied.amount.minor and applied.card_id not in holding:
            cards.find(applied.card_id).require_usable()
            sentence = gettext(
                "Gift card •••• {last4} was frozen, and its money is free again.",
                last4=applied.last4,
            )
            raise CardNotUsable(sentence, gift_card_id=applied.card_id)


def _require_paid(checkout: Checkout, tenders: Sequence[Tender]) -> None:
    for tender in tenders:
        if tender.amount.minor < 1 or tender.amount.currency != checkout.currency:
            raise too_little(checkout.currency, field="payments")
        if tender.method == "gift_card":
            raise Invalid(gettext("Apply gift cards to the checkout instead."), field="payments")
    paid = checkout.paid_by_cards + Money(
        sum(tender.amount.minor for tender in tenders), checkout.currency
    )
    if paid != checkout.total:
        raise PaymentIncomplete(paid=paid, total=checkout.total)


@transactional
def void(checkout_id: str, *, by: Actor) -> Checkout:
    """Release the cards. A checkout that is already voided or has expired stays as it is.

    Raises: CheckoutClosed (captured), NotFound.
    """
    checkout = carts.lock(checkout_id)
    if checkout.stored_status == CAPTURED:
        raise CheckoutClosed
    if checkout.status in (VOIDED, carts.EXPIRED):
        return checkout
    _release(checkout, "released")
    return _set_status(checkout, VOIDED, event="checkout.voided")


@transactional
def reopen(checkout_id: str) -> Checkout:
    """Release the cards of an authorised checkout and open the cart again.

    The shop gets ``checkout.voided``: what was authorised is void. A checkout that is open or
    closed stays as it is. Raises: NotFound.
    """
    checkout = carts.lock(checkout_id)
    if checkout.stored_status != AUTHORISED:
        return checkout
    _release(checkout, "lapsed" if checkout.status == carts.EXPIRED else "released")
    until = clock.now() + carts.CART_LIFE
    return _set_status(checkout, carts.OPEN, until=until, event="checkout.voided")


def allocate_again(checkout_id: str) -> Checkout:
    """The checkout after a card could not pay its part: open, with its cards allocated by their
    balances now (E8).

    Raises: NotFound, CheckoutClosed, CheckoutExpired, Unavailable.
    """
    reopen_broken(checkout_id)
    return carts.reallocate(checkout_id)


@transactional
def reopen_broken(checkout_id: str) -> None:
    """Open an authorised checkout again, one of whose cards has lost its hold; no other.

    Raises: NotFound.
    """
    checkout = carts.lock(checkout_id)
    if checkout.status != AUTHORISED:
        return
    try:
        _require_all_held(checkout, ledger.holds.of_checkout(checkout_id))
    except CardNotUsable:
        reopen(checkout_id)


def _release(checkout: Checkout, resolution: str) -> None:
    held = ledger.holds.of_checkout(checkout.id)
    locked = cards.locking.lock([hold.card_id for hold in held])
    # Locking a card writes down which holds on it have lapsed: these are not released once more.
    active = {hold.id for hold in ledger.holds.of_checkout(checkout.id)}
    for hold in held:
        if hold.id in active:
            ledger.holds.release(locked[hold.card_id].position, hold, resolution=resolution)


# Time


def due_to_lapse(*, limit: int = 100) -> list[str]:
    """Checkouts that have expired and are not yet marked so, oldest first; for the worker."""
    checkout = models.Checkout
    running = checkout.status.in_([literal(carts.OPEN), literal(AUTHORISED)])
    found = checkout.select(checkout.id).where(running, checkout.expires_at <= clock.now())
    return [each.id for each in found.order_by(checkout.expires_at).limit(limit)]


@transactional
def lapse(checkout_id: str, *, by: Actor = SYSTEM) -> Checkout:
    """Mark a checkout expired; its holds lapse with it.

    A checkout that has not expired, or is closed, stays as it is. Raises: NotFound.
    """
    checkout = carts.lock(checkout_id)
    if checkout.status != carts.EXPIRED or checkout.stored_status == carts.EXPIRED:
        return checkout
    _release(checkout, "lapsed")
    return _set_status(checkout, carts.EXPIRED, event="checkout.expired")


# Hot: authorise and capture over HTTP run at 0.5 (SQLite) and 0.7 of the bare driver's rate, and
# this write travels with the others of its transaction.


def _set_status(
    checkout: Checkout, status: str, *, event: str, until: datetime | None = None
) -> Checkout:
    now = clock.micros()
    expires_at = until or checkout.expires_at
    database.write(
        "UPDATE checkout SET status = ?, expires_at = ?, authorised_at = CASE WHEN ? THEN NULL"
        " ELSE COALESCE(authorised_at, ?) END WHERE id = ?",
        status,
        clock.to_micros(expires_at),
        status == carts.OPEN,
        now if status == AUTHORISED else None,
        checkout.id,
    )
    after = checkout._replace(stored_status=status, expires_at=expires_at)
    outbox.event(
        event,
        subject=checkout.id,
        campaign_id=checkout.campaign_id,
        is_test=checkout.is_test,
        payload=carts.payload.CheckoutState.of(after),
    )
    return after
