"""The customer's own page: cards, balances, history, the card's mail again (B20)."""

from typing import Any

from flask import Blueprint, Response, make_response, render_template, request, url_for

from giftweb import days
from giftweb.domain import awaited, campaigns, cards, customers, orders, throttle
from giftweb.domain.audit.log import Actor
from giftweb.domain.campaigns.campaigns import Campaign
from giftweb.domain.cards.values import Card
from giftweb.domain.catalogue.products import Product
from giftweb.domain.customers.customers import Customer
from giftweb.errors import DomainError, LinkIsOver, NotFound
from giftweb.language import gettext, lazy_gettext
from giftweb.money import Money
from giftweb.web import forms, mail, pages
from giftweb.web.access import actors, shoppers
from giftweb.web.forms.amounts import RechargeForm
from giftweb.web.forms.delivery import MoveForm
from giftweb.web.forms.fields import EmailField, Form, Required
from giftweb.web.http import htmx, requests, security
from giftweb.web.text import order_effects

blueprint = Blueprint("account", __name__, url_prefix="/account")

MOST_ORDERS = 100
ASKING = throttle.Scope("account", free=5, first_wait=5)
MAILS = throttle.Scope(
    "card mails",
    free=3,
    first_wait=60,
    forgives_after=3600,
    why=lazy_gettext("This card was mailed just now."),
)


class AskForm(Form):
    """Where the link goes."""

    email = EmailField(
        lazy_gettext("Email"),
        [Required(lazy_gettext("Enter the address that your gift card was sent to."))],
    )


@blueprint.get("/")
def index() -> Response:
    """All gift cards of the customer."""
    customer = shoppers.current()
    if customer is None:
        return htmx.redirect_to(url_for("account.sign_in"))
    found = customers.cards_of(customer)
    unpaid = awaited.search.of_customer(customer.id)
    return _page(
        "account/cards.html",
        customer,
        cards=sorted(found, key=_is_over),
        places=campaigns.spending.places(card.campaign_id for card in found),
        worth=customers.worth(found),
        can_merge=bool(cards.merging.groups(card for card in found if not card.needs_pin)),
        gifts=orders.gifts.waiting(customer.id),
        unpaid=unpaid,
        shops={each.campaign_id: campaigns.find(each.campaign_id) for each in unpaid},
        offers=orders.recharge_shops.offers(found, is_test=pages.baskets.is_test()),
    )


@blueprint.get("/orders/")
def own_orders() -> Response:
    """What the customer has bought, newest first."""
    customer = shoppers.current()
    if customer is None:
        return htmx.redirect_to(url_for("account.sign_in"))
    found = orders.of_customer(customer.id, limit=MOST_ORDERS)
    places = campaigns.spending.places(order.campaign_id for order in found)
    return _page("account/orders.html", customer, orders=found, places=places)


@blueprint.get("/orders/<order_id>")
def order(order_id: str) -> Response:
    """One order: its lines, what paid it, and the gift cards that it bought."""
    customer = shoppers.current()
    found = orders.find(order_id)
    if customer is None or found.customer_id != customer.id:
        raise NotFound
    unpaid = awaited.search.of_customer(customer.id)
    return _page(
        "account/order.html",
        customer,
        order=found,
        sheet=orders.sheet(found),
        place=campaigns.spending.places([found.campaign_id])[found.campaign_id],
        unpaid=[payment for payment in unpaid if payment.order_number == found.number],
        shops={found.campaign_id: campaigns.find(found.campaign_id)},
    )


@blueprint.route("/sign-in", methods=["GET", "POST"])
def sign_in() -> Response:
    """Request a link; the response is the same for everybody."""
    token = request.args.get("token", "")
    form = AskForm()
    if token:
        return _page("account/enter.html", token=token)
    if form.validate_on_submit():
        source = actors.client_address()
        throttle.count(ASKING, source=source)
        customers.sign_in.request_link(form.email.data or "")
        return _page("account/sent.html", email=form.email.data)
    return _page("account/sign_in.html", status=422 if form.errors else 200, form=form)


@blueprint.post("/enter")
def enter() -> Response:
    """Use the link. A POST, so that nothing that merely looks at links uses it up."""
    try:
        key = customers.sign_in.enter(requests.form().get("token", ""))
    except LinkIsOver as problem:
        form = AskForm(formdata=None)
        form.refuse(problem)
        return _page("account/sign_in.html", status=404, form=form)
    pages.baskets.carry_over(shoppers.enter(key))
    return htmx.redirect_to(url_for("account.index"))


@blueprint.post("/sign-out")
def sign_out() -> Response:
    """End the session, here and in the browser."""
    shoppers.leave()
    response = htmx.redirect_to(url_for("account.sign_in"), message=gettext("You are signed out."))
    return security.forgotten(response)


@blueprint.get("/cards/<card_id>")
def card(card_id: str) -> Response:
    """One card and its history."""
    customer, found = _own_card(card_id)
    before = requests.number("before")
    history = cards.history(found, before=before)
    values: dict[str, Any] = {"card": found, "history": history, "is_first": not before}
    values["why_no_recharge"] = _why_no_recharge(found)
    values["wallets"] = pages.wallets.offered()
    values["place"] = campaigns.spending.places([found.campaign_id]).get(found.campaign_id or "")
    return _page("account/card.html", customer, **values)


@blueprint.post("/cards/<card_id>/mail")
def send_again(card_id: str) -> Response:
    """Mail the card again, to the address it is registered with."""
    customer, found = _own_card(card_id)
    throttle.count(MAILS, name=found.id)
    cards.holder.resend(found.id, by=_actor(customer))
    place = url_for("account.card", card_id=card_id)
    message = gettext("The card is on its way to {holder_email}.", holder_email=found.holder_email)
    if not mail.smtp.has_server():
        message = gettext(
            "This shop cannot send mail at the moment. Ask it for help, or come back later."
        )
    return htmx.redirect_to(place, message=message)


@blueprint.post("/cards/<card_id>/card.pdf")
def paper(card_id: str) -> Response:
    """The card on paper, for its holder."""
    customer, found = _own_card(card_id)
    return pages.paper.answer(found, cards.holder.print_out(found.id, by=_actor(customer)))


@blueprint.post("/cards/<card_id>/wallets/<any(apple, google):wallet>")
def wallet(card_id: str, wallet: str) -> Response:
    """The card for the wallet of a phone, for its holder."""
    customer, found = _own_card(card_id)
    code = cards.holder.print_out(found.id, by=_actor(customer))
    return pages.wallets.answer(wallet, found, code)


@blueprint.post("/gifts/<card_id>/card.pdf")
def gift_paper(card_id: str) -> Response:
    """A gift on paper, for whoever has bought it, as long as nothing has happened on it."""
    customer = shoppers.current()
    if customer is None:
        raise NotFound(gettext("Sign in to see your gifts."))
    found = orders.gifts.printable(card_id, customer_id=customer.id)
    return pages.paper.answer(found, cards.holder.print_out(found.id, by=_actor(customer)))


@blueprint.route("/cards/<card_id>/recharge", methods=["GET", "POST"])
def recharge(card_id: str) -> Response:
    """**Recharge**: choose an amount; it is paid in a shop's cart, with whatever lies there."""
    customer, found = _own_card(card_id)
    product = _offer_of(found)
    if product is None:
        return htmx.redirect_to(url_for("account.card", card_id=card_id))
    campaign, form = campaigns.find(product.campaign_id), RechargeForm.of(product)
    if form.validate_on_submit():
        try:
            return _to_cart(campaign, found, forms.amounts.chosen(product, form), product, customer)
        except DomainError as problem:
            form.refuse(problem)
    values = {"card": found, "product": product, "form": form, "seller": campaign}
    return _page("account/recharge.html", customer, status=422 if form.errors else 200, **values)


@blueprint.route("/gifts/<card_id>", methods=["GET", "POST"])
def gift(card_id: str) -> Response:
    """Another day for a gift that waits for its day; for whoever has bought it."""
    customer = shoppers.current()
    if customer is None:
        raise NotFound(gettext("Sign in to see your gifts."))
    found = orders.gifts.find(card_id, customer_id=customer.id)
    form = MoveForm.of(found.delivery, shop_zone=found.time_zone)
    if form.validate_on_submit():
        try:
            moved = cards.delivery.move_to_day(card_id, by=_actor(customer), **form.chosen)
        except DomainError as problem:
            form.refuse(problem)
        else:
            message = order_effects.of_move(moved)
            return htmx.redirect_to(url_for("account.index"), message=message)
    values = {"gift": found, "card": found.card, "form": form, "zones": days.places()}
    return _page("account/gift.html", customer, status=422 if form.errors else 200, **values)


def _is_over(card: Card) -> bool:
    """Whether nothing can be spent of it any more: it stands below the others."""
    return card.status not in (cards.values.ACTIVE, cards.values.FROZEN)


def _to_cart(
    campaign: Campaign, card: Card, amount: Money | None, product: Product, customer: Customer
) -> Response:
    is_test = pages.baskets.is_test()
    line = orders.recharges.line(
        card.id, email=customer.email, product=product, amount=amount, is_test=is_test
    )
    pages.baskets.add(campaign, line)
    message = gettext("{name} is in your cart.", name=line.name)
    return htmx.redirect_to(url_for("store.cart", campaign_id=campaign.id), message=message)


def _offer_of(card: Card) -> Product | None:
    return orders.recharge_shops.offers([card], is_test=pages.baskets.is_test()).get(card.id)


def _why_no_recharge(card: Card) -> str:
    """Why there is no **Recharge** on a card that is not over; "" when there is."""
    if why := orders.recharges.refusal_reason(card, is_test=pages.baskets.is_test()):
        return gettext("This card cannot be recharged. {why}", why=why)
    return "" if _offer_of(card) else gettext("No shop sells recharges of this card at the moment.")


def _actor(customer: Customer) -> Actor:
    return Actor(kind="customer", id=customer.id, name=customer.name)


def _own_card(card_id: str) -> tuple[Customer, Card]:
    customer = shoppers.current()
    if customer is None:
        raise NotFound(gettext("Sign in to see your gift cards."))
    found = cards.find(card_id)
    if found.holder_email != customer.email:
        raise NotFound
    return customer, found


def _page(
    template: str, customer: Customer | None = None, *, status: int = 200, **values: object
) -> Response:
    html = render_template(template, customer=customer, shop=None, **values)
    return make_response(html, status)
