"""Signing in and out of the desk, and the password once more before what could do harm."""

from typing import Any
from urllib.parse import quote

from flask import Blueprint, Response, current_app, make_response, render_template, request, session
from wtforms import HiddenField, PasswordField, StringField

from giftweb.domain import staff
from giftweb.errors import DomainError, LinkIsOver, NotAllowed, PasswordTooWeak
from giftweb.language import gettext, lazy_gettext
from giftweb.web.access import actors, sign_in
from giftweb.web.access.confirmation import ConfirmForm
from giftweb.web.access.places import local_path
from giftweb.web.forms.fields import Form, Required
from giftweb.web.http import errors, htmx, security

blueprint = Blueprint("auth", __name__)


class SignInForm(Form):
    """The first step. The address is text: a wrong one gets the error of a wrong password."""

    email = StringField(
        lazy_gettext("Email"), [Required(lazy_gettext("Enter your email address."))]
    )
    password = PasswordField(
        lazy_gettext("Password"), [Required(lazy_gettext("Enter your password."))]
    )
    next = HiddenField()


class PasskeyForm(Form):
    """What the device answered."""

    answer = HiddenField()
    next = HiddenField()


class LinkForm(Form):
    """A password of one's own, by the secret of a mailed link."""

    token = HiddenField()
    password = PasswordField(
        lazy_gettext("Password"), [Required(lazy_gettext("Enter a password."))]
    )


class CodeForm(Form):
    """The second step, for those who have an authenticator."""

    code = StringField(lazy_gettext("Code"), [Required(lazy_gettext("Enter the code."))])
    next = HiddenField()


@blueprint.route("/login", methods=["GET", "POST"])
def login() -> Any:
    """The first step."""
    form = SignInForm(next=local_path(request.args.get("next")))
    if sign_in.person() is not None:
        return htmx.redirect_to(local_path(form.next.data))
    if not form.validate_on_submit():
        return _page("auth/login.html", form)
    try:
        entry = staff.sign_in.with_password(
            form.email.data,
            password=form.password.data,
            visitor=actors.visitor(),
            is_strict=current_app.config["GIFTWEB"].is_https,
        )
    except DomainError as error:
        return _refused("auth/login.html", form, error)
    place = local_path(form.next.data)
    if entry.owes_code:
        sign_in.keep_pending(entry)
        return htmx.redirect_to(f"/login/code?next={quote(place, safe='/')}")
    return sign_in.enter(entry, htmx.redirect_to(place))


@blueprint.post("/login/passkey")
def passkey() -> Response:
    """Both steps at once, by a key in the person's own device."""
    form = PasskeyForm()
    try:
        entry = staff.sign_in.with_passkey(
            form.answer.data or "",
            challenge=sign_in.answered_challenge(),
            site=sign_in.site(),
            visitor=actors.visitor(),
        )
    except DomainError as error:
        return _refused("auth/login.html", SignInForm(formdata=None, next=form.next.data), error)
    return sign_in.enter(entry, htmx.redirect_to(local_path(form.next.data)))


@blueprint.route("/login/code", methods=["GET", "POST"])
def code() -> Any:
    """The second step."""
    form = CodeForm(next=local_path(request.args.get("next")))
    if sign_in.PENDING not in session:
        return htmx.redirect_to("/login")
    if not form.validate_on_submit():
        return _page("auth/code.html", form)
    try:
        entry = staff.sign_in.with_code(
            session[sign_in.PENDING], code=form.code.data, visitor=actors.visitor()
        )
    except NotAllowed as error:
        sign_in.leave()
        return htmx.redirect_to("/login", message=error.sentence)
    except DomainError as error:
        return _refused("auth/code.html", form, error)
    return sign_in.enter(entry, htmx.redirect_to(local_path(form.next.data)))


@blueprint.route("/login/link", methods=["GET", "POST"])
def link() -> Response:
    """A mailed link: choose a password, then sign in with it. Only the POST uses the link up."""
    form = LinkForm(token=request.args.get("token", ""))
    try:
        person = staff.people.owner_of_link(form.token.data or "")
        if not form.validate_on_submit():
            return _page("auth/link.html", form, person=person)
        staff.choose_password(form.token.data or "", password=form.password.data)
    except PasswordTooWeak as error:
        return _refused("auth/link.html", form, error, person=person)
    except LinkIsOver as error:
        sentence = gettext(
            "{value} from a colleague with the role Root.", value=error.sentence[:-1]
        )
        return htmx.redirect_to("/login", message=sentence)
    return htmx.redirect_to("/login", message=gettext("Your password is chosen. Sign in with it."))


@blueprint.post("/logout")
def logout() -> Response:
    """End the sign-in, here and on the server."""
    sign_in.leave()
    return security.forgotten(htmx.redirect_to("/login", message=gettext("You are signed out.")))


@blueprint.route("/staff/confirm", methods=["GET", "POST"])
def confirm() -> Any:
    """The password again; then on to where one was going."""
    form = ConfirmForm(next=local_path(request.args.get("next")))
    place = local_path(form.next.data)
    pages = ("auth/confirm.html", "auth/_confirm.html")
    if not form.validate_on_submit():
        return htmx.render(*pages, form=form, status=422 if form.errors else 200)
    try:
        person = sign_in.signed_in()
        visitor = actors.visitor()
        staff.sign_in.confirm(person.session, password=form.password.data, visitor=visitor)
    except DomainError as error:
        form.refuse(error)
        return htmx.render(*pages, form=form, status=errors.status_of(error))
    if htmx.is_fragment():
        return render_template("auth/_confirmed.html", place=place)
    return htmx.redirect_to(place)


def _page(template: str, form: Form, **values: Any) -> Response:
    values["with_recovery"] = "recovery" in request.args
    if template == "auth/login.html" and (site := sign_in.site()).may_have_passkeys:
        challenge = sign_in.ask_challenge()
        values["passkey_options"] = staff.passkeys.options_to_enter(challenge, site=site)
    page = render_template(template, form=form, **values)
    return make_response(page, 422 if form.errors else 200)


def _refused(template: str, form: Form, error: DomainError, **values: Any) -> Response:
    form.refuse(error)
    response = _page(template, form, **values)
    response.status_code = errors.status_of(error)
    if "retry_after" in error.details:
        response.headers["Retry-After"] = str(error.details["retry_after"])
    return response
