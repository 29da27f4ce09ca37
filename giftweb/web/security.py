"""The headers of every answer, and nobody's page in anybody's frame."""

from flask import Flask, Response, current_app, request

from giftweb.errors import NotAllowed

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:;"
    " font-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none';"
    " frame-ancestors {ancestors}"
)


def install(app: Flask) -> None:
    """Send the headers with every answer."""
    app.after_request(_headers)


def _headers(response: Response) -> Response:
    headers = response.headers
    headers.setdefault("Content-Security-Policy", policy())
    headers.setdefault("X-Content-Type-Options", "nosniff")
    headers.setdefault("Referrer-Policy", "no-referrer")
    headers.setdefault("Cross-Origin-Opener-Policy", "same-origin")
    return response


def require_own_origin() -> None:
    """Refuse a form that another site's page sent; for pages that know no CSRF token.

    Raises: NotAllowed.
    """
    environ = request.environ
    origin = environ.get("HTTP_ORIGIN")
    if origin is None or origin == current_app.config["GIFTWEB"].base_url:
        return
    if origin == "null":
        is_own = environ.get("HTTP_SEC_FETCH_SITE") == "same-origin"
    else:
        is_own = origin.partition("://")[2] == environ.get("HTTP_HOST")
    if not is_own:
        raise NotAllowed("This form came from another site. Open the page here and try again.")


def policy(ancestors: str = "'none'") -> str:
    """The content security policy; ``ancestors`` are the origins that may frame the page."""
    return POLICY.format(ancestors=ancestors)
