"""The balance page (S53 to S55). It knows no cookie, and the code alone opens it (S54).

The answer to a POST is the page itself, so that the code stands in no address; further pages of
the history are POSTs too.
"""

from flask import Blueprint, Response, current_app, request

from giftweb.domain import cards
from giftweb.domain.cards.statement import Shop
from giftweb.errors import DomainError, Invalid, NotFound, PinRequired, TooManyTries
from giftweb.web import pages
from giftweb.web.access import actors
from giftweb.web.http import errors, requests, static_files

blueprint = Blueprint("public", __name__)


@blueprint.get("/")
@blueprint.get("/balance")
def ask() -> Response:
    """The form; with ``?shop=`` and a campaign's id in the name and colour of that shop."""
    return pages.balance.answer(typed="", shop=_linked_shop())


@blueprint.post("/")
@blueprint.post("/balance")
def show() -> Response:
    """The card and a page of its history, or the form with what is wrong and what was typed."""
    form = requests.form_fields()
    typed, pin = form.get("code", "").strip(), form.get("pin", "").strip()
    try:
        found = cards.statement.read(
            typed,
            source=actors.client_address(),
            pin=pin,
            proof=form.get("proof", ""),
            before=_number(form.get("before", "")),
        )
    except (Invalid, NotFound, TooManyTries, PinRequired) as error:
        return _refusal(error, typed, has_pin="pin" in form)
    return pages.balance.answer(
        typed=typed,
        pin=pin,
        shop=found.shop or _linked_shop(),
        found=found,
        is_later_page="before" in form,
    )


@blueprint.post("/balance/card.pdf")
def paper() -> Response:
    """The card on paper, for who has typed its code."""
    form = requests.form_fields()
    typed, pin = form.get("code", "").strip(), form.get("pin", "").strip()
    try:
        found = cards.statement.read(typed, source=actors.client_address(), pin=pin)
    except (Invalid, NotFound, TooManyTries, PinRequired) as error:
        return _refusal(error, typed, has_pin="pin" in form)
    return pages.paper.answer(cards.find(found.card_id), cards.holder.open_code(found.card_id))


@blueprint.get(static_files.ICON)
def icon() -> Response:
    """The icon for who looks for one without reading a page."""
    return current_app.send_static_file("favicon.ico")


def _number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 10 else None


def _linked_shop() -> Shop | None:
    """The shop whose link led here."""
    if not request.environ.get("QUERY_STRING"):
        return None
    campaign_id = request.args.get("shop")
    return cards.statement.shop_of(campaign_id) if campaign_id else None


def _refusal(error: DomainError, typed: str, *, has_pin: bool) -> Response:
    status = errors.status_of(error)
    is_slowed = isinstance(error, TooManyTries) and has_pin
    response = pages.balance.answer(
        typed=typed,
        needs_pin=isinstance(error, PinRequired) or is_slowed,
        shop=_linked_shop(),
        error=error.sentence,
        challenge=error.challenge if isinstance(error, TooManyTries) else "",
        status=status,
    )
    if isinstance(error, TooManyTries):
        response.headers["Retry-After"] = str(error.retry_after)
    return response
