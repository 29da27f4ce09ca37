"""Strangers at the doors, and ten honest visitors a second beside them (X2 to X4, X19).

3,000 idle connections, 64 slow bodies, 64 slow readers, and connections of HTTP/2 and HTTP/1.1 that
are cut in the middle, from many addresses. Every honest request is answered, 99 of 100 in half a
second.
"""

import http.client
import random
import resource
import socket
import statistics
import struct
import tempfile
import threading
import time
from contextlib import ExitStack, suppress
from pathlib import Path
from urllib.parse import urlsplit

from giftweb import keys
from tests import engines
from tests.served import serving

IDLE, SLOW = 3000, 64
A_SECOND = 10
FEW_SECONDS = 0.5

Place = tuple[str, int]


def run(seconds: int) -> dict[str, int]:
    """Besiege a served program for so long; what was done, and how many were answered."""
    _allow_files(IDLE * 2)
    with tempfile.TemporaryDirectory() as folder, ExitStack() as ways:
        path = Path(folder) / "keys.json"
        keys.use(keys.create(path))
        engine = engines.make("sqlite", Path(folder) / "sqlite")
        ways.callback(engine.remove)
        parts = urlsplit(ways.enter_context(serving(engine.url, path)))
        place = str(parts.hostname), int(parts.port or 80)
        return _besieged(place, max(seconds, 10))


def _besieged(place: Place, seconds: int) -> dict[str, int]:
    is_over, times = threading.Event(), []
    held = [_stranger(place, number) for number in range(IDLE)]
    strangers = [threading.Thread(target=_cut, args=(place, is_over), daemon=True)]
    for way in (_slow_body, _slow_reader):
        for number in range(SLOW):
            arguments = (place, number, is_over)
            strangers.append(threading.Thread(target=way, args=arguments, daemon=True))
    for thread in strangers:
        thread.start()
    ends_at = time.monotonic() + seconds
    while time.monotonic() < ends_at:
        times.append(_visit(place))
        time.sleep(1 / A_SECOND)
    is_over.set()
    for connection in held:
        if connection is not None:
            connection.close()
    slowest = statistics.quantiles(times, n=100)[-1]
    assert slowest <= FEW_SECONDS, f"99 of 100 within {slowest:.3f} s"
    return {"idle": sum(each is not None for each in held), "honest requests": len(times)}


def _allow_files(count: int) -> None:
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(count + 200, most), most))


def _stranger(place: Place, number: int) -> socket.socket | None:
    """A connection from one of many addresses; None when it was refused."""
    source = (f"127.0.{1 + number % 100}.{1 + number // 100 % 250}", 0)
    with suppress(OSError):
        return socket.create_connection(place, timeout=5, source_address=source)
    return None


def _visit(place: Place) -> float:
    """A look at the balance page; how long it took. AssertionError when it is not answered."""
    started = time.monotonic()
    connection = http.client.HTTPConnection(*place, timeout=10)
    try:
        connection.request("GET", "/balance")
        assert connection.getresponse().status == 200
    finally:
        connection.close()
    return time.monotonic() - started


_HEAD = "{} /balance HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 100\r\n\r\n"


def _slow_body(place: Place, number: int, is_over: threading.Event) -> None:
    while not is_over.is_set():
        if connection := _stranger(place, number):
            with connection, suppress(OSError):
                connection.sendall(_HEAD.format("POST").encode())
                for _ in range(100):
                    connection.sendall(b"c")
                    if is_over.wait(1):
                        return


def _slow_reader(place: Place, number: int, is_over: threading.Event) -> None:
    while not is_over.is_set():
        if connection := _stranger(place, number):
            with connection, suppress(OSError):
                connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1024)
                connection.sendall(b"GET /balance HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n" * 20)
                while not is_over.wait(1) and connection.recv(10):
                    pass


def _cut(place: Place, is_over: threading.Event) -> None:
    """Cut connections, some of HTTP/2 with prior knowledge, in the middle of a request."""
    number = 0
    while not is_over.wait(0.05):
        number += 1
        if connection := _stranger(place, number):
            with connection, suppress(OSError):
                connection.sendall(_http2() if number % 2 else _half_a_request())


def _http2() -> bytes:
    frames = b"".join(_frame(1, 4, stream, b"\x83\x84\x86") for stream in range(1, 61, 2))
    return b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + _frame(4, 0, 0, b"") + frames


def _frame(kind: int, flags: int, stream: int, payload: bytes) -> bytes:
    return struct.pack(">I", len(payload))[1:] + struct.pack(">BBI", kind, flags, stream) + payload


def _half_a_request() -> bytes:
    whole = _HEAD.format(random.choice(("GET", "POST"))).encode() + b"code="
    return whole[: random.randrange(1, len(whole))]
