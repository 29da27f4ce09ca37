"""A gift card for each person of a list, in one order (S71)."""

from flask import Blueprint, Response, url_for

from giftweb import days
from giftweb.domain import campaigns, catalogue
from giftweb.domain.campaigns.campaigns import Campaign
from giftweb.domain.catalogue.products import Product
from giftweb.errors import NotFound
from giftweb.language import ngettext
from giftweb.web import pages
from giftweb.web.forms.gifts import TeamForm
from giftweb.web.http import htmx

blueprint = Blueprint("store_team", __name__, url_prefix="/shop/<campaign_id>/products/<sku>/team")


@blueprint.route("", methods=["GET", "POST"])
def add(campaign_id: str, sku: str) -> Response:
    """The list; POST puts a card for each person in the cart, or names each bad row."""
    campaign, product = campaigns.find(campaign_id), catalogue.find(campaign_id, sku)
    if not (campaign.is_active and product.is_active and product.is_mailed) or product.is_upsell:
        raise NotFound
    form = TeamForm.of(product, campaign, pages.store.sender(campaign))

    def work() -> Response:
        items = form.to_items(product)
        pages.baskets.add_all(campaign, items)
        count = len(items)
        message = ngettext(
            "{count} gift card is in your cart.", "{count} gift cards are in your cart.", count
        )
        return htmx.redirect_to(url_for("store.cart", campaign_id=campaign_id), message=message)

    return pages.action.run(form, work, lambda status: _page(campaign, product, form, status))


def _page(campaign: Campaign, product: Product, form: TeamForm, status: int) -> Response:
    designs = catalogue.designs.to_choose(product)
    values = {"product": product, "form": form, "designs": designs, "zones": days.places()}
    return pages.store.page("store/team.html", campaign, status, **values)
