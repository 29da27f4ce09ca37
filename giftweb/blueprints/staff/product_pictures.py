"""The pictures of a product, and the designs that its gift card can have (B28)."""

from flask import Blueprint, Response, url_for
from flask_wtf.file import FileField
from wtforms import SelectMultipleField, StringField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import Length

from giftweb.domain import campaigns, catalogue
from giftweb.domain.campaigns.campaigns import Campaign
from giftweb.domain.catalogue.designs import DRAWN, LONGEST_ALT, LONGEST_OCCASION
from giftweb.domain.catalogue.products import Product
from giftweb.errors import Invalid
from giftweb.language import gettext, lazy_gettext
from giftweb.web import pages
from giftweb.web.access import actors
from giftweb.web.forms.fields import Form, Required
from giftweb.web.http import htmx

blueprint = Blueprint(
    "product_pictures", __name__, url_prefix="/staff/products/<campaign_id>/<sku>/pictures"
)


class PictureForm(Form):
    """A picture to upload."""

    picture = FileField(lazy_gettext("Picture"))
    alt = StringField(
        lazy_gettext("What is on it"),
        [
            Required(lazy_gettext("Say what is on the picture, for who does not see it.")),
            Length(max=LONGEST_ALT),
        ],
    )
    occasion = StringField(lazy_gettext("Occasion"), [Length(max=LONGEST_OCCASION)])


class DesignsForm(Form):
    """Designs of ours to offer."""

    drawn = SelectMultipleField(
        lazy_gettext("Designs that come with giftweb"),
        choices=[SelectChoice(name, name) for name in DRAWN],
    )


@blueprint.route("", methods=["GET", "POST"])
def edit(campaign_id: str, sku: str) -> Response:
    """The pictures, and another one."""
    campaign, product = campaigns.find(campaign_id), catalogue.find(campaign_id, sku)
    form = PictureForm()

    def work() -> Response:
        new = _redrawn(form, product)
        words = {"alt": form.alt.data or "", "occasion": form.occasion.data or ""}
        catalogue.designs.add(product, new=new, by=actors.current(), **words)
        return _back(product, gettext("The picture was added."))

    return pages.action.run(form, work, lambda status: _page(campaign, product, form, status))


def _redrawn(form: PictureForm, product: Product) -> catalogue.designs.Redrawn:
    from giftweb.web.present import pictures

    content = form.picture.data.read() if form.picture.data else b""
    if not content:
        raise Invalid(gettext("Choose a JPEG, PNG, WebP or GIF picture."), field="picture")
    return pictures.redraw(content, shape=pictures.CARD if product.is_gift_card else pictures.GOODS)


@blueprint.post("/designs")
def offer(campaign_id: str, sku: str) -> Response:
    """Offer designs of ours beside the product's own."""
    product, form = catalogue.find(campaign_id, sku), DesignsForm()
    catalogue.designs.add_drawn(product, names=form.drawn.data or (), by=actors.current())
    return _back(product, gettext("The designs are offered."))


@blueprint.post("/<int:position>/removal")
def remove(campaign_id: str, sku: str, position: int) -> Response:
    """Take a picture off the product; cards keep theirs."""
    product = catalogue.find(campaign_id, sku)
    catalogue.designs.remove(product, position=position, by=actors.current())
    return _back(product, gettext("The picture was taken off."))


def _page(campaign: Campaign, product: Product, form: PictureForm, status: int) -> Response:
    own = catalogue.designs.of_products([product.id]).get(product.id, [])
    return htmx.render(
        "products/pictures.html",
        "products/pictures.html",
        status=status,
        campaign=campaign,
        product=product,
        form=form,
        pictures=own,
        drawn=[catalogue.designs.drawn(name) for name in DRAWN],
        offered={each.key for each in own},
    )


def _back(product: Product, message: str) -> Response:
    place = url_for("product_pictures.edit", campaign_id=product.campaign_id, sku=product.sku)
    return htmx.redirect_to(place, message=message)
