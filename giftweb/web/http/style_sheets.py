"""The two style sheets, of public pages and of the desk: each its parts in one file.

A page loads one of them; its address holds the hash of what is in it, so a browser keeps it.
"""

import gzip
import hashlib
from functools import cache
from pathlib import Path

from flask import Flask, Response, abort, request

STATIC = Path(__file__).parents[2] / "static"
EVERYWHERE = ("site", "parts", "forms", "overlays", "tables")
SHEETS = {
    "public": (*EVERYWHERE, "public", "store", "pictures", "api"),
    "desk": (*EVERYWHERE, "desk", "orders", "pictures", "reports", "counter", "imports"),
}
"""The files under static/ that each is made of, in this order."""

FOREVER = "public, max-age=31536000, immutable"
"""For an address that is another one when its content is."""

BRIEFLY = "public, max-age=3600"
"""For one that was asked for by the hash of something else."""


@cache
def text_of(name: str) -> str:
    """The whole of a sheet."""
    return "\n".join((STATIC / f"{part}.css").read_text() for part in SHEETS[name])


@cache
def address(name: str) -> str:
    """Where a sheet is, with the hash of its content."""
    return f"/styles/{name}.css?v={_version(name)}"


def install(app: Flask) -> None:
    """Serve the sheets, and let templates name them: ``style_sheet("desk")``."""
    app.add_url_rule("/styles/<name>.css", "style_sheets", _send)
    app.jinja_env.globals.update(style_sheet=address)


def _send(name: str) -> Response:
    if name not in SHEETS:
        abort(404)
    is_kept = request.args.get("v") == _version(name)
    response = Response(mimetype="text/css")
    response.headers["Cache-Control"] = FOREVER if is_kept else BRIEFLY
    response.vary.add("Accept-Encoding")
    response.set_etag(_version(name))
    if request.accept_encodings["gzip"]:
        response.headers["Content-Encoding"] = "gzip"
        response.data = _compressed(name)
    else:
        response.data = text_of(name).encode()
    return response.make_conditional(request)  # type: ignore[return-value]


@cache
def _version(name: str) -> str:
    return hashlib.sha256(text_of(name).encode()).hexdigest()[:12]


@cache
def _compressed(name: str) -> bytes:
    return gzip.compress(text_of(name).encode(), mtime=0)
