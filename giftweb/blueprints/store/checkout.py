"""The hosted shop's checkout: details, gift cards, the other tender, the order (S35 to S40)."""

from collections.abc import Mapping
from typing import Any

from flask import Blueprint, Response, current_app, request, url_for

from giftweb.domain import campaigns, carts, checkout, countries, orders, payments, throttle
from giftweb.domain.audit.log import Actor
from giftweb.domain.campaigns.campaigns import Campaign
from giftweb.domain.carts.replies import Feedback
from giftweb.domain.carts.values import AUTHORISED, Checkout
from giftweb.domain.orders.addresses import Address
from giftweb.domain.payments.payments import Tender
from giftweb.domain.payments.providers import Source, charging_gateway
from giftweb.errors import (
    CardNotUsable,
    CheckoutExpired,
    DomainError,
    InsufficientBalance,
    Invalid,
    NotFound,
    PaymentIncomplete,
    PaymentMethodRequired,
)
from giftweb.language import gettext, lazy_gettext
from giftweb.web import forms, pages
from giftweb.web.access import actors, shoppers
from giftweb.web.http import htmx, languages, requests, security
from giftweb.web.http.errors import status_of

blueprint = Blueprint("store_checkout", __name__, url_prefix="/shop/<campaign_id>")

TRIES = throttle.Scope("store", free=10, cap=3000, takes_proof=True)
ORDERS = throttle.Scope(
    "orders",
    free=20,
    forgives_after=60,
    why=lazy_gettext("Many orders were sent from your network."),
)
ORDERS_OF = throttle.Scope(
    "orders of",
    free=10,
    forgives_after=300,
    why=lazy_gettext("Many orders were sent with your address."),
)
"""Orders of one email address: each is a mail to it, whoever typed it."""
OFFLINE = "bank_transfer"
PLACING = ("store_checkout.place", "store_checkout.finish")


@blueprint.route("/checkout", methods=["GET", "POST"])
def details(campaign_id: str) -> Response:
    """Who buys and where it goes; then the way to pay."""
    campaign, cart = _campaign_and_cart(campaign_id)
    if orders.recharges.problems(cart):
        return _to_cart(campaign)
    earlier = _earlier_addresses(cart)
    known = _known_details(campaign, cart, earlier)
    form = forms.checkout.DetailsForm.of(needs_address=cart.needs_shipping, data=known)
    if form.validate_on_submit():
        try:
            changes = form.changes()
            address = changes["shipping_address"]
            changes |= pages.baskets.charges_for(campaign, cart.items, address=address)
            carts.change(pages.baskets.editable(cart).id, changes=changes)
        except Invalid as problem:
            form.refuse(problem)
        else:
            return htmx.redirect_to(url_for("store_checkout.pay", campaign_id=campaign_id))
    cart, status = carts.as_of_now(cart), 422 if form.errors else 200
    values = {"cart": cart, "form": form, "earlier": earlier}
    return pages.store.page("store/details.html", campaign, status, **values)


def _earlier_addresses(cart: Checkout) -> list[Address]:
    """Where parcels of whoever is signed in went, when this cart is one."""
    customer = shoppers.current() if cart.needs_shipping else None
    return orders.addresses.of_customer(customer.id) if customer else []


def _known_details(campaign: Campaign, cart: Checkout, earlier: list[Address]) -> dict[str, str]:
    """What was typed before; else who is signed in (S69) with the earlier address that they chose,
    or their last one; or who sends the gift cards of the cart.
    """
    country = {"country": countries.of_shop(time_zone=campaign.time_zone, currency=cart.currency)}
    chosen = dict[int | None, Address](enumerate(earlier)).get(requests.number("address"))
    if cart.customer_email:
        values = {"email": cart.customer_email, "name": cart.customer_name}
        return country | (chosen or cart.shipping_address or {}) | values
    customer = shoppers.current()
    if customer is not None:
        values = {"email": customer.email, "name": customer.name}
        return country | (chosen or next(iter(earlier), {})) | values
    return country | next((item.sender for item in reversed(cart.items) if item.sender), {})


@blueprint.get("/checkout/pay")
def pay(campaign_id: str) -> Response:
    """Gift cards, and what pays the rest."""
    campaign, cart = _campaign_and_cart(campaign_id)
    if orders.recharges.problems(cart):
        return _to_cart(campaign)
    if not cart.customer_email:
        return htmx.redirect_to(url_for("store_checkout.details", campaign_id=campaign_id))
    cart = pages.baskets.editable(cart)
    after = carts.refresh(cart)
    return _pay_page(campaign, after.checkout, carts.replies.refreshed(cart, after))


def _pay_page(
    campaign: Campaign,
    cart: Checkout,
    feedback: Feedback | None = None,
    status: int = 200,
    *,
    problem: str = "",
) -> Response:
    """``feedback`` is about a gift card, and stands with its field; ``problem`` about the order."""
    values = _payment(campaign, cart, feedback)
    return pages.store.page(
        "store/pay.html", campaign, status, **values, cart=cart, problem=problem
    )


def _payment(campaign: Campaign, cart: Checkout, feedback: Feedback | None) -> dict[str, Any]:
    return {
        "checkout": cart,
        "cards": pages.store.cards(cart, feedback),
        "formats": pages.widget.formats(),
        "takes_cards": _takes_cards(cart),
        "is_waiting": cart.stored_status == AUTHORISED,
    }


def _takes_cards(cart: Checkout) -> bool:
    """Whether Stripe is there to pay with; a test order never charges a real account."""
    try:
        stripe = charging_gateway("stripe")
    except NotFound:
        return False
    return not (cart.is_test and stripe.publishable_key.startswith("pk_live"))


# Gift cards, as in the widget


@blueprint.post("/checkout/<any(apply, remove, limit):step>")
def cards(campaign_id: str, step: str) -> Response:
    """Apply, remove or use less of a gift card; the widget's own partial answers."""
    campaign, cart = _campaign_and_cart(campaign_id)
    cart, form = pages.baskets.editable(cart), requests.form()
    code, amount, card_id = (form.get(name, "") for name in ("code", "amount", "card"))
    try:
        if step == "apply":
            after = _with(cart, code, form)
            feedback = carts.replies.applied(after)
        elif step == "remove":
            after = _without(cart, card_id)
            feedback = carts.replies.removed(cart, after)
        else:
            most = carts.replies.read_limit(cart, amount)
            after = carts.limit(cart.id, card_id=card_id, most=most)
            feedback = carts.replies.changed()
    except DomainError as problem:
        feedback = carts.replies.refused(problem, typed=code or amount, card_id=card_id)
        status = pages.widget.refusal_status(problem)
        return _cards_page(campaign, cart, feedback, status)
    return _cards_page(campaign, after, feedback)


def _with(cart: Checkout, code: str, form: Mapping[str, str]) -> Checkout:
    pin, proof, missed = form.get("pin"), form.get("proof", ""), carts.replies.MISSES
    with actors.guarded(code, TRIES, cart=cart.id, proof=proof, failures=missed, pin=pin):
        return carts.apply(cart.id, code=code, pin=pin)


def _without(cart: Checkout, card_id: str) -> Checkout:
    """The cart without the card; another tab may have been faster."""
    try:
        return carts.remove(cart.id, card_id=card_id)
    except NotFound:
        return cart


def _cards_page(
    campaign: Campaign, cart: Checkout, feedback: Feedback | None, status: int = 200
) -> Response:
    after = carts.refresh(cart)
    cart, feedback = after.checkout, carts.replies.refreshed(cart, after, feedback)
    if not htmx.is_fragment():
        return _pay_page(campaign, cart, feedback, status)
    return htmx.render(
        "store/pay.html",
        "store/_cards_and_rest.html",
        status=status,
        campaign=campaign,
        cart=cart,
        is_swap=True,
        **_payment(campaign, cart, feedback),
    )


# Place the order


@blueprint.post("/checkout/place")
def place(campaign_id: str) -> Response:
    """Place the order with the tender that was chosen; none when the cards pay it all (S37)."""
    campaign, cart = _campaign_and_cart(campaign_id)
    method = requests.posted("method")
    try:
        throttle.count(ORDERS, source=actors.client_address())
        if cart.customer_email:
            throttle.count(ORDERS_OF, name=cart.customer_email)
        carts.remember_network(cart, address=actors.client_address())
        if cart.due and method in ("card", "paypal") and _takes_cards(cart):
            return _pay_with_stripe(campaign, cart, method)
        tenders = _tenders(cart, method)
        order = checkout.capture(cart.id, tenders=tenders, by=_shopper(cart), gateway="offline")
    except DomainError as problem:
        return _not_placed(campaign, cart, problem)
    return _thanks(campaign, order)


def _tenders(cart: Checkout, method: str) -> list[Tender]:
    """What pays the rest beside a provider: a transfer, for which we wait (D21)."""
    if not cart.due:
        return []
    if method != OFFLINE:
        raise PaymentMethodRequired(gettext("Choose how to pay the rest."))
    state = payments.PENDING
    return [Tender(method=OFFLINE, amount=cart.due, reference=cart.reference, state=state)]


def _pay_with_stripe(campaign: Campaign, cart: Checkout, method: str) -> Response:
    if method == "card" and not requests.form().get("confirmed"):
        return _ask_for_card(campaign, cart)
    return _charge(campaign, cart, method)


def _ask_for_card(campaign: Campaign, cart: Checkout) -> Response:
    """A page of its own for the provider's script, which takes the card instead of us."""
    secret = checkout.setups.open_setup(cart.id, gateway="stripe")
    return _with_stripe("store/card.html", campaign, cart=cart, client_secret=secret)


def _with_stripe(template: str, campaign: Campaign, **values: Any) -> Response:
    stripe = charging_gateway("stripe")
    response = pages.store.page(template, campaign, stripe=stripe, **values)
    response.headers["Content-Security-Policy"] = security.policy_with(stripe.script_url)
    return response


def _charge(campaign: Campaign, cart: Checkout, method: str) -> Response:
    base_url = current_app.config["GIFTWEB"].base_url
    back = base_url + url_for("store_checkout.finish", campaign_id=campaign.id)
    source = Source(kind=method, return_url=back)
    prepared = checkout.charges.start(cart.id, gateway="stripe", source=source, by=_shopper(cart))
    if prepared.redirect_url:
        return _away(campaign, cart, prepared.redirect_url)
    if prepared.client_secret:
        # The bank identifies the shopper in Stripe's script; then ``finish`` goes on.
        secret = prepared.client_secret
        return _with_stripe("store/prove.html", campaign, cart=cart, client_secret=secret)
    return finish(campaign.id)


def _away(campaign: Campaign, cart: Checkout, address: str) -> Response:
    """On to the provider by a page, since form-action would stop a redirect after a form."""
    response = pages.store.page("store/away.html", campaign, cart=cart, address=address)
    response.headers["Refresh"] = f"0; url={address}"
    return response


@blueprint.get("/checkout/finish")
def finish(campaign_id: str) -> Response:
    """Back from the provider: place the order, or show why it was declined."""
    campaign, cart = _campaign_and_cart(campaign_id)
    try:
        order = checkout.charges.finish(cart.id, by=_shopper(cart))
    except DomainError as problem:
        return _not_placed(campaign, cart, problem)
    return _thanks(campaign, order)


def _not_placed(campaign: Campaign, cart: Checkout, problem: DomainError) -> Response:
    """Nothing was charged and the cart is intact; the cards are allocated again if need be."""
    if isinstance(problem, CardNotUsable):
        checkout.reopen_broken(cart.id)
    refreshed = carts.refresh(carts.find(cart.id))
    after = refreshed.checkout
    if after.order_id is not None:
        # Another tab was faster with the same cart: there is one order, and this is it.
        return _thanks(campaign, orders.find(after.order_id))
    why = _why(problem, refreshed)
    return _pay_page(campaign, after, status=status_of(problem), problem=why)


def _why(problem: DomainError, after: carts.Refreshed) -> str:
    gone = [f"•••• {card.last4}" for card in after.dropped]
    if gone:
        return gettext(
            "Gift card {gone} cannot be used any more. See what is left to pay.",
            gone=", ".join(gone),
        )
    if isinstance(problem, InsufficientBalance):
        return gettext("Another order has used a gift card meanwhile. See what is left to pay.")
    if isinstance(problem, PaymentIncomplete):
        return gettext("The payment is not confirmed yet. Nothing has been charged.")
    return problem.sentence


def _thanks(campaign: Campaign, order: orders.Order) -> Response:
    pages.baskets.forget(campaign)
    pages.baskets.remember_order(order.id)
    return htmx.redirect_to(
        url_for("store_thanks.thanks", campaign_id=campaign.id, order_id=order.id)
    )


def _shopper(cart: Checkout) -> Actor:
    return Actor(kind="customer", id=cart.id, name=cart.customer_name)


# What they share


def _campaign_and_cart(campaign_id: str) -> tuple[Campaign, Checkout]:
    campaign = campaigns.find(campaign_id)
    languages.use_shop_language(campaign.language)
    cart = pages.baskets.current(campaign)
    if cart is None:
        raise CheckoutExpired(gettext("Your cart is empty, or has become an order already."))
    return campaign, cart


@blueprint.errorhandler(CheckoutExpired)
def no_cart(problem: CheckoutExpired) -> Response:
    """Nothing to pay for: to the cart, with the reason. After a double click: to the order."""
    campaign = campaigns.find((request.view_args or {})["campaign_id"])
    order_id = pages.baskets.placed_with(campaign)
    if order_id is not None and request.endpoint in PLACING:
        return _thanks(campaign, orders.find(order_id))
    return current_app.make_response(_to_cart(campaign))


def _to_cart(campaign: Campaign) -> Response:
    return htmx.redirect_to(url_for("store.cart", campaign_id=campaign.id))
