"""Small rests put onto one card, by their holder (B25)."""

from flask import Blueprint, Response, make_response, render_template, url_for

from giftweb.domain import cards, customers
from giftweb.domain.audit.log import Actor
from giftweb.domain.cards.values import Card
from giftweb.errors import DomainError, NotAllowed
from giftweb.language import gettext
from giftweb.web import mail
from giftweb.web.access import shoppers
from giftweb.web.http import errors, htmx, requests

blueprint = Blueprint("account_merging", __name__, url_prefix="/account/merge")


@blueprint.get("")
def index() -> Response:
    """Which cards can be put together."""
    customer = shoppers.current()
    if customer is None:
        return htmx.redirect_to(url_for("account.sign_in"))
    return _page(customer)


@blueprint.post("")
def merge() -> Response:
    """Put them together; the new code is mailed."""
    customer = shoppers.current()
    if customer is None:
        raise NotAllowed
    own = {card.id for group in _groups(customer) for card in group}
    chosen = [card_id for card_id in requests.form().getlist("card") if card_id in own]
    by = Actor(kind="customer", id=customer.id, name=customer.name)
    try:
        new = cards.merging.merge(chosen, by=by).card
    except DomainError as problem:
        return _page(customer, problem)
    message = gettext("Everything is on gift card •••• {last4} now.", last4=new.last4)
    return htmx.redirect_to(url_for("account.index"), message=f"{message} {_where_code_goes(new)}")


def _where_code_goes(card: Card) -> str:
    if not mail.smtp.has_server():
        return gettext(
            "This shop cannot send mail at the moment. Ask it for help, or come back later."
        )
    return gettext("Its code is on its way to {address}.", address=card.holder_email or "")


def _groups(customer: customers.Customer) -> list[list[Card]]:
    """A card with a PIN is merged where its PIN is entered, not here."""
    found = customers.cards_of(customer)
    return cards.merging.groups(card for card in found if not card.needs_pin)


def _page(customer: customers.Customer, problem: DomainError | None = None) -> Response:
    html = render_template(
        "account/merge.html",
        customer=customer,
        shop=None,
        groups=_groups(customer),
        problem=problem,
    )
    return make_response(html, errors.status_of(problem) if problem else 200)
