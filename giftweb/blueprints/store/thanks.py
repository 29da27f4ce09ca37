"""After the order in the hosted shop: thanks, and something more with one click (S39)."""

from flask import Blueprint, Response, url_for

from giftweb.domain import campaigns, catalogue, checkout, idempotency, orders, payments
from giftweb.domain.audit.log import Actor
from giftweb.domain.campaigns.campaigns import Campaign
from giftweb.domain.catalogue.items import Item
from giftweb.domain.catalogue.products import Product
from giftweb.domain.idempotency import Answer
from giftweb.domain.orders.recharge_values import Recharge
from giftweb.domain.orders.values import Order, OrderSheet
from giftweb.domain.payments.payments import Tender
from giftweb.errors import CheckoutClosed, DomainError, NotFound
from giftweb.money import Money
from giftweb.web import pages
from giftweb.web.access import shoppers
from giftweb.web.http import htmx, requests
from giftweb.web.http.errors import status_of

blueprint = Blueprint("store_thanks", __name__, url_prefix="/shop/<campaign_id>/thanks")

OFFLINE = "bank_transfer"


@blueprint.get("/<order_id>")
def thanks(campaign_id: str, order_id: str) -> Response:
    """The order is placed; something more to buy."""
    campaign = campaigns.find(campaign_id)
    return _page(campaign, _own_order(campaign, order_id))


@blueprint.post("/<order_id>")
def upsell(campaign_id: str, order_id: str) -> Response:
    """Buy something more: with the method the payment left, or another one that is chosen."""
    campaign = campaigns.find(campaign_id)
    order = _own_order(campaign, order_id)
    product = catalogue.find(campaign_id, requests.form().get("sku", ""))
    if not (product.is_upsell and product.is_active and campaign.is_active):
        raise NotFound
    place = url_for("store_thanks.thanks", campaign_id=campaign_id, order_id=order_id)
    if product.sku in {line.sku for line in orders.sheet(order).lines}:
        return htmx.redirect_to(place, message=f"{product.name} is on your order already.")
    try:
        _add(order, product)
    except DomainError as problem:
        return _page(campaign, order, problem, sku=product.sku, status=status_of(problem))
    return htmx.redirect_to(place, message=f"{product.name} was added to your order.")


def _add(order: Order, product: Product) -> None:
    if order.is_over:
        raise CheckoutClosed("This order is over; nothing can be added to it.")
    by = Actor(kind="customer", id=order.customer_id, name=order.customer_name)
    price, items = product.checked_price(None), [product.to_item(quantity=1)]
    if requests.form().get("method") == OFFLINE:
        _add_by_transfer(order, items, price, by=by)
        return
    key = f"{order.id}:{product.sku}"
    checkout.charges.sell_more(order.id, items=items, amount=price, key=key, by=by)


def _add_by_transfer(order: Order, items: list[Item], price: Money, *, by: Actor) -> None:
    """Once, however often the button is pressed at the same moment."""
    tender = Tender(method=OFFLINE, amount=price, reference=order.reference, state=payments.PENDING)

    def work() -> Answer:
        orders.upsell(order.id, items=items, tenders=[tender], by=by, gateway="offline")
        return Answer(201, order.id)

    scope, sku = f"upsell:{order.id}", items[0].sku
    idempotency.once(work, scope=scope, key=sku, fingerprint=sku, is_test=order.is_test)


def _own_order(campaign: Campaign, order_id: str) -> Order:
    if not pages.baskets.knows_order(order_id):
        raise NotFound
    return orders.find(order_id, campaign_id=campaign.id)


def _page(
    campaign: Campaign,
    order: Order,
    problem: DomainError | None = None,
    *,
    sku: str = "",
    status: int = 200,
) -> Response:
    sheet = orders.sheet(order)
    return pages.store.page(
        "store/thanks.html",
        campaign,
        status,
        order=order,
        is_test=order.is_test,
        sheet=sheet,
        recharged=_recharged(sheet),
        offers=_offers(campaign, sheet),
        one_click=any(payment.reusable_method for payment in sheet.payments),
        problem=problem,
        refused_sku=sku,
    )


def _recharged(sheet: OrderSheet) -> list[Recharge]:
    """What the order put on cards of whoever is signed in: nobody else learns their balance."""
    customer = shoppers.current() if sheet.recharges and not sheet.order.is_over else None
    return [each for each in sheet.recharges if customer and each.holder_email == customer.email]


def _offers(campaign: Campaign, sheet: OrderSheet) -> list[Product]:
    bought = {line.sku for line in sheet.lines}
    is_closed = sheet.order.is_over or not campaign.is_active
    found = [] if is_closed else catalogue.of_campaign(campaign.id)
    return [each for each in found if each.is_upsell and each.sku not in bought]
