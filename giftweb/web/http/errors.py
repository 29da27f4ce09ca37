"""Error pages, or for htmx a sentence where the person is looking.

The errors of the API are in web.http.problems.
"""

from typing import Any
from urllib.parse import quote

from flask import Flask, Response, current_app, make_response, redirect, render_template, request
from flask_login import current_user
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import HTTPException, MethodNotAllowed
from werkzeug.routing import RoutingException

from giftweb import security_log
from giftweb.errors import (
    DomainError,
    Invalid,
    NotAllowed,
    NotFound,
    Refused,
    TooManyTries,
    Unavailable,
)
from giftweb.language import lazy_gettext
from giftweb.web.http import middleware, problems
from giftweb.web.http.htmx import is_fragment

STATUSES: dict[type[DomainError], int] = {
    NotAllowed: 403,
    NotFound: 404,
    Refused: 409,
    Invalid: 422,
    TooManyTries: 429,
    Unavailable: 503,
}
AGAIN_AFTER_SECONDS = "1"
PAGES = frozenset({400, 403, 404, 405, 409, 413, 422, 429, 500, 503})
"""The statuses with a page of their own under templates/errors/."""

TITLES = {
    400: lazy_gettext("This form is out of date. Load the page again and send it once more."),
    403: lazy_gettext("Your role does not allow this."),
    404: lazy_gettext("This is not here any more. Load the page again."),
    405: lazy_gettext("This cannot be opened this way."),
    413: lazy_gettext("This is too large to send. Make it smaller and try again."),
    429: lazy_gettext("Too many tries. Wait a little and try again."),
    500: lazy_gettext(
        "Something went wrong on our side. Nothing was changed; try again in a moment."
    ),
    503: lazy_gettext(
        "The service cannot answer right now. Nothing was changed; try again in a moment."
    ),
}
"""The sentence of a fragment for an error that brings none of its own."""


def status_of(error: DomainError) -> int:
    """The HTTP status of the error's family."""
    return next(status for family, status in STATUSES.items() if isinstance(error, family))


def answer(status: int, sentence: str = "") -> Response:
    """The error as a page in the shell where the person is, or as a fragment."""
    if is_fragment():
        return _fragment(status, sentence)
    name = f"errors/{status if status in PAGES else 500 if status >= 500 else 400}.html"
    in_desk = request.path.startswith("/staff/") and status < 500 and _is_signed_in()
    values: dict[str, Any] = {"status": status, "sentence": sentence, "shop": None}
    values["shell"] = "staff/base.html" if in_desk else "public/base.html"
    if in_desk:
        return make_response(render_template(name, **values), status)
    # Without the app's context processors: they may be what failed.
    return make_response(current_app.jinja_env.get_template(name).render(values), status)


def _is_signed_in() -> bool:
    return hasattr(current_app, "login_manager") and bool(current_user.is_authenticated)


def _fragment(status: int, sentence: str) -> Response:
    """A notice for the page's ``#problem``; in an open panel desk.js keeps it in the panel."""
    text = sentence or TITLES.get(status, TITLES[500])
    response = make_response(render_template("errors/_notice.html", sentence=text), status)
    response.headers["HX-Retarget"] = "#problem"
    response.headers["HX-Reswap"] = "innerHTML"
    response.vary.add("HX-Request")
    return response


def refused(error: DomainError) -> Response:
    """A refusal of the domain, in its own sentence."""
    if problems.is_wanted():
        return problems.of_domain(error)
    response = answer(status_of(error), error.sentence)
    if isinstance(error, TooManyTries):
        response.headers["Retry-After"] = str(error.retry_after)
    return response


def failed(error: HTTPException) -> Response:
    """An error of the framework: an unknown address, a stale form, a fault of ours."""
    if isinstance(error, CSRFError):
        security_log.record("token.refused", what=request.endpoint or "")
    if error.code == 404 and (address := _without_slash()):
        return make_response(redirect(address, 308))
    if problems.is_wanted():
        return problems.of_framework(error)
    if error.response is not None:
        return make_response(error.response)
    response = answer(error.code or 500)
    for name, value in error.get_headers():
        if name.lower() in {"allow", "retry-after"}:
            response.headers[name] = value
    return response


def _without_slash() -> str | None:
    """The address that was meant by an unknown one with a slash at its end, if there is one."""
    path = request.path[:-1]
    is_unknown = request.routing_exception is not None and request.path.endswith("/")
    adapter = current_app.create_url_adapter(request)
    if not is_unknown or adapter is None:
        return None
    try:
        adapter.match(path)
    except MethodNotAllowed:
        pass
    except (HTTPException, RoutingException):
        return None
    query = request.query_string.decode("latin-1")
    return quote(request.root_path + path) + (f"?{query}" if query else "")


def come_again(_environ: dict[str, Any], status: str, headers: middleware.Headers) -> None:
    """Add when to try again to every 503, whoever responded with it."""
    if status.startswith("503") and "Retry-After" not in dict(headers):
        headers.append(("Retry-After", AGAIN_AFTER_SECONDS))


def install(app: Flask) -> None:
    """Have the app answer every error in plain words."""
    middleware.add_headers_hook(app, come_again)
    middleware.add_headers_hook(app, problems.name_request)
    app.register_error_handler(DomainError, refused)
    app.register_error_handler(HTTPException, failed)
    app.register_error_handler(problems.Problem, problems.of_problem)
