"""**Campaign Management** > **Settings**: list, **+ Create a new**, **Edit**, API keys (S30)."""

from collections.abc import Callable
from typing import Any

from flask import Blueprint, Response, make_response, render_template, request, url_for

from giftweb import days
from giftweb.domain import campaigns, catalogue, desk, limits
from giftweb.domain.campaigns.campaigns import Campaign
from giftweb.errors import NotFound
from giftweb.language import gettext, lazy_gettext
from giftweb.money import Money
from giftweb.web import forms, pages
from giftweb.web.access import actors, confirmation
from giftweb.web.access.confirmation import confirmed
from giftweb.web.forms.api_keys import KeyForm
from giftweb.web.forms.campaigns import CampaignForm
from giftweb.web.forms.fields import Form
from giftweb.web.http import htmx, requests
from giftweb.web.text import law_effects

blueprint = Blueprint("campaigns", __name__, url_prefix="/staff/campaigns")


CREATED = {
    False: lazy_gettext("Created."),
    True: lazy_gettext("Created. What moves money waits for another person's approval."),
}
SAVED = {
    False: lazy_gettext("Saved."),
    True: lazy_gettext(
        "Saved, but for what moves money: that waits for another person's approval."
    ),
}


@blueprint.get("/")
def index() -> Response:
    """The list."""
    found = campaigns.find_all()
    return htmx.render("campaigns/list.html", "campaigns/_campaigns.html", campaigns=found)


@blueprint.route("/new", methods=["GET", "POST"])
@confirmed
def new() -> Response:
    """**+ Create a new**, and **Create**. Its page creates its keys, after the password."""
    currency = forms.fields.sent_currency()
    form = CampaignForm(
        currency=currency, others=campaigns.find_all(), hold_minutes=15, bonus_waiting_days=0
    )
    if not form.is_submitted():
        form.currency.data = currency

    def work() -> Response:
        settings = form.to_settings(form.currency.data)
        campaign, waits = desk.money_paths.create(settings, by=actors.current())
        return htmx.redirect_to(_place(campaign.id), message=str(CREATED[waits]))

    return _edit(form, currency, None, work)


@blueprint.route("/<campaign_id>", methods=["GET", "POST"])
def edit(campaign_id: str) -> Response:
    """**Edit**: all settings on one page, and **Save**."""
    campaign = campaigns.find(campaign_id)
    others = [each for each in campaigns.find_all() if each.id != campaign_id]
    filled = forms.campaigns.filled(campaign.settings)
    form = CampaignForm(currency=campaign.currency, others=others, **filled)
    del form.currency

    def work() -> Response:
        settings, reason = form.to_settings(campaign.currency), form.reason.data
        if desk.money_paths.held_back(campaign, settings):
            confirmation.require(form.password.data, actors.visitor())
        waits = desk.money_paths.change(
            campaign_id, settings=settings, reason=reason, by=actors.current()
        )
        return htmx.redirect_to(_place(campaign_id), message=str(SAVED[waits]))

    return _edit(form, campaign.currency, campaign, work)


def _edit(
    form: CampaignForm, currency: str, campaign: Campaign | None, work: Callable[[], Response]
) -> Response:
    if requests.posted("show_example"):
        return _settings(form, currency, campaign)
    return pages.action.run(
        form,
        work,
        lambda status: _settings(form, currency, campaign, status),
        check=lambda: campaigns.settings.checked(form.to_settings(currency)),
    )


@blueprint.get("/law")
def law() -> Response:
    """What the law of the chosen place asks and changes."""
    form = CampaignForm(request.args, meta={"csrf": False})
    effects = law_effects.of_choice(form.rules.data, form.card_valid_days.data)
    partial = "campaigns/_law.html"
    return htmx.render(partial, partial, effects=effects)


@blueprint.get("/example")
def example() -> Response:
    """What an order would earn, as the settings are typed."""
    currency = forms.fields.known_currency(request.args.get("currency", ""))
    form = CampaignForm(request.args, currency=currency, meta={"csrf": False})
    form.validate()
    partial = "campaigns/_example.html"
    return htmx.render(partial, partial, example=forms.campaigns.example(form, currency))


@blueprint.get("/preview")
def preview() -> Response:
    """What holders would see of it, as the settings are typed."""
    partial = "campaigns/_preview.html"
    return htmx.render(partial, partial, preview=forms.campaigns.preview(request.args))


def _settings(
    form: CampaignForm, currency: str, campaign: Campaign | None, status: int = 200
) -> Response:
    values: dict[str, Any] = {"form": form, "campaign": campaign, "currency": currency}
    values["zones"] = days.zones()
    values["asks_password"] = not confirmation.is_confirmed()
    values["example"] = forms.campaigns.example(form, currency)
    values["effects"] = law_effects.of_choice(form.rules.data, form.card_valid_days.data)
    values["preview"] = forms.campaigns.preview({"currency": currency} | form.data)
    if campaign:
        values["logo"] = campaigns.logos.of(campaign)
        values["addresses"] = pages.addresses.of(campaign.id)
        values["keys"] = campaigns.api_keys.all_of(campaign.id)
        values["waiting"] = desk.approvals.waiting_for(campaign.id)
        is_selling = bool(catalogue.of_campaign(campaign.id, only_active=False))
        values["is_empty"] = not values["keys"] and not is_selling
    return make_response(render_template("campaigns/edit.html", **values), status)


def _place(campaign_id: str) -> str:
    return url_for("campaigns.edit", campaign_id=campaign_id)


# Keys


@blueprint.route("/<campaign_id>/keys/new", methods=["GET", "POST"])
@confirmed
def new_key(campaign_id: str) -> Response:
    """Another key, shown this once; two of a kind at a time. A live one waits for an approval."""
    campaign = campaigns.find(campaign_id)
    most = limits.terms.of(limits.API_KEY, campaign.currency)
    card_cap, day_cap = (_cap(minor, campaign) for minor in (most.single, most.day))
    form = KeyForm(currency=campaign.currency, card_cap=card_cap, day_cap=day_cap)

    def work() -> Response:
        is_test, reason, by = form.book.data == "test", form.reason.data or "", actors.current()
        key = desk.live_keys.create(
            campaign_id, is_test=is_test, terms=form.terms(campaign), reason=reason, by=by
        )
        return _secret(campaign, key.secret)

    return pages.action.run(
        form, work, lambda status: _panel("new_key", campaign, status=status, form=form)
    )


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
        return htmx.replaced(
            "campaigns/_keys.html",
            "keys",
            back_to=url_for("campaigns.edit", campaign_id=campaign_id, _anchor="keys"),
            message=gettext("The key ending in {last4} is revoked.", last4=found[0].last4),
            campaign=campaign,
            keys=campaigns.api_keys.all_of(campaign_id),
        )
    return _panel("revoke_key", campaign, form=form, key=found[0])


def _cap(minor: int | None, campaign: Campaign) -> Money | None:
    return None if minor is None else Money(minor, campaign.currency)


def _secret(campaign: Campaign, secret: str) -> Response:
    """The page of a secret: shown once, never cached."""
    response = _panel("secret", campaign, secret=secret)
    response.headers["Cache-Control"] = "no-store"
    return response


def _panel(name: str, campaign: Campaign, *, status: int = 200, **values: Any) -> Response:
    return htmx.panel(
        f"campaigns/_{name}.html",
        status=status,
        campaign=campaign,
        away=_place(campaign.id),
        **values,
    )
