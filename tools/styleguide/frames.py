"""Mails, the widget and the checkout: documents of their own, which the guide shows in frames.

Each is drawn by the product's own functions and templates, in any language; ``mirrored`` is the
one that nobody speaks, from right to left.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from flask import Blueprint, Response, abort, render_template, request
from markupsafe import Markup

from giftweb import language
from giftweb.blueprints.staff.outbox import LETTER_POLICY
from giftweb.domain import carts, countries
from giftweb.domain.carts.replies import Feedback
from giftweb.domain.carts.values import CAPTURED, VOIDED, Checkout
from giftweb.domain.orders.rests import Rest
from giftweb.errors import PaymentDeclined, PinRequired, TooManyTries, UnknownCode
from giftweb.money import Money
from giftweb.web import pages
from giftweb.web.forms.checkout import DetailsForm
from giftweb.web.http import security
from giftweb.web.mail.letters import for_screen, write
from tools.pseudo import Pseudo
from tools.styleguide import mails, orders
from tools.styleguide.orders import CAMPAIGN, GIFT, KETTLE, ORDER, SHEET, WAITING, checkout

blueprint = Blueprint("frames", __name__, url_prefix="/styleguide")

MIRRORED = "ar"
"""The locale by which the mirrored language writes its days and amounts."""
LANGUAGES = {**language.LANGUAGES, MIRRORED: "Mirrored"}
language.ADDED[MIRRORED] = Pseudo()

WIDGET = (
    *("waiting", "without-script", "empty", "one-card", "two-cards", "full-coverage"),
    *("refused-code", "pin", "proof-of-work", "nothing-to-cover", "placed", "closed", "expired"),
)
CHECKOUT = (
    *("details", "details-refused", "pay", "pay-with-cards", "paid-by-cards"),
    *("payment-under-way", "payment-refused", "paypal", "thank-you"),
)
_BASE = "/styleguide/"


def spoken() -> str:
    """The language that was chosen for the samples."""
    wanted = request.args.get("lang", "")
    return wanted if wanted in LANGUAGES else language.ENGLISH


@contextmanager
def _spoken() -> Iterator[None]:
    with language.use(spoken()):
        yield


@blueprint.get("/mails/<kind>")
def mail(kind: str) -> Response:
    """A mail as its reader sees it."""
    if kind not in mails.kinds():
        abort(404)
    written = write(mails.letter(kind, language=spoken()))
    return _framed(for_screen(written), LETTER_POLICY)


@blueprint.get("/widget/<state>")
def widget(state: str) -> Response:
    """The frame in a shop's page, in one of its states."""
    if state not in WIDGET:
        abort(404)
    style, greeting = (
        pages.widget_style.style({"scheme": "light dark"}),
        pages.widget_style.GREETING,
    )
    with _spoken():
        if state == "expired":
            return _framed(render_template("widget/expired.html"), _policy())
        html = render_template(
            "widget/frame.html",
            own_url=_BASE,
            cards=_cards(state),
            style=style.text,
            greeting=greeting.text,
            formats="",
            is_page=False,
        )
    if state == "waiting":  # Its script runs: without, the field would not be there.
        policy = security.policy("'self'", style=style.source, script=greeting.source)
        return _framed(html, policy)
    return _framed(html, _policy(style.source))


@blueprint.get("/checkout/<state>")
def store(state: str) -> Response:
    """A page of the hosted shop's checkout, in one of its states."""
    if state not in CHECKOUT:
        abort(404)
    with _spoken():
        template, values = _checkout_page(state)
        shared = {"campaign": CAMPAIGN, "shop": pages.store.shop(CAMPAIGN), "in_cart": 2}
        return _framed(render_template(f"store/{template}.html", **shared | values), _policy())


def _cards(state: str) -> Markup:
    """The cards of a checkout after the step that leads to the state."""
    if state in ("waiting", "without-script"):
        return pages.widget.waiting(_BASE)
    refusals = {
        "refused-code": UnknownCode(),
        "pin": PinRequired(),
        "proof-of-work": TooManyTries(retry_after=60, challenge="sample"),
    }
    if state in refusals:
        feedback = carts.replies.refused(refusals[state], typed="7GK2M-4XQ1T-9ZC3W")
        return _drawn(checkout(), feedback)
    applied = {"one-card": (2500,), "two-cards": (2500, 1000), "full-coverage": (2500, 1000, 6500)}
    if state in applied:
        cart = checkout(*applied[state])
        return _drawn(cart, carts.replies.applied(cart))
    if state == "nothing-to-cover":
        return _drawn(checkout(items=(GIFT,)))
    status = {"placed": CAPTURED, "closed": VOIDED}.get(state)
    return _drawn(checkout(2500, status=status) if status else checkout())


def _drawn(cart: Checkout, feedback: Feedback | None = None) -> Markup:
    return pages.widget.draw(cart, base=_BASE, secret=Markup(), feedback=feedback)


def _checkout_page(state: str) -> tuple[str, dict[str, Any]]:
    """The template of the state and its values."""
    if state.startswith("details"):
        return "details", {"cart": checkout(items=(KETTLE, GIFT)), "form": _details(state)}
    if state == "paypal":
        return "away", {"cart": checkout(2500), "address": "#main"}
    if state == "thank-you":
        rests = [Rest("9QX1", Money(2500, "USD"), Money(310, "USD"))]
        return "thanks", {"order": ORDER, "sheet": SHEET, "rests": rests, "cart": None}
    carts_of = {
        "pay": checkout(items=(KETTLE, GIFT)),
        "pay-with-cards": checkout(2500, 1000, items=(KETTLE, GIFT)),
        "paid-by-cards": checkout(2500, 1000, 6500),
        "payment-under-way": WAITING,
        "payment-refused": checkout(2500),
    }
    cart = carts_of[state]
    refusal = PaymentDeclined(reason="Insufficient funds.").sentence
    return "pay", {
        "cart": cart,
        "cards": _drawn(cart),
        "formats": "",
        "takes_cards": True,
        "is_waiting": cart is WAITING,
        "country": countries.names(language.current()).get(orders.ADDRESS["country"]),
        "problem": refusal if state == "payment-refused" else "",
    }


def _details(state: str) -> DetailsForm:
    """The form with an address, or refused because it is empty."""
    is_refused = state != "details"
    known = {} if is_refused else {**orders.ADDRESS, "email": ORDER.customer_email}
    known |= {"country": orders.ADDRESS["country"]}
    form = DetailsForm.of(needs_address=True, data=known)
    if is_refused:
        del form.csrf_token
        form.validate()
    return form


def _policy(style: str = "") -> str:
    """As the product's, but framed by the guide, and nothing runs: there is nothing to talk to."""
    return security.policy("'self'", style=style) + "; sandbox allow-same-origin"


def _framed(html: str, policy: str) -> Response:
    if spoken() == MIRRORED:
        html = html.replace("<html", '<html dir="rtl"', 1)
    response = Response(html)
    response.headers["Content-Security-Policy"] = policy
    return response
