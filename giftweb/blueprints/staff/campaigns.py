"""**Campaign Management** > **Settings**: list, **+ Create a new**, **Edit**, API keys (S30)."""

from typing import Any

from flask import Blueprint, Response, make_response, render_template, request, url_for
from wtforms import RadioField
from wtforms.fields.choices import SelectChoice

from giftweb import money
from giftweb.domain import campaigns
from giftweb.domain.campaigns.campaigns import Campaign
from giftweb.errors import DomainError, Invalid, NotFound
from giftweb.web import forms
from giftweb.web.access import actors
from giftweb.web.access.confirmation import confirmed
from giftweb.web.forms.campaigns import CampaignForm
from giftweb.web.forms.fields import Form, Required
from giftweb.web.http import errors, htmx

blueprint = Blueprint("campaigns", __name__, url_prefix="/staff/campaigns")

BOOKS = [
    SelectChoice("live", "Live: real money"),
    SelectChoice("test", "Test: never real money"),
]


class KeyForm(Form):
    """Which book the new key belongs to."""

    book = RadioField("Kind of key", [Required("Choose a kind.")], choices=BOOKS, default="live")


@blueprint.get("/")
def index() -> Response:
    """The list."""
    found = campaigns.find_all()
    return htmx.render("campaigns/list.html", "campaigns/_campaigns.html", campaigns=found)


@blueprint.route("/new", methods=["GET", "POST"])
def new() -> Response:
    """**+ Create a new**, and **Create**. Its keys are made on its page, for the password again."""
    currency = _currency(request.form.get("currency", "USD"))
    form = CampaignForm(currency=currency, hold_minutes=15, bonus_waiting_days=0)
    if not form.is_submitted():
        form.currency.data = currency
    if "show_example" in request.form:
        return _settings(form, currency, None)
    status = 422 if form.is_submitted() else 200
    if form.validate_on_submit():
        try:
            settings = form.to_settings(form.currency.data.upper())
            made = campaigns.create(settings, by=actors.current())
        except DomainError as error:
            form.refuse(error)
            status = errors.status_of(error)
        else:
            return htmx.back(_place(made.id), say="Created. Now make its API keys.")
    return _settings(form, currency, None, status)


@blueprint.route("/<campaign_id>", methods=["GET", "POST"])
def edit(campaign_id: str) -> Response:
    """**Edit**: all settings on one page, and **Save**."""
    campaign = campaigns.find(campaign_id)
    form = CampaignForm(currency=campaign.currency, **forms.campaigns.filled(campaign.settings))
    if "show_example" in request.form:
        return _settings(form, campaign.currency, campaign)
    status = 422 if form.is_submitted() else 200
    if form.validate_on_submit():
        try:
            settings = form.to_settings(campaign.currency)
            campaigns.change(campaign_id, settings=settings, by=actors.current())
        except DomainError as error:
            form.refuse(error)
            status = errors.status_of(error)
        else:
            return htmx.back(_place(campaign_id), say="Saved.")
    return _settings(form, campaign.currency, campaign, status)


@blueprint.get("/example")
def example() -> Response:
    """What an order would earn, as the settings are typed."""
    currency = _currency(request.args.get("currency", "USD"))
    form = CampaignForm(request.args, currency=currency, meta={"csrf": False})
    form.validate()
    shown = forms.campaigns.example(form, currency)
    return htmx.render("campaigns/_example.html", "campaigns/_example.html", example=shown)


def _settings(
    form: CampaignForm, currency: str, campaign: Campaign | None, status: int = 200
) -> Response:
    shown = forms.campaigns.example(form, currency)
    values: dict[str, Any] = {"form": form, "campaign": campaign, "currency": currency}
    values["example"] = shown
    if campaign:
        values["keys"] = campaigns.api_keys.all_of(campaign.id)
    return make_response(render_template("campaigns/edit.html", **values), status)


def _place(campaign_id: str) -> str:
    return url_for("campaigns.edit", campaign_id=campaign_id)


def _currency(text: str) -> str:
    try:
        money.exponent(text.strip().upper())
    except Invalid:
        return "USD"
    return text.strip().upper()


# Keys


@blueprint.route("/<campaign_id>/keys/new", methods=["GET", "POST"])
@confirmed
def new_key(campaign_id: str) -> Response:
    """Another key, shown this once; two of a kind at a time."""
    campaign, form = campaigns.find(campaign_id), KeyForm()
    status = 422 if form.is_submitted() else 200
    if form.validate_on_submit():
        try:
            is_test = form.book.data == "test"
            made = campaigns.api_keys.create(campaign_id, is_test=is_test, by=actors.current())
        except DomainError as error:
            form.refuse(error)
            status = errors.status_of(error)
        else:
            return _secret(campaign, made.secret)
    return _panel("new_key", campaign, status=status, form=form)


@blueprint.route("/<campaign_id>/keys/<key_id>/revocation", methods=["GET", "POST"])
@confirmed
def revoke_key(campaign_id: str, key_id: str) -> Response:
    """End a key at once."""
    campaign, form = campaigns.find(campaign_id), Form()
    found = [key for key in campaigns.api_keys.all_of(campaign_id) if key.id == key_id]
    if not found:
        raise NotFound
    if form.validate_on_submit():
        campaigns.api_keys.revoke(key_id, by=actors.current())
        return htmx.changed(
            "campaigns/_keys.html",
            "keys",
            back_to=url_for("campaigns.edit", campaign_id=campaign_id, _anchor="keys"),
            say=f"The key ending in {found[0].last4} is revoked.",
            campaign=campaign,
            keys=campaigns.api_keys.all_of(campaign_id),
        )
    return _panel("revoke_key", campaign, form=form, key=found[0])


def _secret(campaign: Campaign, secret: str) -> Response:
    """A page that is shown once and kept by nobody."""
    answer = _panel("secret", campaign, secret=secret)
    answer.headers["Cache-Control"] = "no-store"
    return answer


def _panel(name: str, campaign: Campaign, *, status: int = 200, **values: Any) -> Response:
    partial = f"campaigns/_{name}.html"
    return htmx.render(
        "campaigns/panel.html",
        partial,
        status=status,
        partial=partial,
        campaign=campaign,
        away=_place(campaign.id),
        **values,
    )
