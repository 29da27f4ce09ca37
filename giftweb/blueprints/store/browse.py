"""The hosted shop: products and the cart. Paying is in store_checkout."""

from typing import Any

from flask import Blueprint, Response, request, url_for
from wtforms import IntegerField, SelectField, StringField, TextAreaField
from wtforms.validators import Length, NumberRange, Optional, ValidationError

from giftweb.domain import campaigns, carts, catalogue, orders
from giftweb.domain.campaigns.campaigns import Campaign
from giftweb.domain.catalogue.items import WITHIN_A_YEAR, Item, may_deliver_on, morning_of
from giftweb.domain.catalogue.products import MOST_AT_ONCE, Product
from giftweb.errors import DomainError, NotFound, TooManyTries
from giftweb.language import gettext, lazy_gettext
from giftweb.web import forms, pages
from giftweb.web.access import shoppers
from giftweb.web.forms.fields import DateField, EmailField, Form, MoneyField, Required
from giftweb.web.http import htmx, requests
from giftweb.web.text import conversions

blueprint = Blueprint("store", __name__, url_prefix="/shop/<campaign_id>")


class GoodsForm(Form):
    """How many of a product."""

    quantity = IntegerField(
        lazy_gettext("Quantity"),
        [NumberRange(1, MOST_AT_ONCE, f"Enter a number from 1 to {MOST_AT_ONCE}.")],
        default=1,
        render_kw={"inputmode": "numeric"},
    )


class GiftForm(GoodsForm):
    """A gift card to buy (S65, S68 to S70). ``Send on`` is a day in the shop's time zone (D25)."""

    time_zone: str

    choice = SelectField(lazy_gettext("Amount"), [Optional()], validate_choice=False)
    amount = MoneyField(lazy_gettext("Your own amount"))
    recipient_name = StringField(
        lazy_gettext("Recipient Name"),
        [Required(lazy_gettext("Enter who it is for.")), Length(max=200)],
    )
    recipient_email = EmailField(lazy_gettext("Recipient Email"))
    sender_name = StringField(
        lazy_gettext("Sender Name"), [Required(lazy_gettext("Enter your name.")), Length(max=200)]
    )
    sender_email = EmailField(lazy_gettext("Sender Email"))
    message = TextAreaField(
        lazy_gettext("Message"),
        [Length(max=500, message=lazy_gettext("Use at most 500 characters."))],
    )
    deliver_on = DateField(lazy_gettext("Send on"))

    def validate_deliver_on(self, field: DateField) -> None:
        """A card is sent within a year."""
        if field.data is not None and not may_deliver_on(field.data, zone=self.time_zone):
            raise ValidationError(WITHIN_A_YEAR)


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


def _product_page(campaign: Campaign, found: Product, form: Any, status: int) -> Response:
    values = {"product": found, "form": form, "conversion": conversions.product_text(found)}
    values["pictures"] = catalogue.designs.of_products([found.id]).get(found.id, [])
    return pages.store.page("store/product.html", campaign, status, **values)


def _form(found: Product, campaign: Campaign) -> Any:
    if not found.is_gift_card:
        return GoodsForm()
    form = GiftForm(currency=campaign.currency, data=_sender(campaign))
    form.time_zone = campaign.time_zone
    form.choice.choices = forms.amounts.choices(found)
    if found.is_mailed:
        form.recipient_email.validators = [Required(gettext("Enter the address to send it to."))]
        form.sender_email.validators = [Required(gettext("Enter your own address."))]
    return form


def _sender(campaign: Campaign) -> dict[str, str | None]:
    """The sender by default: of the last gift card in the cart, or whoever is signed in (S69)."""
    cart = pages.baskets.current(campaign)
    given = [item for item in (cart.items if cart else ()) if item.sender_name]
    if given:
        return {"sender_name": given[-1].sender_name, "sender_email": given[-1].sender_email}
    customer = shoppers.current()
    if customer is None:
        return {}
    return {"sender_name": customer.name, "sender_email": customer.email}


def _item(found: Product, form: Any) -> Item:
    if not found.is_gift_card:
        return found.to_item(quantity=form.quantity.data)
    on = form.deliver_on.data
    return found.to_item(
        quantity=form.quantity.data,
        amount=forms.amounts.chosen(found, form),
        recipient_name=form.recipient_name.data,
        recipient_email=form.recipient_email.data,
        sender_name=form.sender_name.data,
        sender_email=form.sender_email.data,
        message=form.message.data or None if found.allows_message else None,
        deliver_at=None if on is None else morning_of(on, zone=form.time_zone).isoformat(),
    )


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
    if removed.isdecimal() and int(removed) < len(items):
        return f"{items[int(removed)].name} was taken out of your cart."
    return "Your cart was changed."


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
