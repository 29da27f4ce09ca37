"""Checkouts: open, change, apply cards, authorise, capture, void (D3)."""

from typing import Any

from flask import current_app

from giftweb.blueprints.api import cart_schemas
from giftweb.blueprints.api.cart_bodies import cart_fields, tenders
from giftweb.blueprints.api.operations import Object, delete, get, patch, post
from giftweb.blueprints.api.problem_schemas import PAYING_CODE
from giftweb.domain import campaigns, carts, checkout, payments
from giftweb.domain.campaigns.api_keys import Caller
from giftweb.domain.campaigns.key_terms import CHECKOUT, READ
from giftweb.domain.carts.cart import Cart
from giftweb.domain.carts.payload import CheckoutState
from giftweb.domain.carts.values import Checkout
from giftweb.domain.idempotency import Answer
from giftweb.domain.orders.payload import Order
from giftweb.domain.payments.payload import Payment
from giftweb.errors import (
    CardNotUsable,
    CurrencyMismatch,
    DomainError,
    InsufficientBalance,
    NotAllowed,
    Refused,
)

CLOSED = ("checkout_closed", "checkout_expired")
UNUSABLE = ("card_not_usable", "insufficient_balance", "hold_expired", *CLOSED)


def require_own(caller: Caller, checkout_id: str) -> str:
    """The currency of a checkout, which must be the campaign's and in the key's mode.

    Raises: NotFound.
    """
    return carts.currency_of(checkout_id, campaign_id=caller.campaign_id, is_test=caller.is_test)


def checkout_object(found: Checkout) -> Object:
    """The checkout without its token, which no stored answer may hold."""
    paid = payments.of_order(found.order_id) if found.order_id else []
    return CheckoutState.of(found) | {"payments": [Payment.of(payment) for payment in paid]}


def completed(caller: Caller, answer: Answer) -> Object:
    """The answer with what opens the widget."""
    return with_token(caller, answer.body)


def with_token(caller: Caller, body: Object) -> Object:
    """The checkout with its token and the widget's address (docs/embedding.md)."""
    token = carts.client_token(carts.find(body["id"]))
    base = current_app.config["GIFTWEB"].base_url
    return body | {
        "client_token": token,
        "widget_url": f"{base}/widget/{caller.campaign_id}/#{token}",
    }


def with_new_allocation(caller: Caller, error: DomainError, *, checkout_id: str) -> None:
    """Add to a refusal over a card what the cards can pay now."""
    if not isinstance(error, CardNotUsable | CurrencyMismatch | InsufficientBalance):
        return
    try:
        found = checkout.allocate_again(checkout_id)
    except Refused:
        return
    error.details["checkout"] = with_token(caller, checkout_object(found))


@post(
    "/checkouts",
    scopes=(CHECKOUT,),
    status=201,
    body=cart_schemas.NewCheckout,
    answers=cart_schemas.Checkout,
    refuses=("currency_mismatch",),
    complete=completed,
)
def open_checkout(caller: Caller, *, body: dict[str, Any]) -> Object:
    """Open a checkout.

    For a cart. It lives a day, or as long as `expires_in` says.
    """
    if not campaigns.find(caller.campaign_id).is_active:
        raise NotAllowed("This campaign is closed: it sells no more.")
    cart = Cart(**cart_fields(body))
    return checkout_object(
        carts.open_checkout(cart, campaign_id=caller.campaign_id, is_test=caller.is_test)
    )


@get("/checkouts/{checkout_id}", scopes=(READ, CHECKOUT), answers=cart_schemas.Checkout)
def show_checkout(caller: Caller, *, checkout_id: str) -> Object:
    """Show a checkout.

    While it is open, with what its cards can pay at this moment; one that can pay nothing says why
    under `problem`.
    """
    found = carts.find(checkout_id, campaign_id=caller.campaign_id, is_test=caller.is_test)
    return with_token(caller, checkout_object(carts.as_of_now(found)))


@patch(
    "/checkouts/{checkout_id}",
    scopes=(CHECKOUT,),
    body=cart_schemas.ChangedCheckout,
    answers=cart_schemas.Checkout,
    refuses=(*CLOSED, "currency_mismatch"),
    complete=completed,
)
def change_checkout(caller: Caller, *, checkout_id: str, body: dict[str, Any]) -> Object:
    """Change a checkout.

    While it is open. Its cards are allocated again.
    """
    require_own(caller, checkout_id)
    return checkout_object(carts.change(checkout_id, changes=cart_fields(body)))


@post(
    "/checkouts/{checkout_id}/gift-cards",
    scopes=(CHECKOUT,),
    body=cart_schemas.AppliedCode,
    answers=cart_schemas.Checkout,
    is_guess=True,
    refuses=("already_applied", *PAYING_CODE, *CLOSED),
    complete=completed,
)
def apply_gift_card(caller: Caller, *, checkout_id: str, body: dict[str, Any]) -> Object:
    """Apply a gift card.

    Nothing is moved or reserved. Smallest balance first, each used up, until cards or the amount
    run out.
    """
    require_own(caller, checkout_id)
    applied = carts.apply(
        checkout_id, code=body["code"], pin=body.get("pin"), limit_minor=body.get("limit")
    )
    return checkout_object(applied)


@delete(
    "/checkouts/{checkout_id}/gift-cards/{card_id}",
    scopes=(CHECKOUT,),
    answers=cart_schemas.Checkout,
    refuses=CLOSED,
    complete=completed,
)
def remove_gift_card(
    caller: Caller, *, checkout_id: str, card_id: str, body: dict[str, Any]
) -> Object:
    """Remove a gift card.

    The others are allocated again.
    """
    require_own(caller, checkout_id)
    return checkout_object(carts.remove(checkout_id, card_id=card_id))


@post(
    "/checkouts/{checkout_id}/authorisation",
    scopes=(CHECKOUT,),
    answers=cart_schemas.Checkout,
    refuses=("currency_mismatch", "mode_mismatch", *UNUSABLE),
    complete=completed,
    recover=with_new_allocation,
)
def authorise_checkout(caller: Caller, *, checkout_id: str, body: dict[str, Any]) -> Object:
    """Authorise a checkout.

    What each card is to pay is held until the campaign's time has passed. A card that no longer
    covers its part, or cannot be used any more: 409, with its `gift_card_id` and the new
    allocation under `checkout`.
    """
    require_own(caller, checkout_id)
    return checkout_object(checkout.authorise(checkout_id, by=caller.actor))


@post(
    "/checkouts/{checkout_id}/capture",
    scopes=(CHECKOUT,),
    status=201,
    body=cart_schemas.Capture,
    answers=Order,
    needs_key=True,
    refuses=(
        "currency_mismatch",
        "mode_mismatch",
        "payment_already_used",
        "payment_incomplete",
        "shipping_address_required",
        *UNUSABLE,
    ),
    recover=with_new_allocation,
)
def capture_checkout(caller: Caller, *, checkout_id: str, body: dict[str, Any]) -> Object:
    """Capture a checkout.

    Places the order: takes the cards' money and records the other payments, all or nothing. From
    a checkout that is authorised, or from an open one in one step.
    """
    currency = require_own(caller, checkout_id)
    paid = tenders(body, currency)
    return Order.of(checkout.capture_as_sheet(checkout_id, tenders=paid, by=caller.actor))


@post(
    "/checkouts/{checkout_id}/void",
    scopes=(CHECKOUT,),
    answers=cart_schemas.Checkout,
    refuses=("checkout_closed",),
    complete=completed,
)
def void_checkout(caller: Caller, *, checkout_id: str, body: dict[str, Any]) -> Object:
    """Void a checkout.

    Its cards are free again.
    """
    require_own(caller, checkout_id)
    return checkout_object(checkout.void(checkout_id, by=caller.actor))
