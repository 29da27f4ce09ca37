"""Every error of the API: ``application/problem+json`` (RFC 9457), never a page.

An unknown address below the API belongs to no blueprint, so web.http.errors checks here first.
"""

import json
import logging
import re
from collections.abc import Sequence
from typing import Any

from flask import Response, current_app, request
from werkzeug.exceptions import HTTPException

from giftweb import ids
from giftweb.errors import (
    DomainError,
    IdempotencyKeyMissing,
    InsufficientBalance,
    Invalid,
    NotAllowed,
    NotFound,
    Refused,
    TooManyTries,
    Unavailable,
)
from giftweb.web.http import middleware

PREFIX = "/api/v1"
TYPE = "application/problem+json"
MOST_ERRORS = 50
"""How many fields an answer names as wrong; a body may have thousands."""
LONGEST_FIELD = 200
_REQUEST_ID = "giftweb.request_id"
_ID = re.compile("[A-Za-z0-9_.-]{8,64}")

log = logging.getLogger(__name__)

STATUSES: dict[type[DomainError], int] = {
    IdempotencyKeyMissing: 400,
    NotAllowed: 403,
    NotFound: 404,
    Refused: 409,
    Invalid: 422,
    TooManyTries: 429,
    Unavailable: 503,
}
"""Families and exceptions to them, the first that fits."""

OF_THE_FRAMEWORK: dict[int, tuple[str, str]] = {
    400: ("malformed_request", "This is not a request that can be read."),
    404: ("not_found", "There is nothing at this address."),
    405: ("method_not_allowed", "This address does not take this method."),
    413: ("too_large", "The body is larger than 1 MB."),
    500: ("server_error", "Something went wrong on our side. Nothing was changed; try again."),
    503: ("unavailable", "The service cannot answer right now. Try again in a moment."),
}
"""Status -> code and sentence, where no verb of ours has refused."""


class Problem(Exception):
    """An error of the API itself, before any verb is called."""

    def __init__(
        self,
        status: int,
        code: str,
        detail: str,
        *,
        errors: Sequence[tuple[str, str]] = (),
        headers: dict[str, str] | None = None,
    ):
        super().__init__(detail)
        self.status, self.code, self.detail = status, code, detail
        self.errors, self.headers = errors, headers or {}


def is_wanted() -> bool:
    """Whether the request is for the API, whose programs read no pages."""
    return _is_below(request.path)


def _is_below(path: str) -> bool:
    return path == PREFIX or path.startswith(f"{PREFIX}/")


def name_request(environ: dict[str, Any], _status: str, headers: middleware.Headers) -> None:
    """Have every answer of the API carry the id of its request."""
    if _is_below(environ["PATH_INFO"]):
        headers.append(("X-Request-Id", request_id(environ)))


def request_id(environ: dict[str, Any]) -> str:
    """The request's id: that of the proxy in front, if there is one that gives any; else ours."""
    found = environ.get(_REQUEST_ID)
    if found is None:
        has_front = current_app and current_app.config["GIFTWEB"].trusted_proxies
        theirs = environ.get("HTTP_X_REQUEST_ID", "") if has_front else ""
        found = environ[_REQUEST_ID] = theirs if _ID.fullmatch(theirs) else ids.new("req")
    return found


def of_problem(problem: Problem) -> Response:
    """The answer to a Problem."""
    response = answer(problem.status, problem.code, problem.detail, errors=problem.errors)
    response.headers.update(problem.headers)
    return response


def of_domain(error: DomainError) -> Response:
    """A refusal of the domain, in its own sentence."""
    status = next(number for family, number in STATUSES.items() if isinstance(error, family))
    errors = error.errors if isinstance(error, Invalid) and status == 422 else ()
    more = {name: error.details[name] for name in _NAMED if name in error.details}
    if isinstance(error, InsufficientBalance):
        available = error.details["available"]
        more |= {"available": available.minor, "currency": available.currency}
    response = answer(status, error.code, error.sentence, errors=errors, **more)
    if isinstance(error, TooManyTries):
        response.headers["Retry-After"] = str(error.retry_after)
    return response


_NAMED = ("checkout", "gift_card_id", "payment_id")
"""What a refusal is about, for programs to go on with."""


def of_framework(error: HTTPException) -> Response:
    """An error of the framework: an unknown address, another method, a body too large, a fault."""
    status = error.code or 500
    code, detail = OF_THE_FRAMEWORK.get(status, OF_THE_FRAMEWORK[500 if status >= 500 else 400])
    response = answer(status, code, detail)
    for name, value in error.get_headers():
        if name.lower() in {"allow", "retry-after"}:
            response.headers[name] = value
    return response


def answer(
    status: int, code: str, detail: str, *, errors: Sequence[tuple[str, str]] = (), **more: Any
) -> Response:
    """A problem that names its request, by which a shop may ask us about it."""
    request_name = request_id(request.environ)
    body = document(status, code, detail, request_id=request_name)
    if errors:
        body["errors"] = [
            {"field": field[:LONGEST_FIELD], "message": message}
            for field, message in errors[:MOST_ERRORS]
        ]
    if status >= 500:
        log.error("%s %s: %s (%s)", request.method, request.path, code, request_name)
    response = Response(json.dumps(body | more), status, content_type=TYPE)
    response.headers["Cache-Control"] = "no-store"
    return response


def document(status: int, code: str, detail: str, *, request_id: str) -> dict[str, Any]:
    """What every problem says, whoever refuses."""
    return {
        "type": f"{PREFIX}/docs#{code}",
        "title": code.replace("_", " ").capitalize(),
        "status": status,
        "detail": detail,
        "code": code,
        "request_id": request_id,
    }
