"""The gift-card widget: a frame inside another shop's checkout (docs/embedding.md).

The checkout's token is the only key: it comes in a header from the frame's script or in a form
field without script, and lets one see and change the cards of one open checkout, nothing else.
"""

from collections.abc import Mapping
from typing import NamedTuple

from flask import Blueprint, Response, current_app, jsonify, render_template, request
from markupsafe import Markup

from giftweb import security_log
from giftweb.domain import campaigns, carts, throttle
from giftweb.domain.campaigns.campaigns import Campaign
from giftweb.domain.carts.replies import Feedback
from giftweb.domain.carts.values import Checkout, Token, find
from giftweb.errors import CheckoutExpired, DomainError, Invalid, NotFound
from giftweb.web import pages
from giftweb.web.access import actors
from giftweb.web.http import languages, requests, security, widget_files
from giftweb.web.http.htmx import is_fragment
from giftweb.web.pages.prepared import respond

blueprint = Blueprint("widget", __name__)

TRIES = throttle.Scope("widget", free=10, cap=3000, takes_proof=True)
"""Codes typed into frames; counted by the shopper's address and for the checkout."""


@blueprint.get("/widget.js")
@blueprint.get("/widget.d.ts")
@blueprint.get("/widget-<int:version>.js")
def script(version: int | None = None) -> Response:
    """What a shop loads into its page: the newest script, one version of it, or its typings."""
    path = widget_files.FILES.get(request.path)
    if path is None:
        raise NotFound
    response = current_app.send_static_file(path.name)
    response.headers.update(widget_files.headers(request.path))
    return response


@blueprint.get("/widget.json")
def versions() -> Response:
    """The addresses and hashes of the script's versions (E41)."""
    response = jsonify(widget_files.versions(current_app.config["GIFTWEB"].base_url))
    response.headers.update(widget_files.OPEN | {"Cache-Control": "public, max-age=3600"})
    return response


@blueprint.get("/widget/<campaign_id>/origin")
def origin(campaign_id: str) -> Response:
    """Why a frame stayed empty: 204 when pages of the origin ``is`` may frame it, 403 when not, 404
    for no such campaign. Each frame's policy says as much to everybody."""
    try:
        origins = campaigns.find(campaign_id).origins
        status = 204 if request.args.get("is") in origins else 403
    except (NotFound, Invalid):
        status = 404
    response = Response(status=status)
    response.headers.update(widget_files.OPEN)
    return response


@blueprint.get("/widget/<campaign_id>/")
def frame(campaign_id: str) -> Response:
    """The frame with the field; its script holds the token and requests the cards."""
    campaign = campaigns.find(campaign_id)
    languages.use_shop_language(campaign.language)
    base = f"/widget/{campaign.id}/"
    return _page(campaign, base, pages.widget.waiting(base), theme=request.args)


@blueprint.post("/widget/<campaign_id>/")
def show(campaign_id: str) -> Response:
    """The cards of the checkout as they stand."""
    posted = _read(campaign_id)
    before = _checkout(posted)
    return _refreshed(posted, before)


@blueprint.post("/widget/<campaign_id>/apply")
def apply(campaign_id: str) -> Response:
    """Check a code and put its card on the checkout (S36, S57)."""
    posted = _read(campaign_id)
    code, pin = posted.form.get("code", ""), posted.form.get("pin")
    try:
        with actors.guarded(code, TRIES, pin=pin, **posted.who, failures=carts.replies.MISSES):
            after = carts.apply(posted.token, code=code, pin=pin)
    except DomainError as problem:
        return _refused(posted, _checkout(posted), problem, typed=code)
    return _changed(posted, after, carts.replies.applied(after))


@blueprint.post("/widget/<campaign_id>/remove")
def remove(campaign_id: str) -> Response:
    """Take a card off the checkout (S60)."""
    posted = _read(campaign_id)
    before = _checkout(posted)
    try:
        after = carts.remove(before.id, card_id=posted.form.get("card", ""))
    except NotFound:
        after = before
    except DomainError as problem:
        return _refused(posted, before, problem)
    return _changed(posted, after, carts.replies.removed(before, after))


@blueprint.post("/widget/<campaign_id>/limit")
def limit(campaign_id: str) -> Response:
    """Use less of a card, or all of it again."""
    posted = _read(campaign_id)
    before, form = _checkout(posted), posted.form
    try:
        most = carts.replies.read_limit(before, form.get("amount", ""))
        after = carts.limit(before.id, card_id=form.get("card", ""), most=most)
    except DomainError as problem:
        typed, card_id = form.get("amount", ""), form.get("card", "")
        return _refused(posted, before, problem, typed=typed, card_id=card_id)
    return _changed(posted, after, carts.replies.changed())


class _Posted(NamedTuple):
    """Which checkout is meant, and what was typed."""

    token: Token
    form: Mapping[str, str]

    @property
    def who(self) -> dict[str, str]:
        """Whose tries are counted together, and what lifts their wait."""
        return {"cart": self.token.secret, "proof": self.form.get("proof", "")}

    @property
    def secret(self) -> Markup:
        """The token in the forms of a shopper without script; the frame's script has its own."""
        typed = self.form.get("token", "")
        return pages.widget.hidden_field("token", typed) if typed else Markup()


def _read(campaign_id: str) -> _Posted:
    form = requests.form_fields()
    text = request.environ.get("HTTP_X_CHECKOUT_TOKEN") or form.get("token", "")
    campaign, _, secret = text.partition(".")
    if campaign != campaign_id:
        raise CheckoutExpired
    return _Posted(Token(campaign_id, secret), form)


def _checkout(posted: _Posted) -> Checkout:
    try:
        return find(posted.token)
    except NotFound:
        raise CheckoutExpired from None


def _refused(
    posted: _Posted, before: Checkout, problem: DomainError, *, typed: str = "", card_id: str = ""
) -> Response:
    feedback = carts.replies.refused(problem, typed=typed, card_id=card_id)
    return _refreshed(posted, before, feedback, status=pages.widget.refusal_status(problem))


def _changed(posted: _Posted, after: Checkout, feedback: Feedback) -> Response:
    """The answer to a step, with which the cards were allocated by their balances now."""
    if any(card.is_spoilt for card in after.cards):
        return _refreshed(posted, after, feedback)
    return _answer(posted, after, feedback)


def _refreshed(
    posted: _Posted, before: Checkout, feedback: Feedback | None = None, *, status: int = 200
) -> Response:
    """The answer with the cards as they stand, without those that cannot be used any more (E8)."""
    after = carts.refresh(before)
    feedback = carts.replies.refreshed(before, after, feedback)
    return _answer(posted, after.checkout, feedback, status=status)


def _answer(
    posted: _Posted, cart: Checkout, feedback: Feedback | None = None, *, status: int = 200
) -> Response:
    is_swap, base = is_fragment(), f"/widget/{cart.campaign_id}/"
    cards = pages.widget.draw(
        cart, base=base, secret=posted.secret, feedback=feedback, is_swap=is_swap
    )
    if is_swap:
        return respond(cards, status)
    campaign = campaigns.find(cart.campaign_id)
    return _page(campaign, base, cards, theme={}, status=status, is_page=True)


def _page(
    campaign: Campaign,
    base: str,
    cards: Markup,
    *,
    theme: Mapping[str, str],
    status: int = 200,
    is_page: bool = False,
) -> Response:
    style = pages.widget_style.style(theme)
    page = render_template(
        "widget/frame.html",
        own_url=base,
        cards=cards,
        style=style.text,
        greeting=pages.widget_style.GREETING.text,
        formats=pages.widget.formats(),
        is_page=is_page,
    )
    return _framed(respond(page, status), campaign.origins, style=style.source)


ISOLATED = {
    "Cross-Origin-Embedder-Policy": "require-corp",
    "Cross-Origin-Resource-Policy": "cross-origin",
}
"""With these a page that is isolated from other sites may frame it all the same."""


def _framed(response: Response, origins: tuple[str, ...], *, style: str = "") -> Response:
    ancestors = " ".join(origins) if origins else "'none'"
    script = pages.widget_style.GREETING.source
    policy = security.policy(ancestors, style=style, script=script)
    response.headers.update(ISOLATED | {"Content-Security-Policy": policy})
    return response


@blueprint.errorhandler(CheckoutExpired)
def expired(problem: CheckoutExpired) -> Response:
    """A token that opens nothing (any more): show how to go on, in the frame."""
    security_log.record("checkout_token.refused")
    view = request.view_args or {}
    try:
        origins = campaigns.find(view.get("campaign_id", "")).origins
    except (NotFound, Invalid):
        origins = ()
    template = "widget/_expired.html" if is_fragment() else "widget/expired.html"
    response = current_app.make_response((render_template(template), 409))
    response.headers["Cache-Control"] = "no-store"
    return _framed(response, origins)
