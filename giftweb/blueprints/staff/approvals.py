"""A second pair of eyes: what waits for another person."""

from typing import Any

from flask import Blueprint, Response, url_for

from giftweb.domain import desk, staff
from giftweb.domain.desk.approvals import Approval
from giftweb.errors import DomainError
from giftweb.language import gettext
from giftweb.web import pages
from giftweb.web.access import actors, gate, places
from giftweb.web.forms.fields import Form
from giftweb.web.http import errors, htmx
from giftweb.web.text.words import APPROVALS

blueprint = Blueprint("approvals", __name__, url_prefix="/staff/approvals")

PLACES = {
    "order": ("orders.show", "number"),
    "gift_card": ("gift_cards.show", "card_id"),
    "campaign": ("campaigns.edit", "campaign_id"),
}


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
    message = gettext("Approved, and done.") if approve else gettext("Declined. Nothing was done.")
    home = url_for("approvals.index")
    if pages.action.came_from(home) != home:
        return htmx.redirect_to(pages.action.came_from(home), message=message)
    partial = ("approvals/_approvals.html", "approvals")
    return htmx.replaced(*partial, back_to=home, message=message, **_values())


def _values() -> dict[str, Any]:
    return {
        "waiting": desk.approvals.waiting(),
        "decided": desk.approvals.decided(),
        "what": APPROVALS,
        "own_id": actors.current().id,
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
        next=places.wanted() if htmx.is_fragment() else "",
        what=APPROVALS,
        is_own=found.asked_by_id == actors.current().id,
        why_not=staff.vouching.why_no_second_person(actors.current(), beside=found.asked_by_id),
        may_decide=actors.current().role in desk.approvals.MAY_DECIDE,
        about=url_for(endpoint, **place) if endpoint and gate.may_open(endpoint) else "",
    )
