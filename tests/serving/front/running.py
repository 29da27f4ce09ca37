"""A front in a thread of the tests, an application behind it, and clients that send bytes."""

import re
import socket
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from uvicorn import Server

from giftweb.serving.front import Front

HOST = b"Host: shop.example\r\n"
GET = b"GET / HTTP/1.1\r\n" + HOST + b"\r\n"
POST = b"POST / HTTP/1.1\r\n" + HOST
WAIT = b"GET /wait HTTP/1.1\r\n" + HOST + b"\r\n"
PREPARED = {"/healthz": b'{"status":"ok"}'}


@dataclass
class Client:
    """A client that sends bytes, and reads what comes."""

    address: tuple[str, int]
    source: str = "127.0.0.1"

    def __post_init__(self) -> None:
        self.socket = socket.create_connection(
            self.address, timeout=10, source_address=(self.source, 0)
        )

    def send(self, *parts: bytes) -> "Client":
        """Send the parts, one after the other."""
        for part in parts:
            self.socket.sendall(part)
            time.sleep(0.02)
        return self

    def read(self) -> bytes:
        """One response with a Content-Length."""
        data = b""
        while b"\r\n\r\n" not in data:
            part = self.socket.recv(65536)
            if not part:
                return data
            data += part
        head, _, body = data.partition(b"\r\n\r\n")
        length = re.search(rb"content-length: (\d+)", head, re.I)
        while length and len(body) < int(length[1]):
            body += self.socket.recv(65536)
        return head + b"\r\n\r\n" + body

    def read_to_end(self) -> bytes:
        """Everything until the connection is closed."""
        data = b""
        while part := self.socket.recv(65536):
            data += part
        return data

    @property
    def status(self) -> int:
        """The status of the next response."""
        return int(self.read().split()[1])

    @property
    def is_closed(self) -> bool:
        """Whether the server closes the connection within ten seconds, and says nothing."""
        return self.read_to_end() == b""


@dataclass
class Running:
    """A front on a thread of its own, and the application behind it."""

    front: Front
    address: tuple[str, int]
    server: Server
    thread: threading.Thread
    environs: list[dict] = field(default_factory=list)
    release: threading.Event = field(default_factory=threading.Event)
    closed: list[str] = field(default_factory=list)

    def connect(self, source: str = "127.0.0.1") -> Client:
        """A new client, from an address of this machine."""
        return Client(self.address, source)

    def begin_to_stop(self) -> None:
        """Stop when the requests under way are answered."""
        self.server.should_exit = True

    def stop(self) -> None:
        """Stop, and wait for it."""
        self.release.set()
        self.begin_to_stop()
        self.thread.join(10)
        assert not self.thread.is_alive()

    def application(self, environ, start_response):
        """Answers what it is asked for in the path."""
        self.environs.append(environ)
        action = getattr(self, f"answer_{environ['PATH_INFO'].strip('/') or 'body'}")
        return action(environ, start_response)

    def answer_body(self, environ, start_response):
        start_response("200 OK", [("Content-Type", "text/plain")])
        return [environ["wsgi.input"].read()]

    def answer_wait(self, environ, start_response):
        self.release.wait(30)
        start_response("200 OK", [])
        return [b"waited"]

    def answer_fail(self, environ, start_response):
        raise ValueError("on purpose")

    def answer_inject(self, environ, start_response):
        start_response("200 OK", [("X-Name", "a\r\nSet-Cookie: b")])
        return [b""]

    def answer_large(self, environ, start_response):
        start_response("200 OK", [("Content-Type", "text/csv")])
        return self._lines(80_000)

    def answer_breaks(self, environ, start_response):
        start_response("200 OK", [])
        yield from self._lines(20_000)
        raise ValueError("on purpose")

    def _lines(self, count: int) -> Iterator[bytes]:
        try:
            for number in range(count):
                yield b"%099d\n" % number
        finally:
            self.closed.append("lines")


def wait_until(condition: Callable[[], object]) -> None:
    for _ in range(200):
        if condition():
            return
        time.sleep(0.05)
    raise AssertionError("it did not happen within ten seconds")
