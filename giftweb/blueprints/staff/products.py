"""Products of a campaign's hosted shop: list, **+ Create New**, **Edit** (S15, S65 to S70)."""

from collections.abc import Callable

from flask import Blueprint, Response, make_response, render_template, request, url_for

from giftweb.domain import campaigns, catalogue
from giftweb.domain.campaigns.campaigns import Campaign
from giftweb.domain.catalogue.products import Product
from giftweb.language import gettext
from giftweb.web import forms, pages
from giftweb.web.access import actors
from giftweb.web.forms.products import ProductForm
from giftweb.web.http import htmx

blueprint = Blueprint("products", __name__, url_prefix="/staff/products")


@blueprint.get("/")
def index() -> Response:
    """The products of one campaign, by default the newest that sells something."""
    all_campaigns = campaigns.find_all()
    chosen = _chosen(all_campaigns)
    text = request.args.get("q", "").strip().lower()
    found = catalogue.of_campaign(chosen.id, only_active=False) if chosen else []
    fitting = [each for each in found if text in f"{each.name} {each.sku}".lower()]
    return htmx.render(
        "products/list.html",
        "products/_products.html",
        campaigns=all_campaigns,
        campaign=chosen,
        products=fitting,
        q=request.args.get("q", ""),
    )


def _chosen(all_campaigns: list[Campaign]) -> Campaign | None:
    wanted = request.args.get("campaign")
    if wanted:
        return campaigns.find(wanted)
    selling = (each for each in all_campaigns if catalogue.of_campaign(each.id, only_active=False))
    return next(selling, all_campaigns[0] if all_campaigns else None)


@blueprint.route("/<campaign_id>/new", methods=["GET", "POST"])
def new(campaign_id: str) -> Response:
    """**+ Create New**."""
    campaign = campaigns.find(campaign_id)
    form = ProductForm(currency=campaign.currency)

    def work() -> Response:
        product = form.to_product(campaign.currency)
        catalogue.create(campaign_id, new=product, by=actors.current())
        return htmx.redirect_to(
            _list(campaign), message=gettext("{name} was created.", name=product.name)
        )

    return _run(campaign, form, None, work)


@blueprint.route("/<campaign_id>/<sku>", methods=["GET", "POST"])
def edit(campaign_id: str, sku: str) -> Response:
    """**Edit**. Orders keep what they were sold at."""
    campaign, product = campaigns.find(campaign_id), catalogue.find(campaign_id, sku)
    form = ProductForm(currency=campaign.currency, data=forms.products.filled(product))

    def work() -> Response:
        changed = form.to_product(campaign.currency)
        catalogue.change(campaign_id, sku=sku, new=changed, by=actors.current())
        return htmx.redirect_to(
            _list(campaign), message=gettext("{name} was saved.", name=changed.name)
        )

    return _run(campaign, form, product, work)


def _run(
    campaign: Campaign, form: ProductForm, product: Product | None, work: Callable[[], Response]
) -> Response:
    return pages.action.run(
        form,
        work,
        lambda status: _page(campaign, form, product, status),
        check=lambda: catalogue.products.require_sound(form.to_product(campaign.currency)),
    )


def _page(campaign: Campaign, form: ProductForm, product: Product | None, status: int) -> Response:
    page = render_template("products/edit.html", campaign=campaign, form=form, product=product)
    return make_response(page, status)


def _list(campaign: Campaign) -> str:
    return url_for("products.index", campaign=campaign.id)
