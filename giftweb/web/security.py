"""The headers of every answer, and nobody's page in anybody's frame."""

from flask import Flask, Response

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


def policy(ancestors: str = "'none'") -> str:
    """The content security policy; ``ancestors`` are the origins that may frame the page."""
    return POLICY.format(ancestors=ancestors)
