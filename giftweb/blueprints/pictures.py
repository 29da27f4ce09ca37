"""Pictures that shops have uploaded, at addresses that are hashes: what is there never changes."""

import re

from flask import Blueprint, Response

from giftweb.domain import catalogue
from giftweb.errors import NotFound

blueprint = Blueprint("pictures", __name__, url_prefix="/pictures")

_ID = re.compile("[0-9a-f]{32}")
_KINDS = {"webp": "image/webp", "jpg": "image/jpeg"}


@blueprint.get("/<picture_id>.<any(webp, jpg):kind>")
def show(picture_id: str, kind: str) -> Response:
    """One picture, for pages (webp) or for what reads no WebP (jpg)."""
    if not _ID.fullmatch(picture_id):
        raise NotFound
    found = catalogue.designs.picture(picture_id)
    content = found.webp if kind == "webp" else found.fallback
    response = Response(content, mimetype=_KINDS[kind])
    response.headers["Cache-Control"] = "public, max-age=31536000, immutable"
    return response
