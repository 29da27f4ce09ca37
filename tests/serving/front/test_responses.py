"""Responses arrive whole or visibly broken, and keep no thread while they are read."""

import asyncio
import socket
from contextlib import suppress

import pytest

from giftweb.serving import connections
from giftweb.serving.front import Front
from tests.serving.front.running import GET, HOST, PREPARED, wait_until

pytestmark = pytest.mark.no_database


def test_an_application_that_fails_is_a_500(server, caplog):
    assert server.connect().send(b"GET /fail HTTP/1.1\r\n" + HOST + b"\r\n").status == 500
    assert server.connect().send(GET).status == 200
    assert "on purpose" in caplog.text


def test_a_line_break_in_a_header_is_not_sent(server):
    answer = server.connect().send(b"GET /inject HTTP/1.1\r\n" + HOST + b"\r\n").read_to_end()
    assert b"Set-Cookie" not in answer


def test_a_head_request_has_no_body(server):
    client = server.connect().send(b"HEAD / HTTP/1.1\r\n" + HOST + b"\r\n", LAST)
    assert client.read_to_end().count(b"HTTP/1.1 200 OK") == 2


def test_http_1_0_is_closed_after_the_response(server):
    answer = server.connect().send(b"GET / HTTP/1.0\r\n\r\n").read_to_end()
    assert b"connection: close" in answer


LAST = b"GET / HTTP/1.1\r\n" + HOST + b"Connection: close\r\n\r\n"
LARGE = b"GET /large HTTP/1.1\r\n" + HOST + b"Connection: close\r\n\r\n"


def body_of(answer: bytes) -> bytes:
    return answer.partition(b"\r\n\r\n")[2]


def test_a_long_response_comes_whole(server):
    answer = server.connect().send(LARGE).read_to_end()
    assert b"content-length: 8000000\r\n" in answer
    assert body_of(answer) == b"".join(b"%099d\n" % number for number in range(80_000))
    assert server.closed == ["lines"]


@pytest.mark.proves("X3")
def test_a_client_that_reads_slowly_keeps_no_thread(server):
    slow = [server.connect().send(LARGE) for _ in range(20)]
    wait_until(lambda: len(server.closed) == 20)
    assert server.connect().send(GET).status == 200
    assert len(body_of(slow[7].read_to_end())) == 8_000_000


@pytest.mark.proves("X3")
@pytest.mark.parametrize("path", [b"/large", b"/"])
def test_a_client_that_does_not_read_is_cut_off(server, monkeypatch, path):
    monkeypatch.setattr(connections, "READ_SECONDS", 0.4)
    client = server.connect()
    client.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    head = b"POST %b HTTP/1.1\r\n" % path + HOST + b"Content-Length: 1000000\r\n\r\n"
    for _ in range(8):
        with suppress(OSError):
            client.send(head + bytes(1_000_000))
    wait_until(lambda: not server.front.connections)


def test_a_response_that_breaks_is_a_500_however_long_it_was(server):
    answer = server.connect().send(b"GET /breaks HTTP/1.1\r\n" + HOST + b"\r\n").read_to_end()
    assert answer.startswith(b"HTTP/1.1 500 ")
    assert server.closed == ["lines"]


def respond(problem: str) -> None:
    """A response on a connection of which the event loop says this."""

    async def send(message: dict) -> None:
        raise RuntimeError(problem)

    front = Front(lambda environ, start_response: [], prepared=PREPARED)
    scope = {"type": "http", "path": "/healthz", "method": "GET"}
    asyncio.run(front(scope, None, send))


@pytest.mark.proves("X2")
def test_a_connection_that_its_client_has_reset_leaves_no_error_in_the_log():
    respond("unable to perform operation on <TCPTransport closed=True>; the handler is closed")
    with pytest.raises(RuntimeError, match="Unexpected"):
        respond("Unexpected message")
