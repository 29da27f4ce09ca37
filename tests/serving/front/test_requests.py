"""What clients send reaches the application as WSGI says, or is refused."""

import re
import time

import pytest

from tests.serving.front.running import HOST, POST, wait_until

pytestmark = pytest.mark.no_database


def test_a_request_reaches_the_application(server):
    client = server.connect().send(
        b"POST /?a=b%20c HTTP/1.1\r\n" + HOST + b"Content-Length: 5\r\nX-A: 1\r\nX-A: 2\r\n"
        b"Cookie: a=1\r\nCookie: b=2\r\nContent-Type: text/plain\r\n\r\nabcde"
    )
    assert client.read().endswith(b"\r\n\r\nabcde")
    environ = server.environs[0]
    assert environ["REQUEST_METHOD"] == "POST"
    assert (environ["PATH_INFO"], environ["QUERY_STRING"]) == ("/", "a=b%20c")
    assert (environ["CONTENT_LENGTH"], environ["CONTENT_TYPE"]) == ("5", "text/plain")
    assert (environ["HTTP_X_A"], environ["HTTP_COOKIE"]) == ("1,2", "a=1; b=2")
    assert (environ["HTTP_HOST"], environ["REMOTE_ADDR"]) == ("shop.example", "127.0.0.1")
    assert environ["SERVER_PORT"] == str(server.address[1])


def test_a_path_is_decoded_as_wsgi_says(server):
    server.connect().send(b"GET /%C3%A4/%2F?%C3 HTTP/1.1\r\n" + HOST + b"\r\n").read()
    environ = server.environs[0]
    assert environ["PATH_INFO"].encode("latin-1").decode() == "/ä//"
    assert environ["QUERY_STRING"] == "%C3"


def test_a_header_with_an_underscore_does_not_pass_for_another_one(server):
    client = server.connect().send(
        b"GET / HTTP/1.1\r\n" + HOST + b"X_Forwarded_For: 192.0.2.1\r\n\r\n"
    )
    assert client.status == 200
    assert "HTTP_X_FORWARDED_FOR" not in server.environs[0]


def test_a_chunked_body_has_a_length(server):
    client = server.connect().send(
        b"POST / HTTP/1.1\r\n" + HOST + b"Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n",
        b"2\r\nde\r\n0\r\nHost: trailer.example\r\n\r\n",
    )
    assert client.read().endswith(b"\r\n\r\nabcde")
    assert server.environs[0]["CONTENT_LENGTH"] == "5"
    assert server.environs[0]["HTTP_HOST"] == "shop.example"


def test_a_client_that_waits_for_permission_to_send_gets_it(server):
    client = server.connect().send(
        b"POST / HTTP/1.1\r\n" + HOST + b"Content-Length: 3\r\nExpect: 100-continue\r\n\r\n"
    )
    assert client.socket.recv(100).startswith(b"HTTP/1.1 100 Continue\r\n")
    assert client.send(b"abc").read().endswith(b"abc")


def test_requests_sent_at_once_are_answered_in_order(server):
    bodies = [b"one", b"two", b"three"]
    requests = [
        b"POST / HTTP/1.1\r\n" + HOST + b"Content-Length: %d\r\n\r\n%b" % (len(body), body)
        for body in bodies
    ]
    client = server.connect().send(b"".join(requests)[:-40], b"".join(requests)[-40:])
    wait_until(lambda: len(server.environs) == 3)
    time.sleep(0.1)
    answers = client.socket.recv(65536)
    assert re.findall(rb"\r\n\r\n(one|two|three)", answers) == bodies


UPGRADE = b"Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAA\r\n"


def test_a_request_to_upgrade_is_served_as_it_is(server):
    answer = server.connect().send(b"GET / HTTP/1.1\r\n" + HOST + UPGRADE + b"\r\n").read_to_end()
    assert answer.startswith(b"HTTP/1.1 200 ")
    assert b"connection: close" in answer


def test_a_body_behind_a_request_to_upgrade_is_not_lost_in_silence(server):
    client = server.connect().send(POST + UPGRADE + b"Content-Length: 3\r\n\r\nabc")
    assert client.status == 400
    assert not server.environs


AMBIGUOUS = {
    "two lengths": POST + b"Content-Length: 3\r\nContent-Length: 4\r\n\r\nabcd",
    "a list of lengths": POST + b"Content-Length: 3, 3\r\n\r\nabc",
    "length and chunks": POST + b"Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "unknown coding": POST + b"Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n",
    "coding after chunked": POST + b"Transfer-Encoding: chunked, gzip\r\n\r\n0\r\n\r\n",
    "space before the colon": b"GET / HTTP/1.1\r\nHost : x\r\n\r\n",
    "folded header": b"GET / HTTP/1.1\r\n" + HOST + b"A: b\r\n c\r\n\r\n",
    "bare line feeds": b"GET / HTTP/1.1\nHost: x\n\n",
    "NUL in a header": b"GET / HTTP/1.1\r\n" + HOST + b"A: b\0\r\n\r\n",
    "two hosts": b"GET / HTTP/1.1\r\n" + HOST + HOST + b"\r\n",
    "no host": b"GET / HTTP/1.1\r\n\r\n",
    "chunks in HTTP/1.0": b"POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "space in the target": b"GET /a b HTTP/1.1\r\n" + HOST + b"\r\n",
    "HTTP/2": b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    "TLS": bytes.fromhex("16030100a5010000a10303") + bytes(100),
    "upgrade with chunks": POST + b"Connection: Upgrade\r\nUpgrade: h2c\r\n"
    b"Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
}


@pytest.mark.parametrize("name", AMBIGUOUS)
@pytest.mark.proves("X2", "X22")
def test_bytes_that_could_be_read_in_two_ways_are_refused(server, name):
    client = server.connect().send(AMBIGUOUS[name])
    answer = client.read_to_end()
    assert answer.startswith(b"HTTP/1.1 400 "), answer
    assert b"connection: close" in answer.lower()
    assert not server.environs


@pytest.mark.parametrize(
    ("request_line", "status"),
    [
        (b"GET / HTTP/0.9", 400),
        (b"GET / HTTP/2.0", 400),
        (b"CONNECT shop.example:443 HTTP/1.1", 400),
        (b"BREW / HTTP/1.1", 400),
    ],
)
def test_other_versions_and_methods_are_refused(server, request_line, status):
    assert server.connect().send(request_line + b"\r\n" + HOST + b"\r\n").status == status
    assert not server.environs
