"""A campaign's logo: uploaded, drawn again, and taken off (B28)."""

from flask import Blueprint, Response, url_for
from flask_wtf.file import FileField

from giftweb.domain import campaigns
from giftweb.domain.campaigns.campaigns import Campaign
from giftweb.domain.catalogue.designs import Redrawn
from giftweb.errors import Invalid
from giftweb.language import gettext, lazy_gettext
from giftweb.web import pages
from giftweb.web.access import actors
from giftweb.web.forms.fields import Form
from giftweb.web.http import htmx

blueprint = Blueprint("campaign_logo", __name__, url_prefix="/staff/campaigns/<campaign_id>/logo")


class LogoForm(Form):
    """A logo to upload."""

    logo = FileField(lazy_gettext("Logo"))


@blueprint.route("", methods=["GET", "POST"])
def edit(campaign_id: str) -> Response:
    """The logo, and another one."""
    campaign, form = campaigns.find(campaign_id), LogoForm()

    def work() -> Response:
        campaigns.logos.put(campaign_id, new=_redrawn(form), by=actors.current())
        return _back(campaign, gettext("The logo was saved."))

    return pages.action.run(form, work, lambda status: _page(campaign, form, status))


def _redrawn(form: LogoForm) -> Redrawn:
    from giftweb.web.present import pictures

    content = form.logo.data.read() if form.logo.data else b""
    if not content:
        raise Invalid(gettext("Choose a JPEG, PNG, WebP or GIF picture."), field="logo")
    return pictures.redraw_logo(content)


@blueprint.post("/removal")
def remove(campaign_id: str) -> Response:
    """Take the logo off."""
    campaigns.logos.remove(campaign_id, by=actors.current())
    return _back(campaigns.find(campaign_id), gettext("The logo was taken off."))


def _page(campaign: Campaign, form: LogoForm, status: int) -> Response:
    return htmx.render(
        "campaigns/logo.html",
        "campaigns/logo.html",
        status=status,
        campaign=campaign,
        form=form,
        logo=campaigns.logos.of(campaign),
    )


def _back(campaign: Campaign, message: str) -> Response:
    place = url_for("campaign_logo.edit", campaign_id=campaign.id)
    return htmx.redirect_to(place, message=message)
