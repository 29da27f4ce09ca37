"""Every request against the rights table (D14): let through whom it lets through, nobody else."""

from typing import Any
from urllib.parse import quote

from flask import Flask, Response, current_app, request
from werkzeug.exceptions import HTTPException

from giftweb import ids, security_log
from giftweb.domain import audit, desk, throttle
from giftweb.errors import NotAllowed
from giftweb.web import mail
from giftweb.web.access import actors, places, sign_in
from giftweb.web.access.rights import BY_BLUEPRINT, PUBLIC, RIGHTS, SIGNED_IN
from giftweb.web.http import htmx, languages, security
from giftweb.web.text import templating

FIRST_TASKS = frozenset(
    {
        "own_account.factor",
        "own_account.authenticator",
        "own_account.picture",
        "own_account.add_passkey",
        "auth.confirm",
    }
)
"""All that somebody whose role needs a second factor may open without one, besides what is
public."""

SAFE = frozenset({"GET", "HEAD", "OPTIONS"})


def may_open(endpoint: str) -> bool:
    """Whether whoever is here may open the endpoint; for links, buttons and menus."""
    needed = RIGHTS.get(endpoint)
    if needed is PUBLIC:
        return True
    person = sign_in.person()
    if person is None:
        return False
    return person.role in needed if isinstance(needed, frozenset) else needed is SIGNED_IN


def may_open_address(address: str) -> bool:
    """Whether whoever is here may open a page by its address; False when there is none."""
    try:
        endpoint, _ = current_app.url_map.bind("").match(address, method="GET")
    except HTTPException:
        return False
    return may_open(endpoint) and (endpoint != "home.index" or has_dashboard())


def has_dashboard() -> bool:
    """Whether any work of the person's role begins at the dashboard; a cashier's does not."""
    return may_open("home.mark_seen")


def enforce() -> Response | None:
    """Before every request: let through whom the table lets through, and nobody else.

    Raises: NotAllowed for a signed-in person without the right; the attempt is kept (I30).
    """
    endpoint = request.endpoint
    needed = RIGHTS.get(endpoint or "")
    if needed is BY_BLUEPRINT:
        return None
    if request.method not in SAFE:
        security.require_own_origin()
    if needed is PUBLIC:
        return None
    if endpoint is None and not request.path.startswith("/staff"):
        return None
    person = sign_in.person()
    if person is None:
        return htmx.redirect_to(f"/login?next={quote(places.wanted(), safe='/')}")
    languages.use_own_language(person.session.language)
    if sign_in.owes_factor(person) and endpoint not in FIRST_TASKS:
        return htmx.redirect_to("/staff/account/factor")
    if endpoint is None or may_open(endpoint):
        return None
    _note_refusal(endpoint)
    raise NotAllowed()


def _note_refusal(endpoint: str) -> None:
    """Record the attempt; of many within a minute the first, so that nobody fills the log."""
    person = sign_in.person()
    assert person is not None  # noqa: S101 - the caller has checked
    staff_id = person.session.staff_id
    security_log.record("rights.refused", person=staff_id, role=person.role, what=endpoint)
    if not throttle.once_a_minute(f"refusal {staff_id} {endpoint}"):
        return
    named = [str(value) for value in (request.view_args or {}).values() if _is_id(value)]
    audit.record(
        by=person.session.actor,
        action="rights.refused",
        subject=endpoint,
        data={"method": request.method, "on": named},
    )


def _is_id(value: Any) -> bool:
    """Ids and numbers alone go into the log, never text that somebody typed (I6)."""
    return isinstance(value, int) or (
        isinstance(value, str) and ids.SHAPE.fullmatch(value) is not None
    )


def _for_the_desk() -> dict[str, Any]:
    """What the desk's shell needs on each of its pages; public pages ask for nothing."""
    if RIGHTS.get(request.endpoint or "") in (PUBLIC, BY_BLUEPRINT):
        return {}
    person = sign_in.person()
    if person is None:
        return {}
    # A fragment has no menu.
    counts = {} if htmx.is_fragment() else _counts()
    return {
        "menu": templating.side_menu(request.path, may_open_address, counts),
        "current_user": person,
        "keeps_mails": person.role == "root" and not mail.smtp.has_server(),
    }


def _counts() -> dict[str, int]:
    """How much waits behind entries of the menu."""
    found = desk.work_list.counts()
    return {
        "/staff/approvals/": found["approval"],
        "/staff/awaited-payments/": found["payment_awaited"],
    }


def install(app: Flask) -> None:
    """Check every request, and give the desk's templates their menu and ``may_open``; have the
    security log know who sends it.
    """
    security_log.follow(actors.facts)
    sign_in.install(app)
    app.before_request(enforce)
    app.context_processor(_for_the_desk)
    app.jinja_env.globals.update(may_open=may_open)
