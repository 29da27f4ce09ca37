"""The headers of every answer, and nobody's page in anybody's frame."""

from typing import Any
from urllib.parse import urlsplit

from flask import Flask, Response, current_app, request

from giftweb import security_log
from giftweb.config import Config
from giftweb.errors import NotAllowed
from giftweb.language import gettext
from giftweb.web.http import middleware

POLICY = (
    "default-src 'none'; script-src 'self'{script}; style-src 'self'{style}; img-src 'self' data:;"
    " font-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none';"
    " frame-ancestors {ancestors}"
)


def policy(ancestors: str = "'none'", *, style: str = "", script: str = "") -> str:
    """The content security policy; ``ancestors`` are the origins that may frame the page.

    ``style`` and ``script`` are the hashes of the one sheet and script that stand in the page.
    """
    hashes = {"style": f" {style}" if style else "", "script": f" {script}" if script else ""}
    return POLICY.format(ancestors=ancestors, **hashes)


def policy_with(script_url: str) -> str:
    """The policy of the one page that loads a payment provider's script, and its frames."""
    parts = urlsplit(script_url)
    theirs = f"{parts.scheme}://{parts.netloc}"
    others = "https://api.stripe.com https://hooks.stripe.com" if parts.scheme == "https" else ""
    return (
        policy()
        .replace("script-src 'self'", f"script-src 'self' {theirs}")
        .replace(
            "connect-src 'self'",
            f"connect-src 'self' {theirs} {others}; frame-src {theirs} {others}",
        )
    )


HEADERS = {
    "Content-Security-Policy": policy(),
    "X-Content-Type-Options": "nosniff",
    # With no-referrer a browser would send "Origin: null" even with a form of ours.
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Cache-Control": "no-store",
}
"""The headers of every response, unless its view sets them. Nothing is cached but files."""

KEPT_FOR_BACK = ("Cache-Control", "private, no-cache")
"""For an answer to a form that the browser's Back is to show again, where it would show an error.

Such answers vary with nothing: a cookie that has changed meanwhile makes no other page of them.
"""

TRANSPORT = {"Strict-Transport-Security": "max-age=31536000; includeSubDomains"}
"""Under https besides: the browser uses https alone from now on, here and below this host."""


def install(app: Flask) -> None:
    """Send the headers with every answer."""
    is_https = app.config["GIFTWEB"].is_https
    carried = tuple((HEADERS | TRANSPORT if is_https else HEADERS).items())

    def complete(environ: dict[str, Any], status: str, headers: middleware.Headers) -> None:
        present = {name for name, _ in headers}
        headers += [pair for pair in carried if pair[0] not in present]
        if KEPT_FOR_BACK in headers:
            headers[:] = [pair for pair in headers if pair[0] != "Vary"]

    middleware.add_headers_hook(app, complete)


def cookie_name(name: str, config: Config) -> str:
    """The cookie's name; under https with the prefix that ties it to this host and to TLS.

    Not just ``session``: another program on the same host, whatever its port, may call its so.
    """
    return f"__Host-{name}" if config.is_https else name


def forgotten(response: Response) -> Response:
    """Have the browser forget what it kept of our pages; the answer to signing out.

    Cookies are left out: that of a browser which its owner has used before is no sign-in, and on
    a host below another one they would be cleared for both.
    """
    response.headers["Clear-Site-Data"] = '"cache", "storage"'
    return response


def require_own_origin() -> None:
    """Refuse a form that another site's page sent; for pages that know no CSRF token.

    Raises: NotAllowed.
    """
    environ, config = request.environ, current_app.config["GIFTWEB"]
    origin = environ.get("HTTP_ORIGIN")
    if origin is None or origin == config.base_url:
        return
    if origin == "null":
        is_own = environ.get("HTTP_SEC_FETCH_SITE") == "same-origin"
    else:
        scheme = "https" if config.is_https else request.scheme
        is_own = origin == f"{scheme}://{environ.get('HTTP_HOST')}"
    if not is_own:
        security_log.record("origin.refused", what=request.endpoint or "")
        raise NotAllowed(
            gettext("This form came from another site. Open the page here and try again.")
        )
