"""Responses arrive whole or visibly broken, and keep no thread while they are read."""

import socket
import struct
from contextlib import suppress

import pytest

from giftweb.serving import connections
from tests.serving.front.running import GET, HOST, POST, wait_until

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
LARGE_KEPT = b"GET /large HTTP/1.1\r\n" + HOST + b"\r\n"
UNFINISHED = b"Content-Length: 90\r\n\r\nhalf"
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


@pytest.mark.proves("X2")
@pytest.mark.parametrize("sent", [LARGE_KEPT, LARGE_KEPT * 3, LARGE_KEPT + POST + UNFINISHED])
def test_a_connection_that_its_client_cuts_leaves_no_error_in_the_log(server, caplog, sent):
    for number in range(6):
        client = server.connect()
        client.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        client.socket.sendall(sent)
        client.socket.recv(1 + number * 100_000)
        client.socket.close()
    wait_until(lambda: not server.front.connections)
    assert server.connect().send(GET).status == 200
    assert caplog.text == ""
