"""A campaign's webhooks: its endpoints, what was sent to them, and sending it again."""

import json
from typing import Any

from flask import Blueprint, Response, request, url_for
from wtforms import StringField

from giftweb.domain import campaigns, desk, outbox
from giftweb.domain.outbox.deliveries import Delivery
from giftweb.domain.outbox.endpoints import Endpoint
from giftweb.errors import NotFound
from giftweb.language import gettext, lazy_gettext, ngettext
from giftweb.web import pages
from giftweb.web.access import actors
from giftweb.web.access.confirmation import confirmed
from giftweb.web.forms.fields import Form, Required
from giftweb.web.forms.once import reason_field
from giftweb.web.http import htmx
from giftweb.web.text.words import options, status_label

blueprint = Blueprint("webhooks", __name__, url_prefix="/staff/campaigns/<campaign_id>/webhooks")


class EndpointForm(Form):
    """Where events go."""

    url = StringField(
        lazy_gettext("Address"),
        [Required(lazy_gettext("Enter an address that starts with https://."))],
        render_kw={"inputmode": "url", "autocomplete": "off", "spellcheck": "false"},
    )
    reason = reason_field()


@blueprint.get("")
def index(campaign_id: str) -> Response:
    """The endpoints, and what was sent to them, newest first."""
    state = request.args.get("state", "")
    state = state if state in outbox.deliveries.STATES else ""
    after = request.args.get("after")
    return htmx.render(
        "webhooks/index.html",
        "webhooks/_deliveries.html",
        **_values(campaign_id),
        page=outbox.deliveries.listing(campaign_id, state=state, after=after),
        state=state,
        choices=options(outbox.deliveries.STATES),
        chips=pages.searches.chips(
            [("state", state, gettext("State: {value}", value=status_label(state)))]
        ),
        is_first=not after,
    )


@blueprint.route("/new", methods=["GET", "POST"])
@confirmed
def new(campaign_id: str) -> Response:
    """Add an endpoint; its secret is on the response to that and nowhere else."""
    form = EndpointForm()

    def work() -> Response:
        _, secret = desk.money_paths.add_endpoint(
            campaign_id, url=form.url.data, reason=form.reason.data, by=actors.current()
        )
        return _new_endpoint(campaign_id, form, secret=secret)

    return pages.action.run(
        form, work, lambda status: _new_endpoint(campaign_id, form, status=status)
    )


def _new_endpoint(
    campaign_id: str, form: EndpointForm, *, secret: str = "", status: int = 200
) -> Response:
    response = htmx.render(
        "webhooks/new.html",
        "webhooks/_new_endpoint.html",
        status=status,
        form=form,
        secret=secret,
        oob=bool(secret) and htmx.is_fragment(),
        **_values(campaign_id),
    )
    response.headers["Cache-Control"] = "no-store"
    return response


@blueprint.post("/<endpoint_id>/off")
def switch_off(campaign_id: str, endpoint_id: str) -> Response:
    """Send nothing there any more."""
    outbox.endpoints.disable(_endpoint(campaign_id, endpoint_id).id, by=actors.current())
    return _endpoints(campaign_id, gettext("Switched off. What was on its way counts as failed."))


@blueprint.post("/<endpoint_id>/on")
def switch_on(campaign_id: str, endpoint_id: str) -> Response:
    """Send there again."""
    endpoint = _endpoint(campaign_id, endpoint_id)
    is_on = desk.money_paths.switch_on(endpoint.id, by=actors.current())
    message = (
        gettext("Switched on.") if is_on else gettext("It waits for another person's approval.")
    )
    return _endpoints(campaign_id, message)


@blueprint.post("/<endpoint_id>/tests")
def send_test(campaign_id: str, endpoint_id: str) -> Response:
    """Send an event that means nothing, to see that the endpoint answers."""
    outbox.endpoints.send_test(_endpoint(campaign_id, endpoint_id).id, by=actors.current())
    return _endpoints(
        campaign_id, gettext("A test event is on its way. Load the page again to see it.")
    )


@blueprint.get("/deliveries/<delivery_id>")
def show(campaign_id: str, delivery_id: str) -> Response:
    """A delivery: what was sent, and what came back."""
    return htmx.render(
        "webhooks/show.html",
        "webhooks/_delivery.html",
        **_delivery_values(campaign_id, delivery_id),
    )


@blueprint.post("/deliveries/<delivery_id>/replays")
def replay(campaign_id: str, delivery_id: str) -> Response:
    """Send it once more to the same endpoint."""
    outbox.endpoints.replay(_delivery(campaign_id, delivery_id).id, by=actors.current())
    return htmx.replaced(
        "webhooks/_delivery.html",
        "delivery",
        back_to=url_for("webhooks.show", campaign_id=campaign_id, delivery_id=delivery_id),
        message=gettext("It is on its way again."),
        **_delivery_values(campaign_id, delivery_id),
    )


@blueprint.post("/deliveries/replays")
def replay_failed(campaign_id: str) -> Response:
    """Send everything again that failed, to the endpoints that are on."""
    count = outbox.endpoints.replay_failed(campaigns.find(campaign_id).id, by=actors.current())
    place = url_for("webhooks.index", campaign_id=campaign_id)
    return htmx.redirect_to(
        place,
        message=ngettext(
            "{count} delivery is on the way again.",
            "{count} deliveries are on the way again.",
            count,
        ),
    )


@blueprint.post("/events/<event_id>/replays")
def replay_event(campaign_id: str, event_id: str) -> Response:
    """Send an event once more to every endpoint that is on."""
    if outbox.endpoints.find_event(event_id).campaign_id != campaign_id:
        raise NotFound
    count = outbox.endpoints.replay_event(event_id, by=actors.current())
    to = "1 endpoint" if count == 1 else f"{count} endpoints"
    return htmx.redirect_to(
        url_for("webhooks.index", campaign_id=campaign_id), message=gettext("Sent to {to}.", to=to)
    )


def _values(campaign_id: str) -> dict[str, Any]:
    return {
        "campaign": campaigns.find(campaign_id),
        "endpoints": outbox.endpoints.endpoints(campaign_id),
        "place": url_for("webhooks.index", campaign_id=campaign_id),
    }


def _endpoint(campaign_id: str, endpoint_id: str) -> Endpoint:
    """The endpoint, if it is this campaign's.

    Raises: NotFound.
    """
    endpoint = outbox.endpoints.find_endpoint(endpoint_id)
    if endpoint.campaign_id != campaign_id:
        raise NotFound
    return endpoint


def _endpoints(campaign_id: str, message: str) -> Response:
    values = _values(campaign_id)
    back_to = values["place"]
    return htmx.replaced(
        "webhooks/_endpoints.html", "endpoints", back_to=back_to, message=message, **values
    )


def _delivery(campaign_id: str, delivery_id: str) -> Delivery:
    """The delivery, if it is this campaign's.

    Raises: NotFound.
    """
    delivery = outbox.deliveries.find(delivery_id)
    if delivery.event.campaign_id != campaign_id:
        raise NotFound
    return delivery


def _delivery_values(campaign_id: str, delivery_id: str) -> dict[str, Any]:
    delivery = _delivery(campaign_id, delivery_id)
    return {
        "campaign": campaigns.find(campaign_id),
        "delivery": delivery,
        "endpoint": outbox.endpoints.find_endpoint(delivery.endpoint_id),
        "content": json.dumps(
            outbox.payload.Event.of(delivery.event), indent=2, ensure_ascii=False
        ),
        "place": url_for("webhooks.index", campaign_id=campaign_id),
    }
