"""How much a client may send, and how long it may take: nobody else notices."""

import re
import time
from collections.abc import Callable

import pytest

from giftweb.serving import connections, front
from giftweb.serving.connections import source_name
from giftweb.serving.web import allow_open_files
from giftweb.web.http import requests
from giftweb.web.pages import scanned
from tests.serving.front.running import GET, POST, WAIT, wait_until

pytestmark = pytest.mark.no_database


@pytest.mark.proves("X3")
def test_a_body_that_does_not_come_is_given_up_and_keeps_no_thread(server, monkeypatch):
    monkeypatch.setattr(connections, "BODY_SECONDS", 0.7)
    slow = [server.connect().send(POST + b"Content-Length: 50\r\n\r\ncode=") for _ in range(20)]
    assert server.connect().send(GET).status == 200
    for client in slow:
        assert client.status == 408
        assert client.is_closed
    assert len(server.environs) == 1


@pytest.mark.proves("X3")
def test_a_body_that_comes_byte_by_byte_is_given_up_as_well(server, monkeypatch):
    monkeypatch.setattr(connections, "BODY_SECONDS", 0.5)
    client = server.connect().send(POST + b"Content-Length: 500\r\n\r\n")
    with pytest.raises(OSError, match=r"reset|Broken pipe"):
        client.send(*[b"x"] * 400)
    assert not server.environs


@pytest.mark.proves("X4")
def test_a_head_that_does_not_come_is_given_up(server, monkeypatch):
    monkeypatch.setattr(connections, "HEAD_SECONDS", 0.5)
    silent, partial = server.connect(), server.connect().send(b"GET / HT")
    assert partial.status == 408
    assert silent.is_closed


@pytest.mark.parametrize(
    ("framing", "end"),
    [
        (b"Content-Length: 2000000\r\n\r\n", b""),
        (b"Transfer-Encoding: chunked\r\n\r\n1E8480\r\n", b"\r\n0\r\n\r\n"),
    ],
)
@pytest.mark.proves("X3")
def test_a_body_above_one_megabyte_is_refused(server, framing, end):
    client = server.connect().send(POST + framing, *[bytes(200_000)] * 10, end)
    assert client.status == 413
    assert client.is_closed
    assert not server.environs


def test_a_body_of_one_megabyte_is_heard(server):
    client = server.connect().send(POST + b"Content-Length: 1048576\r\n\r\n", bytes(1048576))
    assert len(client.read()) > 1048576


@pytest.mark.proves("B21")
def test_a_photo_of_a_card_may_be_larger(server, monkeypatch):
    assert front.LARGER_BODIES == {
        "/staff/counter/photo": scanned.MAX_PHOTO_BYTES,
        "/staff/imports/": requests.LARGEST_FILE,
    }
    monkeypatch.setitem(front.LARGER_BODIES, "/body", scanned.MAX_PHOTO_BYTES)
    photo = b"POST /body HTTP/1.1\r\nHost: a\r\nContent-Length: %d\r\n\r\n"
    client = server.connect().send(photo % 2_000_000, bytes(2_000_000))
    assert client.status == 200
    client = server.connect().send(photo % 9_000_000, *[bytes(1_000_000)] * 9)
    assert client.status == 413


@pytest.mark.proves("X3")
def test_a_picture_of_a_product_or_a_logo_is_as_large_as_its_page_says(server, monkeypatch):
    for path in ("/staff/products/cmp_1/MUG-1/pictures", "/staff/campaigns/cmp_1/logo"):
        assert front.largest_body(path) == requests.LARGEST_PICTURE
        assert front.largest_body(f"{path}/removal") == front.MAX_BODY_BYTES
    monkeypatch.setattr(front, "_TAKES_PICTURE", re.compile("/body"))
    picture = b"POST /body HTTP/1.1\r\nHost: a\r\nContent-Length: 5000000\r\n\r\n"
    assert server.connect().send(picture, *[bytes(1_000_000)] * 5).status == 200


@pytest.mark.parametrize(
    "headers",
    [b"A: " + bytes([97]) * 17_000, b"A: b\r\n" * 101, b"A: " + bytes([97]) * 9_000 + b"\r\nB: "],
)
def test_a_head_that_is_too_large_is_refused(server, headers):
    client = server.connect().send(
        b"GET / HTTP/1.1\r\n" + headers, b"c: " + b"d" * 9_000 + b"\r\n\r\n"
    )
    assert client.status == 400
    assert not server.environs


def test_a_client_that_sends_many_requests_at_once_is_refused(server):
    client = server.connect().send(GET * 40)
    assert b"HTTP/1.1 400 " in client.read_to_end()


def test_an_idle_connection_is_closed(server, monkeypatch):
    monkeypatch.setattr(connections, "IDLE_SECONDS", 0.5)
    client = server.connect().send(GET)
    assert client.status == 200
    assert client.is_closed


@pytest.mark.proves("X4")
def test_a_thousand_idle_connections_cost_nothing(server):
    allow_open_files()
    idle = [server.connect() for _ in range(1500)]
    started_at = time.monotonic()
    for _ in range(20):
        assert server.connect().send(GET).status == 200
    assert time.monotonic() - started_at < 5
    for client in idle:
        client.socket.close()


@pytest.mark.proves("X4")
def test_the_oldest_idle_connection_makes_room_for_a_new_one(start, monkeypatch):
    monkeypatch.setattr(connections, "MAX_CONNECTIONS_PER_SOURCE", 3)
    server = start()
    first, second, third = (server.connect() for _ in range(3))
    wait_until(lambda: len(server.front.connections) == 3)
    assert first.send(GET).status == 200
    fourth = server.connect().send(GET)
    assert fourth.status == 200
    assert first.is_closed
    assert second.send(GET).status == third.send(GET).status == 200


def test_at_the_limit_of_all_the_source_with_the_most_connections_makes_room(start, monkeypatch):
    monkeypatch.setattr(connections, "MAX_CONNECTIONS", 3)
    server = start()
    quiet = server.connect("127.0.0.2")
    greedy = [server.connect() for _ in range(2)]
    wait_until(lambda: len(server.front.connections) == 3)
    assert server.connect("127.0.0.3").send(GET).status == 200
    assert greedy[0].is_closed
    assert quiet.send(GET).status == greedy[1].send(GET).status == 200


def test_without_an_idle_connection_there_is_no_room(start, monkeypatch):
    monkeypatch.setattr(connections, "MAX_CONNECTIONS_PER_SOURCE", 2)
    server = start()
    waiting = [server.connect().send(WAIT) for _ in range(2)]
    wait_until(lambda: len(server.environs) == 2)
    answer = server.connect().read_to_end()
    assert answer.startswith(b"HTTP/1.1 503 ")
    assert b"Retry-After: 1" in answer
    server.release.set()
    assert [client.status for client in waiting] == [200, 200]


@pytest.mark.parametrize(
    ("address", "name"),
    [
        ("192.0.2.1", "192.0.2.1"),
        ("::ffff:192.0.2.1", "192.0.2.1"),
        ("2001:db8::1", "2001:db8::/64"),
        ("2001:db8::2", "2001:db8::/64"),
        ("no address", "unknown"),
        ("", "unknown"),
    ],
)
@pytest.mark.proves("X20")
def test_an_address_stands_for_its_source(address, name):
    assert source_name(address) == name


@pytest.mark.proves("X3")
def test_large_bodies_of_one_source_do_not_fill_the_memory(start, monkeypatch):
    monkeypatch.setattr(front, "MAX_KEPT_BYTES_PER_SOURCE", 500_000)
    server = start()
    large = POST + b"Content-Length: 300000\r\n\r\n" + bytes(200_000)
    clients = [server.connect().send(large) for _ in range(4)]
    assert [clients[2].status, clients[3].status] == [503, 503]
    assert server.connect().send(POST + b"Content-Length: 3\r\n\r\nabc").status == 200
    for client in clients[:2]:
        assert client.send(bytes(100_000)).status == 200
    for client in clients:
        client.socket.close()
    wait_until(lambda: not server.front._kept_bytes)


@pytest.fixture
def stall(monkeypatch, server) -> Callable[[], None]:
    """Keeps the server busy for a second and a half in the midst of what it reads."""
    read = connections.Connection.data_received

    def slow(connection, data):
        if data == b"stall":
            time.sleep(1.5)
        else:
            read(connection, data)

    monkeypatch.setattr(connections.Connection, "data_received", slow)
    stalling = server.connect()
    wait_until(lambda: server.front.connections)
    return lambda: stalling.send(b"stall")


@pytest.mark.proves("X3")
def test_a_stall_of_the_server_is_not_held_against_who_has_sent_a_request(
    server, stall, monkeypatch
):
    client = server.connect()
    wait_until(lambda: len(server.front.connections) == 2)
    monkeypatch.setattr(connections, "HEAD_SECONDS", 1)
    stall()
    assert client.send(GET).status == 200


@pytest.mark.proves("X2")
def test_a_request_that_has_arrived_when_the_process_stops_is_answered(server, stall):
    client = server.connect()
    wait_until(lambda: len(server.front.connections) == 2)
    stall()
    server.begin_to_stop()
    answer = client.send(GET).read()
    assert answer.startswith(b"HTTP/1.1 200 ")
    assert b"connection: close" in answer
