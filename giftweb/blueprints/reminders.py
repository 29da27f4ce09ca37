"""To be left in peace: reminders of unspent money are switched off by one press, and on again.

A mail program may press for its reader (RFC 8058), so there is no CSRF token: the address is
signed (B18).
"""

from flask import Blueprint, Response, make_response, render_template

from giftweb.domain import mail
from giftweb.web.http import requests
from giftweb.web.mail import peace

blueprint = Blueprint("reminders", __name__, url_prefix="/reminders")


@blueprint.get("/<token>")
def ask(token: str) -> Response:
    """The question; looking at it changes nothing."""
    return _page(token)


@blueprint.post("/<token>")
def answer(token: str) -> Response:
    """No more reminders to the address of the mail, or reminders again."""
    email = peace.reader_of(token)
    if requests.posted("again"):
        mail.reminders.remind_again(email)
    else:
        mail.reminders.leave_in_peace(email)
    return _page(token)


def _page(token: str) -> Response:
    has_peace = mail.reminders.wants_peace(peace.reader_of(token))
    return make_response(render_template("public/reminders.html", has_peace=has_peace, shop=None))
