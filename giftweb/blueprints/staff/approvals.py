"""A second pair of eyes: what waits for another person, and above which amounts."""

from typing import Any

from flask import Blueprint, Response, url_for
from wtforms import StringField
from wtforms.validators import Optional

from giftweb.domain import desk
from giftweb.domain.desk.approvals import Approval
from giftweb.errors import DomainError
from giftweb.web import forms, pages
from giftweb.web.access import actors
from giftweb.web.forms.fields import Form, MoneyField, Required
from giftweb.web.http import errors, htmx

blueprint = Blueprint("approvals", __name__, url_prefix="/staff/approvals")

PLACES = {"order": ("orders.show", "number"), "gift_card": ("gift_cards.show", "card_id")}


class LimitForm(Form):
    """Above which amount another person has to look."""

    currency = StringField("Currency", [Required("Enter a currency, such as USD.")])
    amount = MoneyField("Limit", [Optional()], least=0)


@blueprint.get("/")
def index() -> Response:
    """What waits, and what was decided last."""
    return htmx.render("approvals/list.html", "approvals/_approvals.html", **_values())


@blueprint.get("/<approval_id>")
def show(approval_id: str) -> Response:
    """One request for an approval: by whom, for what, and why."""
    return _panel(desk.approvals.find(approval_id), Form())


@blueprint.post("/<approval_id>/approval")
def approve(approval_id: str) -> Response:
    """**Approve**: it is done."""
    return _decide(approval_id, approve=True)


@blueprint.post("/<approval_id>/refusal")
def decline(approval_id: str) -> Response:
    """**Decline**: it is not done."""
    return _decide(approval_id, approve=False)


def _decide(approval_id: str, *, approve: bool) -> Response:
    found, form = desk.approvals.find(approval_id), Form()
    try:
        verb = desk.approvals.approve if approve else desk.approvals.decline
        verb(approval_id, by=actors.current())
    except DomainError as error:
        form.refuse(error)
        return _panel(found, form, status=errors.status_of(error))
    return htmx.replaced(
        "approvals/_approvals.html",
        "approvals",
        back_to=url_for("approvals.index"),
        message="Approved, and done." if approve else "Declined. Nothing was done.",
        **_values(),
    )


@blueprint.route("/limits", methods=["GET", "POST"])
def limits() -> Response:
    """The limits, by currency. Only Root."""
    form = LimitForm(currency=forms.fields.sent_currency())

    def work() -> Response:
        currency = form.currency.data.upper()
        desk.approval_limits.put(currency, amount=form.amount.data, by=actors.current())
        place = url_for("approvals.limits")
        return htmx.redirect_to(place, message=f"The limit in {currency} is set.")

    return pages.action.run(form, work, lambda status: _limits(form, status))


def _limits(form: LimitForm, status: int) -> Response:
    page, partial = "approvals/limits.html", "approvals/_limits.html"
    limits = desk.approval_limits.all_of_them()
    return htmx.render(page, partial, status=status, form=form, limits=limits)


def _values() -> dict[str, Any]:
    return {
        "waiting": desk.approvals.waiting(),
        "decided": desk.approvals.decided(),
        "what": WHAT,
        "own_id": actors.current().id,
    }


WHAT = {
    desk.approvals.ISSUE: "New gift card",
    desk.approvals.TOP_UP: "Recharge",
    desk.approvals.ADJUST: "Adjustment",
    desk.approvals.ORDER_CARD: "Gift card on an order",
    desk.approvals.RECEIVE: "Payment received",
}


def _panel(found: Approval, form: Form, *, status: int = 200) -> Response:
    kind, key = desk.approvals.place_of(found)
    endpoint, name = PLACES.get(kind, ("", ""))
    place: dict[str, Any] = {name: key}
    return htmx.render(
        "approvals/show.html",
        "approvals/_approval.html",
        status=status,
        approval=found,
        form=form,
        what=WHAT,
        is_own=found.asked_by_id == actors.current().id,
        may_decide=actors.current().role in desk.approvals.MAY_DECIDE,
        about=url_for(endpoint, **place) if endpoint else "",
    )
