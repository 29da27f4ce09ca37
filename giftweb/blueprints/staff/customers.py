"""Customers at the desk: the list, search as you type, a customer's page with their gift cards."""

from typing import Any

from flask import Blueprint, Response, render_template, request, url_for
from wtforms import StringField, TextAreaField

from giftweb.domain import customers, notes, orders, outbox
from giftweb.domain.customers.customers import Customer
from giftweb.language import gettext, lazy_gettext
from giftweb.web import pages
from giftweb.web.access import actors
from giftweb.web.forms.fields import EmailField, Form, Required
from giftweb.web.http import htmx

blueprint = Blueprint("customers", __name__, url_prefix="/staff/customers")


LATEST = 5
"""So many orders are listed on a customer's page."""


class CustomerForm(Form):
    """Somebody to register."""

    email = EmailField(
        lazy_gettext("Email"), [Required(lazy_gettext("Enter the customer's email address."))]
    )
    name = StringField(lazy_gettext("Name"), [Required(lazy_gettext("Enter the customer's name."))])


class NoteForm(Form):
    """A note on a customer."""

    text = TextAreaField(lazy_gettext("Note"), [Required(lazy_gettext("Write the note first."))])


@blueprint.get("/")
def index() -> Response:
    """The list."""
    text, after = request.args.get("q", "").strip(), request.args.get("after")
    found = customers.search(text, sort=request.args.get("sort", "name"), after=after)
    return htmx.render(
        "customers/list.html",
        "customers/_customers.html",
        found=found,
        text=text,
        is_first=not after,
        chips=pages.searches.chips([("q", text, gettext("Search: {value}", value=text))]),
    )


@blueprint.get("/customers.<any(csv, xlsx):suffix>")
def download(suffix: str) -> Response:
    """Every customer of the current search as a file."""
    rows = customers.download(request.args.get("q", "").strip(), by=actors.current())
    return pages.downloads.of_list("customers", suffix, customers.customers.COLUMNS, rows)


@blueprint.get("/options")
def options() -> str:
    """What **Holder Email** finds while one types, with **Is Customer** on (S17)."""
    text = request.args.get("holder_email", "")
    if not request.args.get("is_customer") or not text.strip():
        return ""
    found = [(each.email, each.name, each.email) for each in customers.suggest(text)]
    return render_template("customers/_options.html", found=found)


@blueprint.route("/new", methods=["GET", "POST"])
def new() -> Response:
    """Register somebody."""
    form = CustomerForm()

    def work() -> Response:
        customer = customers.register(
            email=form.email.data or "", name=form.name.data or "", by=actors.current()
        )
        place = url_for("customers.show", customer_id=customer.id)
        return htmx.redirect_to(place, message=gettext("{name} is registered.", name=customer.name))

    page, partial = "customers/new.html", "customers/_new.html"
    return pages.action.run(
        form, work, lambda status: htmx.render(page, partial, status=status, form=form)
    )


@blueprint.get("/<customer_id>")
def show(customer_id: str) -> Response:
    """A customer: who they are, notes, and at the bottom all their gift cards (S9)."""
    customer = customers.find(customer_id)
    values = _values(customer)
    return htmx.render("customers/show.html", "customers/_gift_cards.html", **values)


@blueprint.post("/<customer_id>/notes")
def write_note(customer_id: str) -> Response:
    """Add a note."""
    customer, form = customers.find(customer_id), NoteForm()

    def work() -> Response:
        notes.write(customer.id, text=form.text.data or "", by=actors.current())
        place, values = url_for("customers.show", customer_id=customer.id), _values(customer)
        return htmx.replaced(
            "customers/_notes.html", "notes", back_to=place, message=gettext("Noted."), **values
        )

    def show(status: int) -> Response:
        values = _values(customer) | {"note_form": form}
        return htmx.render("customers/show.html", "customers/_notes.html", status=status, **values)

    return pages.action.run(form, work, show)


def _values(customer: Customer) -> dict[str, Any]:
    """What every part of a customer's page is drawn from."""
    cards = customers.cards_of(customer)
    return {
        "customer": customer,
        "cards": cards,
        "worth": customers.worth(cards),
        "events": pages.timeline.of_notes(notes.of(customer.id)),
        "orders": orders.of_customer(customer.id, limit=LATEST),
        "bought": orders.of_customers.bought(customer.id),
        "note_form": NoteForm(formdata=None),
        "mails": outbox.mails.of_address(customer.email, limit=10),
    }
