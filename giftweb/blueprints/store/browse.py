"""The hosted shop: products and the cart. Paying is in store_checkout."""

from typing import Any

from flask import Blueprint, Response, request, url_for

from giftweb import days
from giftweb.domain import campaigns, carts, catalogue, orders
from giftweb.domain.campaigns.campaigns import Campaign
from giftweb.domain.catalogue.items import Item
from giftweb.domain.catalogue.products import Product
from giftweb.errors import DomainError, NotFound, TooManyTries
from giftweb.language import gettext
from giftweb.web import pages
from giftweb.web.forms.gifts import GiftForm, GoodsForm
from giftweb.web.http import htmx, languages, requests
from giftweb.web.text import conversions

blueprint = Blueprint("store", __name__, url_prefix="/shop/<campaign_id>")


@blueprint.get("/")
def index(campaign_id: str) -> Response:
    """What there is to buy."""
    campaign = _campaign(campaign_id)
    if "test" in request.args:
        pages.baskets.try_with_test_money(request.args["test"] == "1")
        return htmx.redirect_to(url_for("store.index", campaign_id=campaign_id))
    products = [each for each in catalogue.of_campaign(campaign_id) if not each.is_upsell]
    pictures = catalogue.designs.of_products(each.id for each in products)
    return pages.store.page("store/index.html", campaign, products=products, pictures=pictures)


@blueprint.route("/products/<sku>", methods=["GET", "POST"])
def product(campaign_id: str, sku: str) -> Response:
    """One product; POST puts it in the cart."""
    campaign = _campaign(campaign_id)
    found = catalogue.find(campaign_id, sku)
    if not found.is_active or found.is_upsell:
        raise NotFound
    form, refusal = _form(found, campaign), 422
    if form.validate_on_submit():
        try:
            pages.baskets.add(campaign, _item(found, form))
        except DomainError as problem:
            form.refuse(problem)
            refusal = 429 if isinstance(problem, TooManyTries) else 422
        else:
            place = url_for("store.cart", campaign_id=campaign_id)
            return htmx.redirect_to(
                place, message=gettext("{name} is in your cart.", name=found.name)
            )
    status = refusal if form.errors else 200
    return _product_page(campaign, found, form, status)


@blueprint.post("/products/<sku>/preview")
def preview(campaign_id: str, sku: str) -> Response:
    """The gift card and its mail as they are typed; without script, the whole page with them."""
    campaign = _campaign(campaign_id)
    languages.use_shop_language(campaign.language)
    found = catalogue.find(campaign_id, sku)
    if not found.is_active or not found.is_gift_card:
        raise NotFound
    form = _form(found, campaign)
    if htmx.is_fragment():
        partial = "store/_preview.html"
        preview, shop = pages.store.preview(found, form), pages.store.shop(campaign)
        return htmx.render(partial, partial, product=found, preview=preview, shop=shop)
    return _product_page(campaign, found, form, 200)


def _product_page(campaign: Campaign, found: Product, form: Any, status: int) -> Response:
    values = {"product": found, "form": form, "conversion": conversions.product_text(found)}
    if not found.is_gift_card:
        cart = pages.baskets.current(campaign)
        address = cart.shipping_address if cart else None
        values["tax"] = pages.baskets.tax_for(campaign, address=address)
    values["pictures"] = catalogue.designs.of_products([found.id]).get(found.id, [])
    if found.is_gift_card:
        values["designs"] = catalogue.designs.to_choose(found)
        values["preview"] = pages.store.preview(found, form)
        values["zones"] = days.places()
    return pages.store.page("store/product.html", campaign, status, **values)


def _form(found: Product, campaign: Campaign) -> Any:
    if not found.is_gift_card:
        return GoodsForm()
    return GiftForm.of(found, campaign, pages.store.sender(campaign))


def _item(found: Product, form: Any) -> Item:
    if found.is_gift_card:
        return form.to_item(found)
    return found.to_item(quantity=form.quantity.data)


@blueprint.get("/cart")
def cart(campaign_id: str) -> Response:
    """The cart; without one, the outcome of the last."""
    campaign = _campaign(campaign_id)
    current = pages.baskets.current(campaign)
    return pages.store.page(
        "store/cart.html",
        campaign,
        cart=carts.as_of_now(current) if current else None,
        problems=orders.recharges.problems(current) if current else {},
        expired=pages.baskets.expired(campaign),
        last_order=pages.baskets.last_order(campaign),
    )


@blueprint.post("/cart")
def change_cart(campaign_id: str) -> Response:
    """Set the numbers of the cart's lines; 0, or its **Remove**, takes a line out."""
    campaign = _campaign(campaign_id)
    current = pages.baskets.current(campaign)
    place = url_for("store.cart", campaign_id=campaign_id)
    if current is None:
        return htmx.redirect_to(place)
    form = requests.form()
    removed = form.get("remove", "")
    kept = tuple(
        item._replace(quantity=number)
        for line, item in enumerate(current.items)
        if str(line) != removed
        and (number := pages.store.number(form.get(f"quantity-{line}"), item.quantity))
    )
    if kept:
        pages.baskets.set_items(campaign, current, kept)
    else:
        pages.baskets.forget(campaign)
    return htmx.redirect_to(place, message=_changed(current.items, removed))


def _changed(items: tuple[Item, ...], removed: str) -> str:
    for line, item in enumerate(items):
        if str(line) == removed:
            return gettext("{name} was taken out of your cart.", name=item.name)
    return gettext("Your cart was changed.")


@blueprint.post("/cart/again")
def renew_cart(campaign_id: str) -> Response:
    """A new cart with what was in the one that has expired."""
    pages.baskets.renew(_campaign(campaign_id))
    return htmx.redirect_to(url_for("store.cart", campaign_id=campaign_id))


def _campaign(campaign_id: str) -> Campaign:
    found = campaigns.find(campaign_id)
    if not found.is_active:
        raise NotFound
    return found
