"""Forwards events to a program on a developer's machine: signed like the real ones, sent once.

Only commands use it. The server sends with ``webhook_sender``, to public addresses alone.
"""

import http.client
import json
from typing import Any
from urllib.parse import urlsplit

from giftweb import clock
from giftweb.domain.outbox.public_addresses import is_inside
from giftweb.errors import Invalid
from giftweb.gateways.webhook_sender import ANSWER_LIMIT, Answer, answer_of, signed_headers

_LINES = {"http": http.client.HTTPConnection, "https": http.client.HTTPSConnection}
_TIMEOUT = 10


def read_url(text: str) -> str:
    """Where events are forwarded to.

    Raises: Invalid when it is no whole address, or plain http to the public internet.
    """
    try:
        parts = urlsplit(text)
        host, is_whole = parts.hostname or "", parts.scheme in _LINES and parts.port != 0
    except ValueError:
        host, is_whole = "", False
    if not (is_whole and host and text.isascii() and text.isprintable() and " " not in text):
        raise Invalid("Enter a whole address, such as http://127.0.0.1:3000/hook.")
    if parts.scheme == "http" and not is_inside(host):
        raise Invalid("Use https: events name customers, and this address is on the internet.")
    return text


def forward(url: str, *, secret: str, event_id: str, content: dict[str, Any]) -> Answer:
    """Send one event. Never raises for anything that the other side does."""
    body = json.dumps(content, separators=(",", ":"), ensure_ascii=False)
    headers = signed_headers(secret, event_id=event_id, body=body, at=clock.now())
    return answer_of(lambda: _post(url, body.encode(), headers))


def _post(url: str, body: bytes, headers: dict[str, str]) -> int:
    parts = urlsplit(url)
    line = _LINES[parts.scheme](parts.hostname or "", parts.port, timeout=_TIMEOUT)
    try:
        path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        line.request("POST", path, body, headers)
        answer = line.getresponse()
        answer.read(ANSWER_LIMIT)
        return answer.status
    finally:
        line.close()
