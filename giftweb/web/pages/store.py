"""What the pages of the hosted shop share: the shop's name and colour, the cart's count."""

from dataclasses import dataclass
from typing import Any

from flask import Response, current_app, render_template
from flask_wtf.csrf import generate_csrf
from markupsafe import Markup

from giftweb.domain import campaigns, catalogue
from giftweb.domain.campaigns.campaigns import Campaign
from giftweb.domain.carts.replies import Feedback
from giftweb.domain.carts.values import Checkout
from giftweb.domain.catalogue.designs import Design
from giftweb.domain.catalogue.products import MOST_AT_ONCE, Product
from giftweb.errors import Invalid
from giftweb.money import Money
from giftweb.web.access import shoppers
from giftweb.web.forms import amounts
from giftweb.web.forms.gifts import GiftForm, PresentFields
from giftweb.web.http import htmx, languages
from giftweb.web.pages import baskets, widget
from giftweb.web.text import conversions
from giftweb.web.text.templating import BRANDS, delivery_text


def page(template: str, campaign: Campaign, status: int = 200, **values: Any) -> Response:
    """A page in the campaign's shop."""
    languages.use_shop_language(campaign.language)
    cart = values["cart"] if "cart" in values else baskets.current(campaign)
    shared = {
        "campaign": campaign,
        "shop": shop(campaign),
        "is_test": baskets.is_test(),
        "may_test": baskets.may_test(),
        "in_cart": sum(item.quantity for item in cart.items) if cart else 0,
        "cart": cart,
    }
    html = render_template(template, **shared | values)
    response = current_app.make_response((html, status))
    response.headers["Cache-Control"] = "no-store"
    return response


def shop(campaign: Campaign) -> dict[str, Any]:
    colour = campaign.brand_colour
    return {
        "name": campaign.brand_name or campaign.name,
        "colour": colour if colour in BRANDS else "",
        "home": f"/shop/{campaign.id}/",
        "logo": campaigns.logos.of(campaign),
    }


def sender(campaign: Campaign) -> dict[str, str]:
    """The sender by default, as fields ``sender_...`` of a form: of the last gift card in the cart,
    or whoever is signed in (S69).
    """
    cart = baskets.current(campaign)
    found = next((item.sender for item in reversed(cart.items if cart else ()) if item.sender), {})
    customer = shoppers.current() if not found else None
    if customer is not None:
        found = {"name": customer.name, "email": customer.email}
    return {f"sender_{field}": text for field, text in found.items()}


@dataclass(frozen=True, slots=True)
class Preview:
    """A gift card as it is typed. ``worth``: in its own currency, where that is another one."""

    amount: Money | None
    worth: str
    design: Design | None
    recipient: str
    sender: str
    message: str
    send_at: str


def preview(product: Product, form: GiftForm) -> Preview:
    """What is typed so far, whatever is still missing or wrong."""
    amount = _typed_amount(product, form)
    key = form.design.data or ""
    designs = {each.key: each for each in catalogue.designs.to_choose(product)}
    return Preview(
        amount=amount,
        worth=conversions.amount_text(product, amount),
        design=designs.get(key),
        recipient=form.recipient_name.data or "",
        sender=form.sender_name.data or "",
        message=(form.message.data or "") if product.allows_message else "",
        send_at=_typed_time(form),
    )


def _typed_amount(product: Product, form: PresentFields) -> Money | None:
    try:
        return product.checked_price(amounts.chosen(product, form))
    except Invalid:
        return None


def _typed_time(form: PresentFields) -> str:
    try:
        return delivery_text(form.delivery)
    except (OverflowError, ValueError):
        return ""


def number(text: str | None, otherwise: int) -> int:
    """A number of things as typed; what it was before when it cannot be read."""
    plain = (text or "").strip()
    if not plain.isascii() or not plain.isdecimal() or len(plain) > 4:
        return otherwise
    return min(int(plain), MOST_AT_ONCE)


def cards(cart: Checkout, feedback: Feedback | None) -> Markup:
    """The widget's own part of the checkout, with forms that post to the shop."""
    return widget.draw(
        cart,
        base=f"/shop/{cart.campaign_id}/checkout/",
        secret=widget.hidden_field("csrf_token", generate_csrf()),
        feedback=feedback,
        is_swap=htmx.is_fragment(),
    )
