"""The password again, before something that could do harm in a borrowed browser."""

import functools
from collections.abc import Callable
from typing import Any, ParamSpec
from urllib.parse import quote

from flask import Response, make_response, render_template, request
from wtforms import HiddenField, PasswordField

from giftweb.domain import staff
from giftweb.domain.staff.sign_in import Visitor
from giftweb.errors import Invalid
from giftweb.language import gettext, lazy_gettext
from giftweb.web.access import sign_in
from giftweb.web.forms.fields import Form, Required
from giftweb.web.http import htmx

P = ParamSpec("P")


class ConfirmForm(Form):
    """One's own password, and where one was going."""

    password = PasswordField(
        lazy_gettext("Password"), [Required(lazy_gettext("Enter your password."))]
    )
    next = HiddenField()


def confirmed(view: Callable[P, Any]) -> Callable[P, Any]:
    """Let the view run only if the password was entered within the last five minutes.

    Otherwise its form comes first, and then the same address: so the view's GET must be
    the page or panel that leads to its POST.
    """

    @functools.wraps(view)
    def run(*args: P.args, **kwargs: P.kwargs) -> Any:
        person = sign_in.person()
        if person is not None and person.session.is_confirmed:
            return view(*args, **kwargs)
        return ask(request.full_path.rstrip("?"))

    return run


def is_confirmed() -> bool:
    """Whether whoever is here has entered the password within the last five minutes."""
    return sign_in.signed_in().session.is_confirmed


def require(password: str | None, visitor: Visitor) -> None:
    """Take the password from the form itself, unless it was entered a moment ago.

    Raises: Invalid (password), TooManyTries.
    """
    if is_confirmed():
        return
    if not password:
        raise Invalid(gettext("Enter your password: this moves money."), field="password")
    staff.sign_in.confirm(sign_in.signed_in().session, password=password, visitor=visitor)


def ask(place: str) -> Response:
    """The form for the password: a page, or for htmx the panel; then on to ``place``."""
    if not htmx.is_fragment():
        return htmx.redirect_to(f"/staff/confirm?next={quote(place, safe='/')}")
    form = ConfirmForm(formdata=None, data={"next": place})
    response = make_response(render_template("auth/_confirm.html", form=form))
    response.headers["HX-Retarget"] = "#panel"
    response.headers["HX-Reswap"] = "innerHTML"
    response.vary.add("HX-Request")
    return response
