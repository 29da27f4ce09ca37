"""What the pages of the hosted shop share: the shop's name and colour, the cart's count."""

from typing import Any

from flask import Response, current_app, render_template
from flask_wtf.csrf import generate_csrf
from markupsafe import Markup
from wtforms.fields.choices import SelectChoice

from giftweb import money
from giftweb.domain.campaigns import Campaign
from giftweb.domain.catalogue import MOST_AT_ONCE, Product
from giftweb.domain.checkout_values import Checkout
from giftweb.domain.widget_replies import Said
from giftweb.web import baskets, htmx, widget_cards
from giftweb.web.templating import BRANDS, money_text


def page(template: str, campaign: Campaign, status: int = 200, **values: Any) -> Response:
    """A page in the campaign's shop."""
    cart = values["cart"] if "cart" in values else baskets.current(campaign)
    shown = {
        "campaign": campaign,
        "shop": _shop(campaign),
        "is_test": baskets.is_test(),
        "may_test": baskets.may_test(),
        "in_cart": sum(item.quantity for item in cart.items) if cart else 0,
        "cart": cart,
    }
    html = render_template(template, **shown | values)
    response = current_app.make_response((html, status))
    response.headers["Cache-Control"] = "no-store"
    return response


def _shop(campaign: Campaign) -> dict[str, str]:
    colour = campaign.brand_colour
    return {
        "name": campaign.brand_name or campaign.name,
        "colour": colour if colour in BRANDS else "",
        "home": f"/shop/{campaign.id}/",
    }


def amount_choices(product: Product, other: str) -> list[SelectChoice]:
    """The amounts of a gift card to choose from, and whether one may type one's own (S65)."""
    choices = [
        SelectChoice(money.decimal_text(amount.minor, amount.currency), money_text(amount))
        for amount in product.amounts
    ]
    if choices and product.least:
        choices.append(SelectChoice(other, "Another amount"))
    return choices


def number(text: str | None, otherwise: int) -> int:
    """A number of things as typed; what it was before when it cannot be read."""
    plain = (text or "").strip()
    if not plain.isascii() or not plain.isdecimal() or len(plain) > 4:
        return otherwise
    return min(int(plain), MOST_AT_ONCE)


def cards(cart: Checkout, said: Said | None) -> Markup:
    """The widget's own part of the checkout, with forms that post to the shop."""
    return widget_cards.draw(
        cart,
        base=f"/shop/{cart.campaign_id}/checkout/",
        secret=widget_cards.hidden_field("csrf_token", generate_csrf()),
        said=said,
        is_swap=htmx.is_fragment(),
    )
