"""Where a person goes on to after signing in: a place on this site, and nowhere else."""

from urllib.parse import urlsplit

from flask import request

from giftweb.web.http import htmx


def local_path(address: str | None, otherwise: str = "/staff/") -> str:
    """``address`` when it is a path on this site, else ``otherwise``: nobody is sent elsewhere."""
    if not address or not address.startswith("/") or not address.isprintable():
        return otherwise
    if address.startswith("//") or "\\" in address:
        return otherwise
    parts = urlsplit(address)
    return otherwise if parts.scheme or parts.netloc else address


def wanted() -> str:
    """Where to go on after signing in: the page that was requested, or the one that htmx is on."""
    if htmx.is_fragment():
        parts = urlsplit(request.headers.get("HX-Current-URL", ""))
        return local_path(f"{parts.path}?{parts.query}".rstrip("?"))
    return request.full_path.rstrip("?") if request.method in ("GET", "HEAD") else "/staff/"
