"""A shop's cart and the gift cards applied to it: nothing is moved or reserved (S57 to S63)."""

import secrets
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any, NamedTuple

from giftweb import clock, codes, database, ids, models
from giftweb.database import records, transactional
from giftweb.domain import campaigns, catalogue
from giftweb.domain.cards import pins
from giftweb.domain.cards.by_code import code_indexes, find_by_indexes
from giftweb.domain.carts import coverage, terms, values
from giftweb.domain.carts.allocation import Amounts
from giftweb.domain.carts.cart import Cart, columns, of_checkout
from giftweb.domain.carts.values import AUTHORISED, OPEN, AppliedCard, Cards, Checkout, Key
from giftweb.domain.catalogue.items import Item
from giftweb.errors import (
    AlreadyApplied,
    CheckoutClosed,
    CheckoutExpired,
    GiftCardNotAllowed,
    InsufficientBalance,
    Invalid,
    ModeMismatch,
    NotFound,
    Unavailable,
)
from giftweb.language import gettext
from giftweb.money import LIMIT_MINOR, Money

Changed = tuple[Checkout, Cards]
"""An open checkout as it was read, and the cards it is to have."""


@transactional
def open_checkout(cart: Cart, *, campaign_id: str, is_test: bool) -> Checkout:
    """Open a checkout for a cart.

    Raises: Invalid (items, discount_amount), CurrencyMismatch (S66), NotFound (campaign).
    """
    cart = cart.with_tax()
    amounts = _checked(cart.amounts, cart.items)
    cart = replace(cart, items=catalogue.prices.priced(cart.items, cart.currency))
    campaign = campaigns.find(campaign_id)
    checkout_id, secret = ids.new("chk"), secrets.token_urlsafe(32)
    row = records.stored(
        models.Checkout,
        id=checkout_id,
        campaign_id=campaign_id,
        is_test=is_test,
        status=OPEN,
        token_hash=values.token_hash(secret),
        token_sealed=codes.seal(secret, checkout_id),
        covers=campaign.covers,
        card_terms=terms.of_campaign(campaign, currency=cart.currency),
        created_at=clock.now(),
        cards=[],
        version=0,
        **columns(cart, amounts),
    )
    database.insert("checkout", **row)
    return values.find(checkout_id)


def _checked(amounts: Amounts, items: Sequence[Item]) -> Amounts:
    if not items:
        raise Invalid(gettext("Put at least one item in the cart."), field="items")
    recharged = [item.recharges for item in items if item.recharges]
    if len(set(recharged)) < sum(item.quantity for item in items if item.recharges):
        raise Invalid(gettext("A cart recharges each gift card once."), field="items")
    if amounts.items_minor > LIMIT_MINOR or amounts.total_minor > LIMIT_MINOR:
        raise Invalid(gettext("The cart's total is too large."), field="items")
    if amounts.discount_minor > amounts.items_minor:
        raise Invalid(gettext("The discount is more than the items cost."), field="discount_amount")
    return amounts


@transactional
def change(checkout_id: str, *, changes: dict[str, Any], is_part: bool = False) -> Checkout:
    """Change fields of Cart while the checkout is open; the cards are allocated again.

    ``is_part``: it becomes a part of what has met the campaign's smallest order.

    Raises: NotFound, CheckoutClosed, CheckoutExpired, Invalid, CurrencyMismatch.
    """
    checkout = require_open(values.lock(checkout_id))
    cart = of_checkout(checkout).changed(changes)
    amounts, is_other = _checked(cart.amounts, cart.items), cart.currency != checkout.currency
    items = catalogue.prices.priced(cart.items, cart.currency, is_repriced=is_other)
    cart = replace(cart, items=items)
    changed = columns(cart, amounts)
    if is_other:
        campaign = campaigns.find(checkout.campaign_id)
        changed["card_terms"] = terms.of_campaign(campaign, currency=cart.currency)
    if is_part:
        changed["card_terms"] = terms.without_minimum(checkout.card_terms)
    update = models.Checkout.update(changed)
    update.where(models.Checkout.id == checkout_id).execute()

    def allocated_again() -> Changed:
        changed = _found_open(checkout_id)
        return changed, coverage.allocated(changed, changed.cards)

    return _stored(allocated_again)


def _found_open(checkout_id: str) -> Checkout:
    return require_open(values.find(checkout_id))


def require_open(checkout: Checkout) -> Checkout:
    """Refuse a checkout that can no longer be changed.

    Raises: CheckoutExpired, CheckoutClosed.
    """
    if checkout.status == values.EXPIRED and checkout.stored_status != AUTHORISED:
        raise CheckoutExpired
    if checkout.status != OPEN:
        raise CheckoutClosed
    return checkout


def apply(
    key: Key, *, code: str, pin: str | None = None, limit_minor: int | None = None
) -> Checkout:
    """Put the card of a typed code on a checkout. Nothing is moved or reserved (S57 to S60).

    ``pin``: as typed with it. ``limit_minor``: use at most so much of it.

    Raises: CodeMalformed, UnknownCode, ModeMismatch, PinRequired, CardNotUsable, CurrencyMismatch,
    AlreadyApplied, InsufficientBalance, GiftCardNotAllowed (only gift cards are bought),
    CheckoutClosed, CheckoutExpired, NotFound, Unavailable.
    """
    indexes = code_indexes(code)

    def with_card() -> Changed:
        checkout = require_open(values.find(key))
        card = find_by_indexes(indexes)
        if card.is_test != checkout.is_test:
            raise ModeMismatch
        pins.require(card, pin)
        if any(applied.card_id == card.id for applied in checkout.cards):
            raise AlreadyApplied
        card.require_usable()
        terms.require_accepted(card, checkout.terms, customer_email=checkout.customer_email)
        _require_coverable(checkout)
        rate = coverage.rate_for(card, checkout.currency)
        if coverage.worth(card, checkout.currency, rate) == 0:
            raise InsufficientBalance(available=card.available, asked=checkout.coverable)
        nothing = Money(0, checkout.currency)
        turn = 1 + max((other.turn for other in checkout.cards), default=0)
        shared = (card.balance, nothing, nothing, 0)
        applied = AppliedCard(card.id, card.last4, *shared, turn, limit_minor)
        return checkout, coverage.allocated(checkout, (*checkout.cards, applied), read=card)

    return _stored(with_card)


def _require_coverable(checkout: Checkout) -> None:
    if checkout.is_below_minimum:
        raise GiftCardNotAllowed(terms.minimum_sentence(checkout.terms, checkout.currency))
    if checkout.coverable_minor == 0:
        raise GiftCardNotAllowed(gettext("A gift card cannot pay for anything in this order."))


def remove(checkout_id: str, *, card_id: str) -> Checkout:
    """Take a card off the checkout; the others are allocated again (S60).

    Raises: NotFound, CheckoutClosed, CheckoutExpired, Unavailable.
    """

    def without_card() -> Changed:
        checkout = _found_open(checkout_id)
        _require_applied(checkout, card_id)
        return checkout, coverage.allocated(checkout, _without(checkout, {card_id}))

    return _stored(without_card)


def _require_applied(checkout: Checkout, card_id: str) -> None:
    if not any(applied.card_id == card_id for applied in checkout.cards):
        raise NotFound


def _without(checkout: Checkout, card_ids: set[str]) -> Cards:
    return tuple(applied for applied in checkout.cards if applied.card_id not in card_ids)


def limit(checkout_id: str, *, card_id: str, most: Money | None) -> Checkout:
    """Use at most this much of a card; None for all of it.

    Raises: NotFound, Invalid (amount), CheckoutClosed, CheckoutExpired, Unavailable.
    """

    def limited() -> Changed:
        checkout = _found_open(checkout_id)
        if most is not None and (most.minor < 1 or most.currency != checkout.currency):
            raise Invalid(gettext("Enter an amount above zero."), field="amount")
        _require_applied(checkout, card_id)
        limit_minor = None if most is None else most.minor
        cards = tuple(
            applied._replace(limit_minor=limit_minor) if applied.card_id == card_id else applied
            for applied in checkout.cards
        )
        return checkout, coverage.allocated(checkout, cards)

    return _stored(limited)


def reallocate(checkout_id: str) -> Checkout:
    """Allocate the cards of an open checkout again; one that can no longer be used pays nothing.

    The answer to the loser of a race.

    Raises: NotFound, CheckoutClosed, CheckoutExpired, Unavailable.
    """

    def by_the_balances_now() -> Changed:
        checkout = _found_open(checkout_id)
        return checkout, coverage.allocated(checkout, checkout.cards)

    return _stored(by_the_balances_now)


class Refreshed(NamedTuple):
    """A checkout with the cards that can pay now, and those that were taken off it."""

    checkout: Checkout
    dropped: Cards = ()


def refresh(checkout: Checkout) -> Refreshed:
    """Bring an open checkout that was read up to date for its shopper (E8, E39).

    Its cards are allocated by their balances now, and those that cannot be used any more are taken
    off. It is stored when that changes anything, so that the shopper authorises what they see. A
    checkout that is not open stays as it is.

    Raises: NotFound, Unavailable.
    """
    now = coverage.as_of_now(checkout)
    spoilt = tuple(applied for applied in now.cards if applied.is_spoilt)
    if not spoilt and _shares(now) == _shares(checkout):
        return Refreshed(now)

    def without_spoilt() -> Changed:
        found = _found_open(checkout.id)
        current = coverage.allocated(found, found.cards)
        usable = tuple(applied for applied in current if not applied.is_spoilt)
        return found, coverage.allocated(found, usable)

    try:
        return Refreshed(_stored(without_spoilt), spoilt)
    except (CheckoutClosed, CheckoutExpired):
        return Refreshed(values.find(checkout.id))


def _shares(checkout: Checkout) -> list[tuple[str, int]]:
    return [(applied.card_id, applied.amount.minor) for applied in checkout.cards]


# Hot: a code is applied at 0.18 (SQLite) and 0.14 of a bare view's rate; the cart's commit does not
# wait for the disk.

_ATTEMPTS = 20
"""One of those who change a checkout at once always gets through."""

_STORE = (
    "UPDATE checkout SET cards = ?, version = version + 1"
    " WHERE id = ? AND version = ? AND status = 'open'"
)


def _stored(step: Callable[[], Changed]) -> Checkout:
    """Store the cards that ``step`` has computed for a checkout, unless that was changed meanwhile:
    then run the step again. No lock is held while computing.
    """
    for _ in range(_ATTEMPTS):
        found, cards = step()
        document = values.cards_document(cards)
        if database.update_without_fsync(_STORE, document, found.id, found.version):
            return found._replace(cards=cards, version=found.version + 1)
    raise Unavailable
