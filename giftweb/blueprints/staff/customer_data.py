"""A customer's data at the desk: corrected, merged, handed out, erased (B29, D18)."""

import json
from collections.abc import Callable
from typing import Any

from flask import Blueprint, Response, request, url_for

from giftweb.domain import audit, customers, desk, privacy
from giftweb.domain.customers.customers import Customer
from giftweb.language import gettext
from giftweb.web import pages
from giftweb.web.access import actors
from giftweb.web.access.confirmation import confirmed
from giftweb.web.forms.customers import EditForm, EraseForm, MergeForm
from giftweb.web.forms.fields import Form
from giftweb.web.http import htmx

blueprint = Blueprint("customer_data", __name__, url_prefix="/staff/customers")


@blueprint.route("/<customer_id>/edit", methods=["GET", "POST"])
def edit(customer_id: str) -> Response:
    """Correct the name or the address; cards go along with another address."""
    customer = customers.find(customer_id)
    form = EditForm(email=customer.email, name=customer.name)

    def work() -> Response:
        desk.customer_records.edit(
            customer_id,
            email=form.email.data or "",
            name=form.name.data or "",
            reason=form.reason.data or None,
            by=actors.current(),
        )
        return htmx.redirect_to(_place(customer_id), message=gettext("Saved."))

    return _run("edit", customer, form, work)


@blueprint.route("/<customer_id>/merge", methods=["GET", "POST"])
def merge(customer_id: str) -> Response:
    """Merge another record of the same person into this one: first in numbers."""
    customer, form = customers.find(customer_id), MergeForm()

    def work() -> Response:
        email, reason = form.email.data or "", form.reason.data
        if not form.is_checked.data:
            found = desk.customer_records.preview(customer_id, email=email)
            return _panel("merge", customer, form, found=found)
        desk.customer_records.merge(customer_id, email=email, reason=reason, by=actors.current())
        return htmx.redirect_to(_place(customer_id), message=gettext("Merged."))

    return _run("merge", customer, form, work, found=None)


@blueprint.get("/<customer_id>/data.json")
def export(customer_id: str) -> Response:
    """All that is known of the customer, as a file; that it was taken is kept."""
    customer = customers.find(customer_id)
    document = privacy.export.export(customer.email)
    audit.record(by=actors.current(), action="customer.exported", subject=customer_id)
    return pages.downloads.document(f"{customer_id}.json", json.dumps(document, indent=2))


@blueprint.route("/<customer_id>/erase", methods=["GET", "POST"])
@confirmed
def erase(customer_id: str) -> Response:
    """The person out of everything, after the password again. It cannot be undone."""
    customer, form = customers.find(customer_id), EraseForm()

    def work() -> Response:
        privacy.erasure.erase(
            customer.email,
            by=actors.current(),
            reason=form.reason.data,
            force=bool(form.force.data),
        )
        return htmx.redirect_to(url_for("customers.index"), message=gettext("Erased."))

    return _run("erase", customer, form, work)


@blueprint.post("/of-card/<card_id>")
def register(card_id: str) -> Response:
    """Register whoever holds a card."""
    customer = customers.changes.register_from_card(card_id, by=actors.current())
    return htmx.redirect_to(_place(customer.id), message=gettext("Registered."))


def _run(
    name: str, customer: Customer, form: Form, work: Callable[[], Response], **values: Any
) -> Response:
    return pages.action.run(
        form, work, lambda status: _panel(name, customer, form, status=status, **values)
    )


def _panel(
    name: str, customer: Customer, form: Form, *, status: int = 200, **values: Any
) -> Response:
    return htmx.panel(
        f"customers/_{name}.html",
        status=status,
        customer=customer,
        form=form,
        address=request.path,
        away=_place(customer.id),
        **values,
    )


def _place(customer_id: str) -> str:
    return url_for("customers.show", customer_id=customer_id)
