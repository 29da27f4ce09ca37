"""Reading a request: what no person means is refused here, before anything else reads it."""

import re
from collections.abc import Iterable, Mapping
from urllib.parse import parse_qsl

from flask import Flask, current_app, request
from werkzeug.datastructures import MultiDict
from werkzeug.exceptions import BadRequest, SecurityError
from werkzeug.routing import IntegerConverter
from werkzeug.sansio.utils import host_is_trusted

from giftweb import security_log

URLENCODED = "application/x-www-form-urlencoded"

CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")
"""What no text has: control characters but tabs and line ends, and halves of a character."""

_IN_PATH = re.compile("[\x00-\x1f\x7f]|\xed[\xa0-\xbf]")
"""The same in the bytes of a path, which has no tabs and line ends either."""

_IN_QUERY = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]|%(?:0[0-8bcef]|1[0-9a-f]|7f|ed%[ab])", re.IGNORECASE
)
"""The same in a query or a form as it is sent."""

TAKES_PICTURES = frozenset({"product_pictures.edit", "campaign_logo.edit"})
TAKES_FILES = frozenset({"imports.index"})
LARGEST_FILE = 8 * 1024 * 1024
"""In one request. A browser with script sends a larger file in parts."""
LARGEST_PICTURE = 12 * 1024 * 1024

_NUMBER = re.compile("[0-9]{1,18}")


class Number(IntegerConverter):
    """``<int:number>`` in a route: no more digits than a column of the database holds."""

    regex = _NUMBER.pattern


def install(app: Flask) -> None:
    """Check the address of every request. Comes before whatever else reads one."""
    app.url_map.converters["int"] = Number
    app.before_request(refuse_unreadable)
    app.before_request(expect_pictures)
    app.before_request(refuse_other_hosts)


def refuse_unreadable() -> None:
    """Refuse an address with control characters in its path or query.

    Raises: BadRequest.
    """
    environ = request.environ
    if _IN_PATH.search(environ["PATH_INFO"]) or _IN_QUERY.search(environ["QUERY_STRING"]):
        raise BadRequest


def expect_pictures() -> None:
    """Let the request be as large as a photo, or a file, where one is uploaded."""
    if request.endpoint in TAKES_PICTURES:
        request.max_content_length = LARGEST_PICTURE
    if request.endpoint in TAKES_FILES:
        request.max_content_length = LARGEST_FILE


def refuse_other_hosts() -> None:
    """Refuse a request for another host than ours; but whoever watches over the program may ask
    any process by its address.

    Raises: BadRequest.
    """
    trusted = current_app.config["GIFTWEB"].trusted_hosts
    if not trusted or request.blueprint == "health":
        return
    if not host_is_trusted(request.environ.get("HTTP_HOST"), trusted):
        security_log.record("host.refused")
        raise SecurityError


def number(name: str) -> int | None:
    """The whole number that the query has under this name, if it is one."""
    text = request.args.get(name, "")
    return int(text) if _NUMBER.fullmatch(text) else None


def numbers(name: str) -> list[int]:
    """The whole numbers that the query has under this name; what is none is left out."""
    return _whole(request.args.getlist(name))


def posted(name: str) -> str:
    """The text that the request's form has under this name, where no ``Form`` reads it; else
    nothing.

    Raises: BadRequest for control characters.
    """
    return next(iter(posted_texts(name)), "")


def posted_texts(name: str) -> list[str]:
    """All texts that the form has under this name.

    Raises: BadRequest for control characters.
    """
    return readable(request.form.getlist(name))


def posted_number(name: str) -> int | None:
    """The whole number that the form has under this name, if it is one."""
    return next(iter(posted_numbers(name)), None)


def posted_numbers(name: str) -> list[int]:
    """The whole numbers that the form has under this name; what is none is left out."""
    return _whole(request.form.getlist(name))


def _whole(texts: Iterable[str]) -> list[int]:
    return [int(text) for text in texts if _NUMBER.fullmatch(text)]


def readable(texts: Iterable[str]) -> list[str]:
    """The texts of a form that has no fields to show an error on.

    Raises: BadRequest for control characters.
    """
    found = list(texts)
    if any(CONTROL.search(text) for text in found):
        raise BadRequest
    return found


def form() -> MultiDict[str, str]:
    """The request's form, where no ``Form`` reads it.

    Raises: BadRequest for control characters.
    """
    readable(text for _, text in request.form.items(multi=True))
    return request.form


def form_fields() -> Mapping[str, str]:
    """The fields of the request's form, as ``form`` has them.

    werkzeug's parser takes 60 microseconds of a balance page's 390, this 15 (decision 23).
    Raises: BadRequest for control characters.
    """
    if request.mimetype != URLENCODED:
        return form()
    body = request.get_data(as_text=True)
    if _IN_QUERY.search(body):
        raise BadRequest
    return dict(parse_qsl(body, keep_blank_values=True))
