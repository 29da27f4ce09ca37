"""What the front and the application say to each other: PEP 3333 on one side, ASGI on the other."""

import json
import sys
import tempfile
from collections.abc import Callable, Iterable
from functools import lru_cache
from http import HTTPStatus
from io import BytesIO
from typing import IO, Any, NamedTuple
from urllib.parse import unquote_to_bytes

from giftweb import ids
from giftweb.web.http import problems

MAX_BYTES_IN_MEMORY = 1024 * 1024
"""A longer response waits in a file for its client."""
HOP_BY_HOP = frozenset({"connection", "keep-alive", "transfer-encoding"})
FRAMING = HOP_BY_HOP | {"content-length"}
WITHOUT_BODY = (204, 304)
ENVIRON = {
    "SCRIPT_NAME": "",
    "SERVER_SOFTWARE": "giftweb",
    "wsgi.version": (1, 0),
    "wsgi.errors": sys.stderr,
    "wsgi.input_terminated": True,
    "wsgi.multithread": True,
    "wsgi.multiprocess": True,
    "wsgi.run_once": False,
}
SENTENCES = {
    HTTPStatus.BAD_REQUEST: "The request is not valid HTTP/1.1.",
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: "The request is larger than 1 MB.",
    HTTPStatus.SERVICE_UNAVAILABLE: "The server is busy. Please try again in a moment.",
}

Environ = dict[str, Any]
Application = Callable[[Environ, Callable], Iterable[bytes]]
Scope = dict[str, Any]


class Response(NamedTuple):
    """What is sent to a client. Whoever sends it closes the body."""

    status: int
    headers: list[tuple[bytes, bytes]]
    body: IO[bytes]


class Rejected(Exception):
    """A request that the application does not get, and the status of the response."""

    def __init__(self, status: HTTPStatus):
        super().__init__(status)
        self.status = status


def make_environ(scope: Scope) -> Environ:
    """The environ of a request, without its body.

    Raises: Rejected when the request could be understood in two ways.
    """
    environ: Environ = ENVIRON.copy()
    path = scope["raw_path"]
    environ["REQUEST_METHOD"] = scope["method"]
    environ["PATH_INFO"] = (unquote_to_bytes(path) if b"%" in path else path).decode("latin-1")
    environ["QUERY_STRING"] = scope["query_string"].decode("latin-1")
    environ["SERVER_PROTOCOL"] = f"HTTP/{scope['http_version']}"
    environ["SERVER_NAME"], port = scope["server"] or ("", 0)
    environ["SERVER_PORT"] = str(port)
    environ["REMOTE_ADDR"] = scope["client"][0] if scope["client"] else ""
    environ["wsgi.url_scheme"] = scope["scheme"]
    for name, value in scope["headers"]:
        key, text = _environ_key(name), value.decode("latin-1")
        if key in environ:
            text = _join(key, environ[key], text)
        environ[key] = text
    if _is_ambiguous(environ):
        raise Rejected(HTTPStatus.BAD_REQUEST)
    return environ


@lru_cache(maxsize=1024)
def _environ_key(name: bytes) -> str:
    if b"_" in name:
        # As HTTP_X_FORWARDED_FOR it would look like X-Forwarded-For.
        return "giftweb.dropped"
    key = name.decode("latin-1").upper().replace("-", "_")
    return key if key in ("CONTENT_TYPE", "CONTENT_LENGTH") else f"HTTP_{key}"


def _join(key: str, first: str, second: str) -> str:
    if key == "HTTP_HOST":
        raise Rejected(HTTPStatus.BAD_REQUEST)
    return f"{first}{'; ' if key == 'HTTP_COOKIE' else ','}{second}"


def _is_ambiguous(environ: Environ) -> bool:
    is_chunked = "HTTP_TRANSFER_ENCODING" in environ
    if environ["SERVER_PROTOCOL"] == "HTTP/1.0":
        return is_chunked
    # llhttp leaves what follows an upgrade to another protocol, of which there is none here.
    return "HTTP_HOST" not in environ or (is_chunked and "HTTP_UPGRADE" in environ)


def call(application: Application, environ: Environ) -> Response:
    """Have the application respond, to the last byte."""
    started: list[Any] = []
    body = tempfile.SpooledTemporaryFile(MAX_BYTES_IN_MEMORY)  # noqa: SIM115 - closed when sent

    def start_response(status: str, headers: list[tuple[str, str]], _problem: Any = None) -> Any:
        started[:] = status, headers
        return body.write

    parts = application(environ, start_response)
    try:
        for part in parts:
            body.write(part)
    finally:
        close = getattr(parts, "close", None)
        if close is not None:
            close()
    status, headers = started
    return _finish(int(status[:3]), headers, body, is_head=environ["REQUEST_METHOD"] == "HEAD")


def _finish(
    status: int, headers: list[tuple[str, str]], body: IO[bytes], *, is_head: bool
) -> Response:
    dropped = HOP_BY_HOP if is_head else FRAMING
    sent = []
    for name, value in headers:
        lower = name.lower()
        if lower not in dropped:
            sent.append((lower.encode("latin-1"), value.encode("latin-1")))
    if is_head or status in WITHOUT_BODY:
        return Response(status, sent, BytesIO())
    sent.append((b"content-length", b"%d" % body.tell()))
    body.seek(0)
    return Response(status, sent, body)


def json_response(status: HTTPStatus, text: bytes, *, kind: str = "application/json") -> Response:
    """A response of the front itself."""
    headers = [
        (b"content-type", kind.encode()),
        (b"content-length", b"%d" % len(text)),
        (b"cache-control", b"no-store"),
        (b"x-content-type-options", b"nosniff"),
    ]
    return Response(status.value, headers, BytesIO(text))


def refusal(status: HTTPStatus, *, path: str) -> Response:
    """The response to a rejected request: a sentence, or to the API's users a problem document."""
    sentence = SENTENCES[status]
    if path.startswith("/api/"):
        request_id = ids.new("req")
        code, _ = problems.OF_THE_FRAMEWORK[status.value]
        problem = problems.document(status.value, code, sentence, request_id=request_id)
        response = json_response(status, json.dumps(problem).encode(), kind=problems.TYPE)
        response.headers.append((b"x-request-id", request_id.encode()))
    else:
        text = f"{sentence}\n".encode()
        response = json_response(status, text, kind="text/plain; charset=utf-8")
    response.headers.append((b"connection", b"close"))
    if status is HTTPStatus.SERVICE_UNAVAILABLE:
        response.headers.append((b"retry-after", b"1"))
    return response
