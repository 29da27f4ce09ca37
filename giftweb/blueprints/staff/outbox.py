"""The outbox: every mail, its outcome and its content.

The list is Root's, and so is what is secret in a mail; customer service reads the mails about cards
and orders, and sends them again.
"""

from datetime import timedelta
from typing import Any

from flask import Blueprint, Response, request, url_for
from wtforms import StringField
from wtforms.validators import Length

from giftweb import clock
from giftweb.domain import cards, operations, outbox
from giftweb.domain.limits import LimitExceeded
from giftweb.domain.mail import letters
from giftweb.domain.mail.letters import NothingToSend
from giftweb.domain.outbox.mails import Mail
from giftweb.errors import NotAllowed, NotFound
from giftweb.language import gettext, lazy_gettext, ngettext
from giftweb.web import mail, pages
from giftweb.web.access import actors, gate
from giftweb.web.access.confirmation import confirmed
from giftweb.web.forms.fields import Form, Required
from giftweb.web.http import htmx, security
from giftweb.web.mail.letters import Written, for_screen, write
from giftweb.web.text.words import status_label

blueprint = Blueprint("outbox", __name__, url_prefix="/staff/outbox")

WORKER_IS_LATE = timedelta(minutes=2)
BY_HAND = lazy_gettext("There is no mail server: passed on by hand.")
LETTER_POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none';"
    " form-action 'none'; frame-ancestors 'self';"
    " sandbox allow-popups allow-popups-to-escape-sandbox"
)
"""A mail's own document: its styles stand in its elements, and it may do nothing."""


class OpenForm(Form):
    """Why a mail is read with what is secret in it."""

    reason = StringField(
        lazy_gettext("Reason"),
        [Required(lazy_gettext("Say why you need to see the code.")), Length(max=500)],
    )


@blueprint.get("")
def index() -> Response:
    """Every mail, newest first."""
    state, q = request.args.get("state", ""), request.args.get("q", "").strip()
    state = state if state in outbox.mails.FILTERS else ""
    choices = [(word, _label(word)) for word in outbox.mails.FILTERS]
    after = request.args.get("after")
    return htmx.render(
        "outbox/list.html",
        "outbox/_outbox.html",
        page=outbox.mails.listing(state=state, to=q, after=after),
        state=state,
        q=q,
        is_first=not after,
        choices=choices,
        chips=_chips(state, q),
        **_house(),
    )


@blueprint.get("/<mail_id>")
def show(mail_id: str) -> Response:
    """A mail: its outcome and how it looks, without its secrets."""
    response = htmx.render("outbox/show.html", "outbox/_mail.html", **_values(mail_id))
    response.headers["Content-Security-Policy"] = security.policy() + "; frame-src 'self'"
    return response


@blueprint.get("/<mail_id>/letter")
def letter(mail_id: str) -> Response:
    """The mail's own HTML, for the frame on its page."""
    written, ending = _read(_find(mail_id))
    response = Response(for_screen(written) if written else f"<!doctype html><p>{ending}</p>")
    response.headers["Content-Security-Policy"] = LETTER_POLICY
    response.headers["Cache-Control"] = "no-store"
    return response


@blueprint.route("/<mail_id>/code", methods=["GET", "POST"])
@confirmed
def open(mail_id: str) -> Response:
    """The mail with its code, after the password again and for a reason that is kept."""
    mail, form = outbox.mails.find(mail_id), OpenForm(reason=_usual_reason())
    if _is_readers_alone(mail):
        raise NotAllowed(gettext("Nobody but its reader sees this link."))
    written, opened = None, None
    if form.validate_on_submit():
        try:
            opened = letters.open_for(mail, by=actors.current(), reason=form.reason.data)
            written = write(opened)
        except NothingToSend as ending:
            form.form_errors = [str(ending)]
        except LimitExceeded as exceeded:
            form.refuse(exceeded)
    values = {"mail": mail, "form": form, "opened": opened, "written": written}
    status = 422 if form.errors else 200
    response = htmx.render("outbox/open.html", "outbox/_open.html", status=status, **values)
    response.headers["Cache-Control"] = "no-store"
    return response


@blueprint.post("/<mail_id>/dispatches")
def send_again(mail_id: str) -> Response:
    """Send it now; of a mail that was sent, a copy."""
    is_copy = outbox.resending.send_again(_find(mail_id).id, by=actors.current()).id != mail_id
    return htmx.replaced(
        "outbox/_mail.html",
        f"mail-{mail_id}",
        back_to=pages.action.came_from(url_for("outbox.show", mail_id=mail_id)),
        message=mail.smtp.on_its_way(gettext("A copy") if is_copy else gettext("The mail")),
        **_values(mail_id),
    )


@blueprint.post("/dispatches")
def send_failed_again() -> Response:
    """Send every mail again that failed."""
    count = outbox.resending.send_failed_again(by=actors.current())
    return htmx.redirect_to(
        url_for("outbox.index"),
        message=ngettext(
            "{count} mail is on the way again.", "{count} mails are on the way again.", count
        ),
    )


def _find(mail_id: str) -> Mail:
    """The mail, if it is for whoever is here: Root has all, others those of cards and orders.

    Raises: NotFound.
    """
    found = outbox.mails.find(mail_id)
    if not gate.may_open("outbox.index") and not (found.card_ids or found.order_id):
        raise NotFound
    return found


def _is_readers_alone(found: Mail) -> bool:
    """A colleague's link to choose a password: it is never shown at the desk, unless there is no
    other way to them.
    """
    return found.kind in letters.LINKS_TO_STAFF and mail.smtp.has_server()


def _chips(state: str, to: str) -> list[tuple[Any, str]]:
    return pages.searches.chips(
        [
            ("state", state, gettext("State: {value}", value=_label(state))),
            ("q", to, gettext("To: {value}", value=to)),
        ]
    )


def _label(state: str) -> str:
    """The word on the screen for a filter: where no server is, what waits is kept."""
    is_kept = state == outbox.mails.WAITING and not mail.smtp.has_server()
    return status_label("kept" if is_kept else state)


def _usual_reason() -> str:
    return "" if mail.smtp.has_server() else str(BY_HAND)


def _values(mail_id: str) -> dict[str, Any]:
    mail = _find(mail_id)
    written, ending = _read(mail)
    has_secret = mail.kind in outbox.addressees.CARRIERS | letters.LINKS
    return {
        "mail": mail,
        "written": written,
        "ending": ending,
        "has_secret": has_secret and not ending and not _is_readers_alone(mail),
    } | _house()


def _read(mail: Mail) -> tuple[Written | None, str]:
    """The mail as it reads with what is secret left out, or why there is nothing to read."""
    try:
        return write(letters.gather(mail, with_secrets=False)), ""
    except NothingToSend as ending:
        return None, str(ending)


def _house() -> dict[str, Any]:
    """Whether mails leave the house, whether anybody carries them, and what wallets did not get."""
    seen = operations.housekeeping.worker_seen_at()
    return {
        "has_server": mail.smtp.has_server(),
        "worker_seen_at": seen,
        "worker_is_late": seen is None or clock.now() - seen > WORKER_IS_LATE,
        "wallet_failures": cards.wallets.failures(),
    }
