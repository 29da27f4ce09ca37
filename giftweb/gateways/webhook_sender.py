"""Sends an event to a shop's endpoint: https only, public addresses only, signed, in good time.

Signed by the rules of Standard Webhooks. The certificate is checked for the host's name, no
redirect is followed, and an endpoint that answers slowly or without end is cut off.
"""

import http.client
import json
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from standardwebhooks import Webhook

from giftweb import clock
from giftweb.domain.outbox.public_addresses import is_public
from giftweb.gateways.addresses import Guard, resolve

ANSWER_LIMIT = 16 * 1024
"""How much of an answer is read, in bytes; nothing of it is kept."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What came of sending: the endpoint's status, or the problem in words."""

    status: int | None
    problem: str | None

    @property
    def is_taken(self) -> bool:
        """Whether the endpoint has the event."""
        return self.problem is None


class WebhookSender:
    """Sends signed events.

    ``may_reach`` judges each address before it is connected to, and ``trust`` holds the authorities
    whose certificates count. Production passes neither; tests pass a receiver of their own.
    """

    def __init__(
        self,
        *,
        may_reach: Guard = is_public,
        trust: ssl.SSLContext | None = None,
        step_timeout: int = 5,
        whole_timeout: int = 10,
    ):
        self._may_reach = may_reach
        self._tls = trust or ssl.create_default_context()
        self._step_timeout = step_timeout
        self._whole_timeout = whole_timeout

    def send(self, url: str, *, secret: str, event_id: str, content: dict[str, Any]) -> Answer:
        """Send one event. Never raises for anything that the other side does."""
        body = json.dumps(content, separators=(",", ":"), ensure_ascii=False)
        headers = signed_headers(secret, event_id=event_id, body=body, at=clock.now())
        return answer_of(lambda: self._post(url, body.encode(), headers))

    def _post(self, url: str, body: bytes, headers: dict[str, str]) -> int:
        parts = urlsplit(url)
        if parts.scheme != "https" or not parts.hostname:
            raise ValueError("Only https addresses are sent to.")
        path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        with self._connected(parts.hostname, parts.port or 443) as connection:
            connection.request("POST", path, body, headers)
            answer = connection.getresponse()
            answer.read(ANSWER_LIMIT)
            return answer.status

    @contextmanager
    def _connected(self, host: str, port: int) -> Iterator[http.client.HTTPSConnection]:
        plain = self._reach(host, port)
        # A second handle on the connection: shutting it ends every wait, the handshake's included.
        handle = plain.dup()
        has_run_out = threading.Event()
        alarm = threading.Timer(self._whole_timeout, _cut, (handle, has_run_out))
        alarm.daemon = True
        alarm.start()
        connection = http.client.HTTPSConnection(host, port, timeout=self._step_timeout)
        try:
            connection.sock = self._tls.wrap_socket(plain, server_hostname=host)
            yield connection
        except (OSError, http.client.HTTPException) as problem:
            if has_run_out.is_set():
                raise TimeoutError from problem
            raise
        finally:
            alarm.cancel()
            connection.close()
            plain.close()
            handle.close()

    def _reach(self, host: str, port: int) -> socket.socket:
        """A connection to the address that was judged: the name is not resolved a second time."""
        problem: OSError | None = None
        for address in resolve(host, port, may_reach=self._may_reach):
            try:
                return socket.create_connection((address, port), timeout=self._step_timeout)
            except OSError as refusal:
                problem = refusal
        raise problem or OSError("There is nothing at this address.")


def _cut(handle: socket.socket, has_run_out: threading.Event) -> None:
    has_run_out.set()
    try:
        handle.shutdown(socket.SHUT_RDWR)
    except OSError:
        return  # the other side has gone already


def signed_headers(secret: str, *, event_id: str, body: str, at: datetime) -> dict[str, str]:
    """The headers of Standard Webhooks for a body; ``at`` guards against old ones sent again."""
    return {
        "Content-Type": "application/json",
        "User-Agent": "giftweb",
        "webhook-id": event_id,
        "webhook-timestamp": str(int(at.timestamp())),
        "webhook-signature": Webhook(secret).sign(event_id, at, body),
    }


def answer_of(post: Callable[[], int]) -> Answer:
    """What came of a request: ``post`` makes it and returns the status that came back."""
    try:
        status = post()
    except ssl.SSLCertVerificationError as problem:
        return Answer(None, f"Its certificate is not trusted: {problem.verify_message}.")
    except TimeoutError:
        return Answer(None, "It did not answer in time.")
    except (OSError, http.client.HTTPException, ValueError) as problem:
        return Answer(None, _in_words(problem))
    return Answer(status, None if 200 <= status < 300 else _refusal(status))


def _refusal(status: int) -> str:
    if 300 <= status < 400:
        return f"It answered {status}: redirects are not followed."
    return f"It answered {status}."


def _in_words(problem: Exception) -> str:
    """The reason in a sentence; never what the other side wrote."""
    if isinstance(problem, ConnectionRefusedError):
        return "It refused the connection."
    if isinstance(problem, ConnectionResetError | BrokenPipeError | http.client.RemoteDisconnected):
        return "It closed the connection."
    if isinstance(problem, ssl.SSLError):
        return f"The secure connection failed: {problem.reason or 'no agreement'}."
    if isinstance(problem, http.client.HTTPException):
        return "Its answer could not be read."
    return str(getattr(problem, "strerror", None) or problem) or "It could not be reached."
