"""The desk's first page: what waits, and where to go."""

from typing import Any

from flask import Blueprint, Response, url_for

from giftweb.domain import desk
from giftweb.errors import NotAllowed
from giftweb.language import gettext, lazy_gettext
from giftweb.web import pages
from giftweb.web.access import actors, gate
from giftweb.web.http import htmx
from giftweb.web.text import templating

blueprint = Blueprint("home", __name__, url_prefix="/staff")

PLACES = {
    "approval": "approvals.show",
    "payment_awaited": "orders.show",
    "review": "orders.show",
    "refund_unanswered": "orders.show",
    "refund_failed": "orders.show",
    "refund_requested": "orders.show",
    "refund_to_send": "orders.show",
    "chargeback": "orders.show",
    "shortfall": "orders.show",
    "hold": "gift_cards.show",
    "mail": "outbox.show",
    "webhook": "webhooks.show",
    "erasure": "customer_data.erase",
}
"""Where a row is put right. Whoever may not open that does not see the row."""

TITLES = {
    "approval": lazy_gettext("Waiting for approval"),
    "payment_awaited": lazy_gettext("Awaited payments"),
    "review": lazy_gettext("Gift cards to review before they are sent"),
    "refund_unanswered": lazy_gettext("Refunds without a provider's answer"),
    "refund_failed": lazy_gettext("Refunds that failed"),
    "refund_requested": lazy_gettext("Refunds that a shop is asked for"),
    "refund_to_send": lazy_gettext("Refunds to send by hand"),
    "chargeback": lazy_gettext("Chargebacks"),
    "shortfall": lazy_gettext("Shortfalls"),
    "hold": lazy_gettext("Holds about to lapse"),
    "mail": lazy_gettext("Mails that were not sent"),
    "webhook": lazy_gettext("Webhooks that were not delivered"),
    "erasure": lazy_gettext("Customers who ask to be forgotten"),
}


@blueprint.get("/")
def index() -> Response:
    """Where the work of the person's role begins; a cashier's is at the counter."""
    if not gate.has_dashboard():
        return htmx.redirect_to(url_for("counter.index"))
    steps = pages.set_up.steps()
    figures = pages.figures.for_role(str(actors.current().role))
    return htmx.render(
        "home/index.html", "home/_work.html", steps=steps, figures=figures, **_values()
    )


@blueprint.post("/work/<kind>/<subject>/seen")
def mark_seen(kind: str, subject: str) -> Response:
    """Take a row off the list, if it is on the person's own."""
    if kind in PLACES and not _is_own(kind):
        raise NotAllowed
    desk.work_list.mark_seen(kind, subject=subject, by=actors.current())
    undo = url_for("home.unmark", subject=subject)
    return _again(gettext("Marked as seen."), undo)


@blueprint.post("/work/<subject>/unseen")
def unmark(subject: str) -> Response:
    """Put it back."""
    desk.work_list.unmark(subject, by=actors.current())
    return _again(gettext("Back on the list."))


def _again(message: str, undo: str = "") -> Response:
    partial = ("home/_work.html", "work")
    return htmx.replaced(*partial, back_to="/staff/", message=message, undo=undo, **_values())


def _values() -> dict[str, Any]:
    menu = templating.side_menu("/staff/", gate.may_open_address)
    work = desk.work_list.waiting([kind for kind in desk.work_list.KINDS if _is_own(kind)])
    return {
        "work": work,
        "rows": pages.work.rows(work, PLACES),
        "titles": TITLES,
        "places": [item for item in menu if item.href != "/staff/"],
    }


def _is_own(kind: str) -> bool:
    """Whether whoever is here can put rows of a kind right: the outbox is Root's."""
    return gate.may_open("outbox.index" if kind == "mail" else PLACES[kind])
