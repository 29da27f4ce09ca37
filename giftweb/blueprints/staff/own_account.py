"""One's own account at the desk: password, authenticator, recovery codes, sign-ins."""

import io
from collections.abc import Callable
from typing import Any

from flask import Blueprint, Response, abort, make_response, render_template
from wtforms import HiddenField, PasswordField, SelectField, StringField
from wtforms.fields.choices import SelectChoice

from giftweb.domain import staff
from giftweb.language import gettext, lazy_gettext
from giftweb.web import pages
from giftweb.web.access import actors, sign_in
from giftweb.web.access.confirmation import confirmed
from giftweb.web.forms.campaigns import SPOKEN
from giftweb.web.forms.fields import Form, Required
from giftweb.web.http import htmx, languages
from giftweb.web.text import browsers

blueprint = Blueprint("own_account", __name__, url_prefix="/staff/account")

HOME = "/staff/account"


class PasswordForm(Form):
    """The old password and the new one. Nobody types it twice: it can be pasted or reset."""

    current = PasswordField(
        lazy_gettext("Password you have now"),
        [Required(lazy_gettext("Enter the password you have now."))],
    )
    new = PasswordField(
        lazy_gettext("New password"), [Required(lazy_gettext("Enter a new password."))]
    )


class CodeForm(Form):
    """The first code of a new authenticator."""

    code = StringField(
        lazy_gettext("Code"), [Required(lazy_gettext("Enter the 6 digits that the app shows."))]
    )


class PasskeyForm(Form):
    """A name for the key, and what the device answered."""

    name = StringField(
        lazy_gettext("Name"), [Required(lazy_gettext("Enter a name, such as: phone."))]
    )
    answer = HiddenField()


class LanguageForm(Form):
    """What the desk speaks, and mails to its reader."""

    language = SelectField(
        lazy_gettext("Language of the desk and of mails to you"),
        choices=[SelectChoice("", lazy_gettext("What my browser asks for")), *SPOKEN],
    )


class PlainForm(Form):
    """Nothing but the button."""


@blueprint.get("")
def show() -> Response:
    """The account."""
    person = staff.find(actors.current().id)
    left = staff.authenticator.recovery_codes_left(person.id) if person.has_totp else 0
    values: dict[str, Any] = {
        "person": person,
        "codes_left": left,
        "passkeys": staff.passkeys.all_of(person.id),
        "may_have_passkeys": sign_in.site().may_have_passkeys,
        "language": LanguageForm(language=sign_in.signed_in().session.language or ""),
    }
    values |= _sessions()
    return htmx.render("own_account/show.html", "own_account/_sessions.html", **values)


@blueprint.route("/password", methods=["GET", "POST"])
def password() -> Response:
    """Another password."""
    form, session = PasswordForm(), sign_in.signed_in().session

    def work() -> Response:
        staff.sign_in.change_password(
            session, current=form.current.data, new=form.new.data, visitor=actors.visitor()
        )
        message = gettext("Your password is changed. Other sign-ins have ended.")
        return htmx.redirect_to(HOME, message=message)

    return _run("password", form, work, own=session)


@blueprint.post("/language")
def choose_language() -> Response:
    """The language of the desk, from the next page on."""
    chosen = LanguageForm().language.data or None
    staff.languages.choose(chosen, by=actors.current())
    languages.use_own_language(chosen)
    return htmx.redirect_to(HOME, message=gettext("Your language is saved."))


@blueprint.get("/factor")
def factor() -> Response:
    """The first task of whoever needs a second factor and has none."""
    if not sign_in.owes_factor(sign_in.signed_in()):
        return htmx.redirect_to(HOME)
    return _page("factor", may_have_passkeys=sign_in.site().may_have_passkeys)


@blueprint.route("/authenticator", methods=["GET", "POST"])
@confirmed
def authenticator() -> Response:
    """Set up an authenticator: scan, then enter its first code."""
    form, by = CodeForm(), actors.current()
    if staff.authenticator.is_set_up(by.id):
        return htmx.redirect_to(HOME)
    if staff.authenticator.waiting(by=by) is None:
        staff.authenticator.begin(by=by)

    def work() -> Response:
        session_id = sign_in.signed_in().session.id
        codes = staff.authenticator.finish(form.code.data, session_id=session_id, by=by)
        return _page("recovery_codes", codes=codes, is_first=True)

    return _run("authenticator", form, work, setup=staff.authenticator.waiting(by=by))


@blueprint.get("/authenticator.svg")
@confirmed
def picture() -> Response:
    """The QR code that the authenticator app scans; while it is being set up, never after."""
    import segno

    setup = staff.authenticator.waiting(by=actors.current()) or abort(404)
    drawn = io.BytesIO()
    segno.make(setup.uri, error="m").save(drawn, kind="svg", scale=5, border=4, light="#fff")
    return Response(drawn.getvalue(), mimetype="image/svg+xml")


@blueprint.route("/authenticator/remove", methods=["GET", "POST"])
@confirmed
def remove_authenticator() -> Response:
    """Sign in with the password alone again."""

    def work() -> Response:
        staff.authenticator.remove(session_id=sign_in.signed_in().session.id, by=actors.current())
        message = gettext("The authenticator is removed. Other sign-ins have ended.")
        return htmx.redirect_to(HOME, message=message)

    return _run("remove_authenticator", PlainForm(), work)


@blueprint.route("/recovery-codes", methods=["GET", "POST"])
@confirmed
def recovery_codes() -> Response:
    """Ten new recovery codes in place of the old ones."""
    by = actors.current()
    if not staff.authenticator.is_set_up(by.id):
        return htmx.redirect_to(HOME)

    def work() -> Response:
        codes = staff.authenticator.renew_recovery_codes(by=by)
        return _page("recovery_codes", codes=codes, is_first=False)

    codes_left = staff.authenticator.recovery_codes_left(by.id)
    return _run("renew_codes", PlainForm(), work, codes_left=codes_left)


@blueprint.route("/passkeys/new", methods=["GET", "POST"])
@confirmed
def add_passkey() -> Response:
    """Make a passkey on this device."""
    form, by, site = PasskeyForm(), actors.current(), sign_in.site()
    if not site.may_have_passkeys:
        abort(404)

    def work() -> Response:
        challenge, answer = sign_in.answered_challenge(), form.answer.data or ""
        staff.passkeys.add(answer, challenge=challenge, site=site, name=form.name.data, by=by)
        message = gettext("The passkey is added. Next time, sign in with it.")
        return htmx.redirect_to(HOME, message=message)

    def show(status: int) -> Response:
        form.answer.data = ""
        options = staff.passkeys.options_to_add(by, challenge=sign_in.ask_challenge(), site=site)
        return _page("add_passkey", status, form=form, options=options)

    return pages.action.run(form, work, show)


@blueprint.route("/passkeys/<passkey_id>/remove", methods=["GET", "POST"])
@confirmed
def remove_passkey(passkey_id: str) -> Response:
    """Forget a passkey."""
    form, by = PlainForm(), actors.current()
    if form.validate_on_submit():
        staff.passkeys.remove(passkey_id, session_id=sign_in.signed_in().session.id, by=by)
        message = gettext("The passkey is removed. Other sign-ins have ended.")
        return htmx.redirect_to(HOME, message=message)
    found = [one for one in staff.passkeys.all_of(by.id) if one.id == passkey_id] or abort(404)
    return _page("remove_passkey", form=form, passkey=found[0])


@blueprint.post("/sessions/<session_id>/end")
def end_session(session_id: str) -> Response:
    """End one of one's own sign-ins."""
    staff.sessions.revoke(session_id, by=actors.current())
    return _replaced_sessions(gettext("That sign-in has ended."))


@blueprint.post("/sessions/end-others")
def end_others() -> Response:
    """End every sign-in of one's own but this one."""
    staff.sessions.revoke_others(sign_in.signed_in().session.id, by=actors.current())
    return _replaced_sessions(gettext("All other sign-ins have ended."))


def _replaced_sessions(message: str) -> Response:
    return htmx.replaced(
        "own_account/_sessions.html", "sessions", back_to=HOME, message=message, **_sessions()
    )


def _sessions() -> dict[str, Any]:
    own = sign_in.signed_in().session
    found = staff.sessions.all_of(own.staff_id)
    named = [(session, browsers.name_of(session.agent)) for session in found]
    return {"sessions": named, "own_id": own.id}


def _run(name: str, form: Form, work: Callable[[], Response], **values: Any) -> Response:
    """The page with the form; after the verb the response of the work."""
    return pages.action.run(form, work, lambda status: _page(name, status, form=form, **values))


def _page(name: str, status: int = 200, **values: Any) -> Response:
    return make_response(render_template(f"own_account/{name}.html", **values), status)
