"""The balance page (S53 to S55). It knows no cookie, and the code alone opens it (S54).

The answer to a POST is the page itself, so that the code stands in no address; further pages of
the history are POSTs too.
"""

from typing import Any

from flask import Blueprint, Response, current_app, request

from giftweb import clock
from giftweb.domain import card_values, statements
from giftweb.domain.statements import Shop, Statement
from giftweb.errors import DomainError, Invalid, NotFound, TooManyTries
from giftweb.money import Money
from giftweb.web import errors, security
from giftweb.web.htmx import is_fragment
from giftweb.web.templating import signed_money, type_label, when

blueprint = Blueprint("public", __name__)


@blueprint.get("/")
@blueprint.get("/balance")
def ask() -> Response:
    """The form; with ``?shop=`` and a campaign's id in the name and colour of that shop."""
    return _answer("balance", shop=_linked_shop(), typed="")


@blueprint.post("/")
@blueprint.post("/balance")
def show() -> Response:
    """The card and a page of its history, or the form with what is wrong and what was typed."""
    security.require_own_origin()
    typed, before = request.form.get("code", "").strip(), _before()
    try:
        found = statements.read(typed, source=request.remote_addr or "", before=before)
    except (Invalid, NotFound, TooManyTries) as error:
        return _refusal(error, typed)
    shop = found.shop or _linked_shop()
    fragment = "balance" if before is None else "history"
    return _answer(fragment, statement=found, lines=_lines(found), typed=typed, shop=shop)


def _before() -> int | None:
    text = request.form.get("before", "")
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 10 else None


def _linked_shop() -> Shop | None:
    """The shop whose link led here."""
    campaign_id = request.args.get("shop")
    return statements.shop_of(campaign_id) if campaign_id else None


def _lines(found: Statement) -> list[tuple[Any, ...]]:
    """The lines as the table shows them."""
    currency = found.balance.currency
    return [
        (
            line.id,
            line.order_number,
            line.order_reference,
            type_label(card_values.TYPES[line.kind]),
            when(clock.from_micros(line.created_at)),
            signed_money(Money(line.amount_minor, currency)),
        )
        for line in found.lines
    ]


def _refusal(error: DomainError, typed: str) -> Response:
    response = _answer("balance", shop=_linked_shop(), typed=typed, error=error.sentence)
    response.status_code = errors.status_of(error)
    if isinstance(error, TooManyTries):
        response.headers["Retry-After"] = str(error.retry_after)
    return response


def _answer(fragment: str, **values: Any) -> Response:
    """The page, or for htmx a fragment of it; without the app's context, which is the desk's."""
    name = f"public/_{fragment}.html" if is_fragment() else "public/balance.html"
    shop = values["shop"]
    address = f"/balance?shop={shop.campaign_id}" if shop else "/balance"
    text = current_app.jinja_env.get_template(name).render(address=address, **values)
    return Response(text, headers=HEADERS, mimetype="text/html")


HEADERS = {
    "Cache-Control": "no-store",
    "Vary": "HX-Request",
    # With no-referrer a browser sends "Origin: null" with its own forms.
    "Referrer-Policy": "same-origin",
}
