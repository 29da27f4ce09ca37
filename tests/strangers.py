"""What strangers do to a server, byte by byte: tests/serving/test_web.py and tests/soak."""

import socket
import struct
from urllib.parse import urlsplit

HTTP2_PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
SETTINGS, HEADERS, DATA = 4, 1, 0
END_HEADERS = 4
FORM = b"application/x-www-form-urlencoded"
POST_A_FORM_OF_50 = b"\x83\x86\x04\x08/balance\x01\x01x\x0f\x10\x21" + FORM + b"\x0f\x0d\x0250"
"""A request's headers in HPACK: POST, http, path, authority, content-type, content-length: 50."""


def open_to(address: str) -> socket.socket:
    """A connection to the server."""
    place = urlsplit(address)
    return socket.create_connection((place.hostname, place.port), timeout=10)


def http2_frame(kind: int, stream: int, payload: bytes = b"", *, flags: int = 0) -> bytes:
    """One frame of HTTP/2."""
    return struct.pack(">I", len(payload))[1:] + struct.pack(">BBI", kind, flags, stream) + payload


def begin_forms_over_http2(connection: socket.socket, count: int) -> None:
    """Speak HTTP/2 without asking first: forms of 50 bytes, of which 5 are sent."""
    frames = HTTP2_PREFACE + http2_frame(SETTINGS, 0)
    for stream in range(1, 2 * count, 2):
        frames += http2_frame(HEADERS, stream, POST_A_FORM_OF_50, flags=END_HEADERS)
        frames += http2_frame(DATA, stream, b"code=")
    connection.sendall(frames)


def begin_form(address: str) -> socket.socket:
    """A connection that has sent the head of a form of 50 bytes, and 5 of them."""
    connection = open_to(address)
    head = f"POST /balance HTTP/1.1\r\nHost: x\r\nContent-Type: {FORM.decode()}\r\n"
    connection.sendall(f"{head}Content-Length: 50\r\n\r\ncode=".encode())
    return connection
