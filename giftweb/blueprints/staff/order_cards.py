"""Gift cards on an order: **Issue New Gift Card**, **Delete**, and freezing instead (S1 to S8)."""

from typing import Any

from flask import Blueprint, Response, request, url_for

from giftweb import money
from giftweb.domain import cards, desk, orders, refunds
from giftweb.domain.cards.values import Card
from giftweb.domain.orders.values import Order
from giftweb.errors import CardAlreadyUsed, Invalid, NotFound, OrderTotalExceeded
from giftweb.language import gettext, lazy_gettext
from giftweb.money import Money, money_text
from giftweb.web import mail, pages
from giftweb.web.access import actors
from giftweb.web.forms.fields import Form
from giftweb.web.forms.once import ReasonForm
from giftweb.web.forms.orders import IssueForm
from giftweb.web.http import errors, htmx
from giftweb.web.text import order_effects

blueprint = Blueprint("order_cards", __name__, url_prefix="/staff/orders/<int:number>/gift-cards")

FREEZE_INSTEAD = lazy_gettext(
    "This card has been used, so it cannot be deleted. You can freeze it instead."
)
FROZEN_ALREADY = lazy_gettext(
    "This card has been used, so it cannot be deleted. It is frozen already."
)


@blueprint.route("/new", methods=["GET", "POST"])
def issue(number: int) -> Response:
    """**Issue New Gift Card**, with the arithmetic of S8 before **Send**."""
    order = orders.find_by_number(number)
    form = IssueForm(currency=order.currency, email=order.customer_email)

    def work() -> Response:
        try:
            message = pages.action.done_or_waiting(lambda: _issue(order, form))
        except OrderTotalExceeded as error:
            return _exceeded(order, form, error)
        return pages.order.replaced(order, message)

    return pages.action.run(form, work, lambda status: _issue_panel(order, form, status))


def _issue_panel(order: Order, form: IssueForm, status: int, warning: str = "") -> Response:
    room = desk.order_cards.room(order, new=form.amount.data or Money(0, order.currency))
    return pages.order.panel("issue", order, form, status=status, room=room, warning=warning)


def _issue(order: Order, form: IssueForm) -> str:
    def verb() -> dict[str, Any]:
        card = desk.order_cards.issue(
            order.id,
            amount=form.money,
            email=form.email.data,
            expires_on=form.expires_on.data,
            reason=form.reason.data,
            may_exceed=bool(form.proceed.data),
            by=actors.current(),
        )
        return {"card": card.last4}

    last4 = pages.action.once(form, verb).body["card"]
    return mail.smtp.on_its_way(
        gettext("Gift card •••• {last4}", last4=last4), form.email.data or ""
    )


def _exceeded(order: Order, form: IssueForm, error: OrderTotalExceeded) -> Response:
    """A warning for whoever may proceed; for others an error on the field."""
    excess, status = money_text(error.details["excess"]), errors.status_of(error)
    sentence = gettext(
        "Refunds plus gift cards would exceed the order's total by {excess}.", excess=excess
    )
    if error.details["may_proceed"]:
        return _issue_panel(order, form, status, warning=sentence)
    form.refuse(
        Invalid(gettext("{sentence} Contact the manager.", sentence=sentence), field="amount")
    )
    return _issue_panel(order, form, status)


@blueprint.get("/arithmetic")
def arithmetic(number: int) -> Response:
    """Paid, refunded, already issued, new, left: as the amount is typed."""
    order = orders.find_by_number(number)
    try:
        new = money.parse(request.args.get("amount", ""), order.currency)
    except Invalid:
        new = Money(0, order.currency)
    room = desk.order_cards.room(order, new=new)
    return htmx.render("orders/_arithmetic.html", "orders/_arithmetic.html", room=room)


@blueprint.route("/<card_id>/deletion", methods=["GET", "POST"])
def delete(number: int, card_id: str) -> Response:
    """**Delete** an unused card; a used one is refused, and freezing it is offered."""
    order, card = _found(number, card_id)
    form, used = ReasonForm(), cards.endings.has_been_used(card_id)
    if used and card.status == cards.FROZEN:
        return pages.order.refused(order, form, str(FROZEN_ALREADY))
    if used:
        status = errors.status_of(CardAlreadyUsed())
        return _panel_for("freeze", order, card, ReasonForm(formdata=None), status=status)

    def work() -> str:
        gone = desk.card_withdrawal.delete(
            order.id, card_id=card_id, reason=form.reason.data, by=actors.current()
        )
        refunds.send(gone.claimed)
        return gettext("Gift card •••• {last4} is deleted.", last4=card.last4)

    return pages.order.run_action(
        "delete", order, form, work, card=card, effects=_effects_of_deleting(card)
    )


def _effects_of_deleting(card: Card) -> list[str]:
    first = gettext(
        "Card •••• {last4} ends. {balance} on it is withdrawn.",
        last4=card.last4,
        balance=money_text(card.balance),
    )
    return [first, *order_effects.of_price(card)]


def _panel_for(name: str, order: Order, card: Card, form: Form, *, status: int = 200) -> Response:
    address = url_for("order_cards.freeze", number=order.number, card_id=card.id)
    return pages.order.panel(
        name, order, form, status=status, card=card, why=FREEZE_INSTEAD, freeze_address=address
    )


@blueprint.route("/<card_id>/freeze", methods=["GET", "POST"])
def freeze(number: int, card_id: str) -> Response:
    """Freeze a card of the order; it can be undone at once."""
    order, card = _found(number, card_id)
    form = ReasonForm()

    def work() -> str:
        cards.freeze(card_id, by=actors.current(), reason=form.reason.data)
        return gettext("Gift card •••• {last4} is frozen.", last4=card.last4)

    undo = url_for("order_cards.unfreeze", number=number, card_id=card_id)
    address = url_for("order_cards.freeze", number=number, card_id=card_id)
    return pages.order.run_action(
        "freeze", order, form, work, undo=undo, card=card, why="", freeze_address=address
    )


@blueprint.post("/<card_id>/unfreeze")
def unfreeze(number: int, card_id: str) -> Response:
    """Undo a freeze."""
    order, card = _found(number, card_id)
    cards.unfreeze(card_id, by=actors.current(), reason="Undone")
    return pages.order.replaced(
        order, gettext("Gift card •••• {last4} can be used again.", last4=card.last4)
    )


def _found(number: int, card_id: str) -> tuple[Order, Card]:
    order, card = orders.find_by_number(number), cards.find(card_id)
    if card.order_id != order.id:
        raise NotFound
    return order, card
