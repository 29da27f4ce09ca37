"""Threads are for complete requests; sources take turns; a stop finishes what has begun."""

import json

import pytest

from giftweb.serving import front
from tests.serving.front.running import GET, HOST, POST, WAIT, Client, wait_until

pytestmark = pytest.mark.no_database


def keep_all_threads_busy(server) -> list[Client]:
    waiting = [server.connect().send(WAIT) for _ in range(front.THREADS)]
    wait_until(lambda: len(server.environs) == front.THREADS)
    return waiting


@pytest.mark.proves("X3")
def test_the_health_is_answered_when_every_thread_is_busy(server):
    waiting = keep_all_threads_busy(server)
    answer = server.connect().send(b"GET /healthz HTTP/1.1\r\n" + HOST + b"\r\n").read()
    assert answer.endswith(b'\r\n\r\n{"status":"ok"}')
    server.release.set()
    assert [client.status for client in waiting] == [200] * len(waiting)


def test_a_source_with_too_many_requests_is_refused(start, monkeypatch):
    monkeypatch.setattr(front, "MAX_REQUESTS_PER_SOURCE", 5)
    server = start()
    waiting = [server.connect().send(WAIT) for _ in range(5)]
    answer = server.connect().send(b"GET /api/v1/x HTTP/1.1\r\n" + HOST + b"\r\n").read_to_end()
    assert answer.startswith(b"HTTP/1.1 503 ")
    assert b"retry-after: 1" in answer
    assert b"application/problem+json" in answer
    head, _, body = answer.partition(b"\r\n\r\n")
    problem = json.loads(body)
    assert problem["code"] == "unavailable"
    assert f"x-request-id: {problem['request_id']}".encode() in head
    server.release.set()
    assert [client.status for client in waiting] == [200] * 5


def test_sources_behind_a_proxy_are_told_apart(start, monkeypatch):
    monkeypatch.setattr(front, "MAX_REQUESTS_PER_SOURCE", 2)
    server = start(proxies=1)

    def wait_for(address: str) -> Client:
        hops = f"X-Forwarded-For: 203.0.113.7, {address}\r\n\r\n".encode()
        return server.connect().send(b"GET /wait HTTP/1.1\r\n" + HOST + hops)

    waiting = [wait_for(address) for address in ("192.0.2.1", "192.0.2.1", "192.0.2.2")]
    assert wait_for("192.0.2.1").status == 503
    server.release.set()
    assert [client.status for client in waiting] == [200] * 3


def test_sources_take_turns(server):
    waiting = keep_all_threads_busy(server)
    for number in range(6):
        waiting.append(server.connect().send(post(b"greedy %d" % number)))
    for number in range(2):
        waiting.append(server.connect("127.0.0.2").send(post(b"modest %d" % number)))
    wait_until(lambda: [waiting_from(server, f"127.0.0.{last}") for last in (1, 2)] == [6, 2])
    server.release.set()
    assert [client.status for client in waiting] == [200] * len(waiting)
    order = [environ["wsgi.input"].getvalue() for environ in server.environs[front.THREADS :]]
    assert set(order[:4]) == {b"greedy 0", b"modest 0", b"greedy 1", b"modest 1"}


def waiting_from(server, address: str) -> int:
    """How many requests of an address wait for a thread."""
    return len(server.front.sources.find(address).queue)


def post(body: bytes) -> bytes:
    return POST + b"Content-Length: %d\r\n\r\n%b" % (len(body), body)


def test_threads_that_are_stuck_are_replaced(server, monkeypatch):
    monkeypatch.setattr(front, "STUCK_SECONDS", 0.3)
    waiting = keep_all_threads_busy(server)
    queued = server.connect("127.0.0.3").send(GET)
    assert not server.front.are_threads_stuck
    wait_until(lambda: server.front.are_threads_stuck)
    server.front.renew_threads()
    assert queued.status == 200
    server.release.set()
    assert [client.status for client in waiting] == [200] * len(waiting)


def test_a_request_under_way_is_answered_when_the_server_stops(server):
    client, idle = server.connect().send(WAIT), server.connect()
    wait_until(lambda: server.environs)
    server.begin_to_stop()
    assert idle.is_closed
    server.release.set()
    answer = client.read_to_end()
    assert answer.endswith(b"waited")
    assert b"connection: close" in answer
    server.stop()
    with pytest.raises(OSError, match="refused"):
        server.connect()


def test_nothing_is_kept_of_who_has_gone(server):
    for request in (GET, WAIT, POST + b"Content-Length: 9\r\n\r\nabc", b"GET /"):
        server.connect().send(request).socket.close()
    server.release.set()
    wait_until(lambda: not server.front.connections)
    wait_until(lambda: not server.front.sources._sources)
    assert server.front._kept_bytes == 0
