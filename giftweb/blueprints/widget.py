"""The gift-card widget: a frame inside another shop's checkout (API.md 4).

The checkout's token is the only key: it comes in a header from the frame's script or in a form
field without script, and lets one see and change the cards of one open checkout, nothing else.
"""

from flask import Blueprint, Response, current_app, render_template, request

from giftweb.domain import campaigns, carts, throttle, widget_replies
from giftweb.domain.checkout_values import Checkout, find, id_of_token
from giftweb.domain.widget_replies import Said
from giftweb.errors import CheckoutExpired, DomainError, Invalid, NotFound
from giftweb.web import actors, security, static_files
from giftweb.web.errors import status_of
from giftweb.web.htmx import is_fragment

blueprint = Blueprint("widget", __name__)

TRIES = throttle.Scope("widget", free=10, first_wait=1, longest_wait=900, memory=3600, cap=3000)
"""Codes typed into frames; counted by the shopper's address and for the checkout."""


@blueprint.get("/widget.js")
def script() -> Response:
    """The one tag that a shop embeds."""
    response = current_app.send_static_file("widget.js")
    response.headers.update(static_files.SCRIPT_HEADERS)
    return response


@blueprint.get("/widget/<campaign_id>/")
def frame(campaign_id: str) -> Response:
    """The empty frame; its script holds the token and asks for the cards."""
    campaign = campaigns.find(campaign_id)
    page = render_template("widget/frame.html", campaign=campaign, checkout=None)
    return _framed(current_app.make_response(page), campaign.origins)


@blueprint.post("/widget/<campaign_id>/")
def show(campaign_id: str) -> Response:
    """The cards of the checkout as they stand."""
    return _answer(campaign_id, _checkout(campaign_id))


@blueprint.post("/widget/<campaign_id>/apply")
def apply(campaign_id: str) -> Response:
    """Check a code and put its card on the checkout (S36, S57)."""
    checkout_id = _checkout_id(campaign_id)
    code = request.form.get("code", "")
    try:
        with throttle.guard(TRIES, source=actors.client_address(), failures=widget_replies.MISSES):
            after = carts.apply(checkout_id, code=code)
    except DomainError as problem:
        return _refused(campaign_id, find(checkout_id), problem, typed=code)
    return _answer(campaign_id, after, widget_replies.applied(after))


@blueprint.post("/widget/<campaign_id>/remove")
def remove(campaign_id: str) -> Response:
    """Take a card off the checkout (S60)."""
    opened = _checkout(campaign_id)
    card_id = request.form.get("card", "")
    try:
        after = carts.remove(opened.id, card_id=card_id)
    except NotFound:
        after = opened
    except DomainError as problem:
        return _refused(campaign_id, opened, problem)
    return _answer(campaign_id, after, widget_replies.removed(opened, after))


@blueprint.post("/widget/<campaign_id>/limit")
def limit(campaign_id: str) -> Response:
    """Use less of a card, or all of it again."""
    opened = _checkout(campaign_id)
    try:
        most = widget_replies.read_limit(opened, request.form.get("amount", ""))
        after = carts.limit(opened.id, card_id=request.form.get("card", ""), most=most)
    except DomainError as problem:
        typed, card_id = request.form.get("amount", ""), request.form.get("card", "")
        return _refused(campaign_id, opened, problem, typed=typed, card_id=card_id)
    return _answer(campaign_id, after, widget_replies.changed())


def _checkout(campaign_id: str) -> Checkout:
    return find(_checkout_id(campaign_id))


def _checkout_id(campaign_id: str) -> str:
    token = request.headers.get("X-Checkout-Token") or request.form.get("token", "")
    campaign, _, secret = token.partition(".")
    if campaign != campaign_id:
        raise CheckoutExpired
    try:
        return id_of_token(campaign_id, secret)
    except NotFound:
        raise CheckoutExpired from None


def _refused(
    campaign_id: str, opened: Checkout, problem: DomainError, *, typed: str = "", card_id: str = ""
) -> Response:
    said = widget_replies.refused(problem, typed=typed, card_id=card_id)
    return _answer(campaign_id, opened, said, status=status_of(problem))


def _answer(
    campaign_id: str, shown: Checkout, said: Said | None = None, *, status: int = 200
) -> Response:
    campaign = campaigns.find(campaign_id)
    values = {
        "campaign": campaign,
        "checkout": shown,
        "due_parts": widget_replies.due_parts(shown),
        "policy": widget_replies.policy(shown),
        "said": said,
        "token": request.form.get("token", ""),
        "is_swap": is_fragment(),
    }
    template = "widget/_cards.html" if is_fragment() else "widget/frame.html"
    response = current_app.make_response((render_template(template, **values), status))
    response.headers["Cache-Control"] = "no-store"
    response.vary.add("HX-Request")
    return _framed(response, campaign.origins)


def _framed(response: Response, origins: tuple[str, ...]) -> Response:
    ancestors = " ".join(origins) if origins else "'none'"
    response.headers["Content-Security-Policy"] = security.policy(ancestors)
    return response


@blueprint.errorhandler(CheckoutExpired)
def expired(problem: CheckoutExpired) -> Response:
    """A token that opens nothing (any more): say how to go on, in the frame."""
    view = request.view_args or {}
    try:
        origins = campaigns.find(view.get("campaign_id", "")).origins
    except (NotFound, Invalid):
        origins = ()
    template = "widget/_expired.html" if is_fragment() else "widget/expired.html"
    response = current_app.make_response((render_template(template), 409))
    response.headers["Cache-Control"] = "no-store"
    return _framed(response, origins)
