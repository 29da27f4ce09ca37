"""People, for Root: who signs in to the desk, in which role (D14)."""

from collections.abc import Callable
from typing import Any

from flask import Blueprint, Response, request
from wtforms import RadioField, StringField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import Length

from giftweb.domain import audit, desk, staff
from giftweb.domain.staff.people import Person
from giftweb.language import gettext, lazy_gettext
from giftweb.web import mail, pages
from giftweb.web.access import actors
from giftweb.web.access.confirmation import confirmed
from giftweb.web.forms.fields import EmailField, Form, Required
from giftweb.web.forms.once import ReasonForm
from giftweb.web.http import htmx
from giftweb.web.text import audit_log
from giftweb.web.text.words import LABELS, options

blueprint = Blueprint("people", __name__, url_prefix="/staff/people")

PAGE = 50
HINTS = {
    "customer_service": lazy_gettext("Gift cards, customers and orders, up to an order's total."),
    "customer_service_admin": lazy_gettext("The same, and may go over an order's total."),
    "marketing": lazy_gettext("Campaigns, their settings and bonuses."),
    "finance": lazy_gettext("Reports."),
    "cashier": lazy_gettext("The counter of a shop, and nothing else."),
    "root": lazy_gettext("Everything, and these pages."),
}


class RoleForm(ReasonForm):
    """A name and a role."""

    name = StringField(
        lazy_gettext("Name"), [Required(lazy_gettext("Enter the person's name.")), Length(max=120)]
    )
    role = RadioField(
        lazy_gettext("Role"),
        [Required(lazy_gettext("Choose a role."))],
        choices=[SelectChoice(value=role, label=LABELS[role]) for role in staff.ROLES],
    )


class NewForm(RoleForm):
    """Somebody new."""

    email = EmailField(
        lazy_gettext("Email"), [Required(lazy_gettext("Enter the person's email address."))]
    )


@blueprint.get("/")
def index() -> Response:
    """The list."""
    text, role = request.args.get("q", "").strip(), request.args.get("role", "")
    state, after = request.args.get("state", ""), request.args.get("after")
    wanted: dict[str, Any] = {"role": role, "is_active": {"active": True, "off": False}.get(state)}
    return htmx.render(
        "people/index.html",
        "people/_people.html",
        found=staff.search(text, **wanted, after=after, limit=PAGE),
        is_first=not after,
        q=text,
        role=role,
        state=state,
        roles=options(staff.ROLES),
    )


@blueprint.route("/new", methods=["GET", "POST"])
@confirmed
def new() -> Response:
    """Somebody new, who chooses a password by a mailed link."""
    form = NewForm()

    def work() -> Response:
        person = staff.invite(
            email=str(form.email.data),
            name=form.name.data,
            role=form.role.data,
            reason=form.reason.data,
            by=actors.current(),
        )
        return htmx.redirect_to(f"/staff/people/{person.id}", message=_link_sent(person))

    return _run("new", form, work, hints=HINTS)


@blueprint.get("/<person_id>")
def show(person_id: str) -> Response:
    """One person: who they are, what was done to their account, and what can be done now."""
    return htmx.render("people/show.html", "people/_person.html", **_values(person_id))


@blueprint.route("/<person_id>/edit", methods=["GET", "POST"])
@confirmed
def edit(person_id: str) -> Response:
    """Another name or role."""
    person = staff.find(person_id)
    form = RoleForm(name=person.name, role=person.role)

    def change(person_id: str, **more: Any) -> None:
        staff.change(person_id, name=form.name.data, role=form.role.data, **more)

    return _change(person, "edit", form, change, gettext("Saved."), hints=HINTS)


@blueprint.route("/<person_id>/deactivate", methods=["GET", "POST"])
@confirmed
def deactivate(person_id: str) -> Response:
    """Close the desk to somebody."""
    person = staff.find(person_id)
    message = gettext("{name} cannot sign in any more.", name=person.name)
    return _change(person, "deactivate", ReasonForm(), staff.deactivate, message)


@blueprint.route("/<person_id>/reactivate", methods=["GET", "POST"])
@confirmed
def reactivate(person_id: str) -> Response:
    """Open the desk to somebody again."""
    person = staff.find(person_id)
    message = gettext("{name} can sign in again.", name=person.name)
    return _change(person, "reactivate", ReasonForm(), staff.reactivate, message)


@blueprint.route("/<person_id>/authenticator", methods=["GET", "POST"])
@confirmed
def reset_authenticator(person_id: str) -> Response:
    """Take a lost authenticator away."""
    person = staff.find(person_id)
    message = gettext("{name} signs in with the password alone.", name=person.name)
    return _reset(person, "reset_authenticator", desk.resets.reset_factors, message)


@blueprint.route("/<person_id>/password", methods=["GET", "POST"])
@confirmed
def reset_password(person_id: str) -> Response:
    """A link by mail, to choose another password."""
    person = staff.find(person_id)
    return _reset(person, "reset_password", desk.resets.reset_password, _link_sent(person))


def _reset(person: Person, name: str, verb: Callable[..., bool], done: str) -> Response:
    """Somebody who approves for others waits for another one who does."""
    waits = gettext("It waits for another person's approval.")

    def reset(person_id: str, **more: Any) -> str:
        return waits if verb(person_id, **more) else done

    return _change(person, name, ReasonForm(), reset, done)


def _link_sent(person: Person) -> str:
    """What was done; without a mail server the link is passed on by hand."""
    if mail.smtp.has_server():
        return gettext("A link is on its way to {email}.", email=person.email)
    return gettext("There is no mail server: the mail with the link is kept in the outbox.")


def _change(
    person: Person, name: str, form: ReasonForm, verb: Callable, message: str, **values: Any
) -> Response:
    """A panel with a form; after the verb the person's page in its new state."""

    def work() -> Response:
        said = verb(person.id, by=actors.current(), reason=form.reason.data)
        return htmx.replaced(
            "people/_person.html",
            "person",
            back_to=f"/staff/people/{person.id}",
            message=said if isinstance(said, str) else message,
            **_values(person.id),
        )

    return _run(name, form, work, person=person, **values)


def _run(name: str, form: Form, work: Callable[[], Response], **values: Any) -> Response:
    """The panel until its form is right; then the response of the work."""
    return pages.action.run(
        form, work, lambda status: _panel(name, form=form, status=status, **values)
    )


def _values(person_id: str) -> dict[str, Any]:
    person = staff.find(person_id)
    entries = audit.search.search(audit.search.Wanted(subject=person_id), limit=20)
    return {
        "person": person,
        "link_until": staff.links.waiting_until(person_id),
        "approves_from": staff.vouching.approves_from(person_id),
        "is_oneself": person_id == actors.current().id,
        "passkeys": len(staff.passkeys.all_of(person_id)),
        "sign_ins": len(staff.sessions.all_of(person_id)),
        "history": audit_log.timeline(entries.items),
    }


def _panel(name: str, *, status: int = 200, **values: Any) -> Response:
    page, partial = f"people/{name}.html", f"people/_{name}.html"
    return htmx.render(page, partial, status=status, **values)
