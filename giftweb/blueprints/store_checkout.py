"""The hosted shop's checkout: details, gift cards, the other tender, thanks (S35 to S40)."""

from typing import Any

from flask import Blueprint, Response, current_app, request, url_for
from wtforms import StringField
from wtforms.validators import Length

from giftweb.domain import campaigns, carts, charges, checkout, orders, throttle, widget_replies
from giftweb.domain import catalogue as products
from giftweb.domain import order_values as placed
from giftweb.domain.audit import Actor
from giftweb.domain.campaigns import Campaign
from giftweb.domain.checkout_values import AUTHORISED, Checkout
from giftweb.domain.payments import Tender
from giftweb.domain.providers import Source, charging_gateway
from giftweb.domain.widget_replies import Said
from giftweb.errors import (
    CheckoutExpired,
    DomainError,
    InsufficientBalance,
    NotFound,
    PaymentDeclined,
    PaymentMethodRequired,
)
from giftweb.web import actors, baskets, htmx, security, store_pages
from giftweb.web.errors import status_of
from giftweb.web.forms import EmailField, Form, Required

blueprint = Blueprint("store_checkout", __name__, url_prefix="/shop/<campaign_id>")

TRIES = throttle.Scope("store", free=10, first_wait=1, longest_wait=900, memory=3600, cap=3000)
OFFLINE = "bank_transfer"


class DetailsForm(Form):
    """Who buys, and where it goes (S38, D20)."""

    email = EmailField("Email", [Required("Enter your email address.")])
    name = StringField(
        "Full name",
        [Required("Enter your name."), Length(max=200)],
        render_kw={"autocomplete": "name"},
    )
    line1 = StringField(
        "Address",
        [Required("Enter your street and number."), Length(max=200)],
        render_kw={"autocomplete": "address-line1"},
    )
    line2 = StringField(
        "Address, second line", [Length(max=200)], render_kw={"autocomplete": "address-line2"}
    )
    city = StringField(
        "City",
        [Required("Enter your city."), Length(max=200)],
        render_kw={"autocomplete": "address-level2"},
    )
    region = StringField(
        "State or region", [Length(max=200)], render_kw={"autocomplete": "address-level1"}
    )
    postal_code = StringField(
        "Postal code",
        [Required("Enter your postal code."), Length(max=20)],
        render_kw={"autocomplete": "postal-code"},
    )
    country = StringField(
        "Country",
        [Required("Enter the two letters of your country, such as US."), Length(2, 2)],
        render_kw={"autocomplete": "country", "maxlength": 2},
    )

    def address(self) -> dict[str, str]:
        """The shipping address of API.md 3."""
        names = ("name", "line1", "line2", "city", "region", "postal_code", "country")
        typed = {name: getattr(self, name).data for name in names}
        typed["country"] = typed["country"].upper()
        return {name: text for name, text in typed.items() if text}


@blueprint.route("/checkout", methods=["GET", "POST"])
def details(campaign_id: str) -> Response:
    """Who buys and where it goes; then the way to pay."""
    campaign, cart = _campaign_and_cart(campaign_id)
    address = cart.shipping_address or {}
    form = DetailsForm(
        data={"email": cart.customer_email, "name": cart.customer_name} | address
        if cart.customer_email
        else None
    )
    if form.validate_on_submit():
        changes = {
            "customer_email": form.email.data,
            "customer_name": form.name.data,
            "shipping_address": form.address(),
        }
        carts.change(cart.id, changes=changes)
        return htmx.back(url_for("store_checkout.pay", campaign_id=campaign_id))
    return store_pages.page(
        "store/details.html", campaign, 422 if form.errors else 200, cart=cart, form=form
    )


@blueprint.get("/checkout/pay")
def pay(campaign_id: str) -> Response:
    """Gift cards, and what pays the rest."""
    campaign, cart = _campaign_and_cart(campaign_id)
    if not cart.customer_email:
        return htmx.back(url_for("store_checkout.details", campaign_id=campaign_id))
    if cart.stored_status == AUTHORISED:
        cart = charges.give_up(cart.id) if cart.claim else checkout.reopen(cart.id)
    return _pay_page(campaign, cart)


def _pay_page(
    campaign: Campaign, cart: Checkout, said: Said | None = None, status: int = 200
) -> Response:
    return store_pages.page(
        "store/pay.html", campaign, status, **_payment(campaign, cart, said), cart=cart
    )


def _payment(campaign: Campaign, cart: Checkout, said: Said | None) -> dict[str, Any]:
    return {
        "checkout": cart,
        "said": said,
        "due_parts": widget_replies.due_parts(cart),
        "action": f"/shop/{campaign.id}/checkout/",
        "takes_cards": _stripe() is not None,
    }


def _stripe() -> Any:
    try:
        return charging_gateway("stripe")
    except NotFound:
        return None


# Gift cards, as in the widget


@blueprint.post("/checkout/<any(apply, remove, limit):step>")
def cards(campaign_id: str, step: str) -> Response:
    """Apply, remove or use less of a gift card; the widget's own partial answers."""
    campaign, cart = _campaign_and_cart(campaign_id)
    form = request.form
    try:
        if step == "apply":
            source = actors.client_address()
            with throttle.guard(TRIES, source=source, failures=widget_replies.MISSES):
                after = carts.apply(cart.id, code=form.get("code", ""))
            said = widget_replies.applied(cart, after)
        elif step == "remove":
            after = carts.remove(cart.id, card_id=form.get("card", ""))
            said = widget_replies.removed(cart, after)
        else:
            most = widget_replies.read_limit(cart, form.get("amount", ""))
            after = carts.limit(cart.id, card_id=form.get("card", ""), most=most)
            said = widget_replies.changed(after)
    except DomainError as problem:
        said = widget_replies.refused(problem, code=form.get("code", ""))
        return _cards_page(campaign, cart, said, status_of(problem))
    return _cards_page(campaign, after, said)


def _cards_page(campaign: Campaign, cart: Checkout, said: Said, status: int = 200) -> Response:
    if not htmx.is_fragment():
        return _pay_page(campaign, cart, said, status)
    return htmx.render(
        "store/pay.html",
        "store/_cards_and_rest.html",
        status=status,
        campaign=campaign,
        cart=cart,
        is_swap=True,
        **_payment(campaign, cart, said),
    )


# Place the order


@blueprint.post("/checkout/place")
def place(campaign_id: str) -> Response:
    """Place the order with the tender that was chosen; none when the cards pay it all (S37)."""
    campaign, cart = _campaign_and_cart(campaign_id)
    method = request.form.get("method", "")
    try:
        if not cart.due:
            order = checkout.capture(cart.id, tenders=[], by=_shopper(cart), gateway="offline")
        elif method == OFFLINE:
            tender = Tender(method=OFFLINE, amount=cart.due, reference=cart.reference)
            order = checkout.capture(
                cart.id, tenders=[tender], by=_shopper(cart), gateway="offline"
            )
        elif method == "card" and not request.form.get("setup"):
            return _ask_for_card(campaign, cart)
        elif method in ("card", "paypal"):
            return _charge(campaign, cart, method)
        else:
            raise PaymentMethodRequired("Choose how to pay the rest.")
    except DomainError as problem:
        return _not_placed(campaign, cart, problem)
    return _thanks(campaign, order)


def _ask_for_card(campaign: Campaign, cart: Checkout) -> Response:
    """A page of its own for the provider's script, which takes the card in our stead."""
    stripe = charging_gateway("stripe")
    secret = stripe.open_setup(email=cart.customer_email, name=cart.customer_name)
    if not secret:
        raise PaymentDeclined(reason="the payment provider cannot be reached.")
    return _with_stripe("store/card.html", campaign, cart=cart, client_secret=secret)


def _with_stripe(template: str, campaign: Campaign, **values: Any) -> Response:
    stripe = charging_gateway("stripe")
    response = store_pages.page(template, campaign, stripe=stripe, **values)
    response.headers["Content-Security-Policy"] = security.policy_with(stripe.script_url)
    return response


def _charge(campaign: Campaign, cart: Checkout, method: str) -> Response:
    back = url_for("store_checkout.finish", campaign_id=campaign.id, _external=True)
    source = Source(kind=method, token=request.form.get("setup", ""), return_url=back)
    prepared = charges.start(cart.id, gateway="stripe", source=source, by=_shopper(cart))
    if prepared.redirect_url:
        return htmx.back(prepared.redirect_url)
    if prepared.client_secret:
        # The bank wants to know the shopper: Stripe's script asks, then ``finish`` goes on.
        secret = prepared.client_secret
        return _with_stripe("store/prove.html", campaign, cart=cart, client_secret=secret)
    return finish(campaign.id)


@blueprint.get("/checkout/finish")
def finish(campaign_id: str) -> Response:
    """Back from the provider: place the order, or say why it was declined."""
    campaign, cart = _campaign_and_cart(campaign_id)
    try:
        order = charges.finish(cart.id, by=_shopper(cart))
    except DomainError as problem:
        return _not_placed(campaign, cart, problem)
    return _thanks(campaign, order)


def _not_placed(campaign: Campaign, cart: Checkout, problem: DomainError) -> Response:
    """Nothing was charged and the cart is intact; the cards are shared out anew if need be."""
    after = carts.refreshed(cart.id, because=problem)
    sentence = problem.sentence
    if isinstance(problem, InsufficientBalance):
        sentence = "Another order has used a gift card meanwhile. See what is left to pay."
    said = Said(sentence, is_error=True)
    return _pay_page(campaign, after, said, status_of(problem))


def _thanks(campaign: Campaign, order: placed.Order) -> Response:
    baskets.forget(campaign)
    baskets.remember_order(order.id)
    return htmx.back(url_for("store_checkout.thanks", campaign_id=campaign.id, order_id=order.id))


def _shopper(cart: Checkout) -> Actor:
    return Actor(kind="customer", id=cart.id, name=cart.customer_name)


# After the order


@blueprint.get("/thanks/<order_id>")
def thanks(campaign_id: str, order_id: str) -> Response:
    """The order is placed; something more to buy with one click (S39)."""
    campaign = campaigns.find(campaign_id)
    return _thanks_page(campaign, _own_order(campaign, order_id))


@blueprint.post("/thanks/<order_id>")
def upsell(campaign_id: str, order_id: str) -> Response:
    """Buy something more: with the method the payment left, or another one that is chosen."""
    campaign = campaigns.find(campaign_id)
    order = _own_order(campaign, order_id)
    product = products.find(campaign_id, request.form.get("sku", ""))
    if not product.is_upsell:
        raise NotFound
    item = product.to_item(quantity=1)
    by = Actor(kind="customer", id=order.customer_id, name=order.customer_name)
    try:
        tender = _upsell_tender(order, product.checked_price(None))
        orders.upsell(order_id, items=[item], tenders=[tender], by=by, gateway="offline")
    except DomainError as problem:
        return _thanks_page(campaign, order, problem, status_of(problem))
    place = url_for("store_checkout.thanks", campaign_id=campaign_id, order_id=order_id)
    return htmx.back(place, say=f"{product.name} was added to your order.")


def _upsell_tender(order: placed.Order, price) -> Tender:
    if request.form.get("method") == OFFLINE:
        return Tender(method=OFFLINE, amount=price, reference=order.reference)
    key = f"{order.id}:{request.form.get('sku', '')}:{len(placed.sheet(order).lines)}"
    return charges.charge_again(order.id, amount=price, key=key)


def _own_order(campaign: Campaign, order_id: str) -> placed.Order:
    if not baskets.knows_order(order_id):
        raise NotFound
    return placed.find(order_id, campaign_id=campaign.id)


def _thanks_page(
    campaign: Campaign, order: placed.Order, problem: DomainError | None = None, status: int = 200
) -> Response:
    sheet = placed.sheet(order)
    known = {line.sku for line in sheet.lines}
    offers = [
        each
        for each in products.of_campaign(campaign.id)
        if each.is_upsell and each.sku not in known
    ]
    one_click = any(payment.reusable_method for payment in sheet.payments)
    return store_pages.page(
        "store/thanks.html",
        campaign,
        status,
        order=order,
        sheet=sheet,
        offers=offers,
        one_click=one_click,
        problem=problem,
    )


def _campaign_and_cart(campaign_id: str) -> tuple[Campaign, Checkout]:
    campaign = campaigns.find(campaign_id)
    cart = baskets.current(campaign)
    if cart is None:
        raise CheckoutExpired("Your cart is empty, or has become an order already.")
    return campaign, cart


@blueprint.errorhandler(CheckoutExpired)
def no_cart(problem: CheckoutExpired) -> Response:
    """Nothing to pay for: back to the cart, which says so."""
    place = url_for("store.cart", campaign_id=(request.view_args or {})["campaign_id"])
    response = current_app.make_response(htmx.back(place))
    if htmx.is_fragment():
        response.headers["HX-Redirect"] = place
    return response
