"""A way to PostgreSQL that breaks: after a COMMIT and before its answer, or without a word."""

import random
import socket
import struct
import threading
import time
from contextlib import suppress
from urllib.parse import urlsplit

COMMITTED = b"COMMIT\x00"
"""What the server answers to a COMMIT: a message C with this tag."""


class DroppingProxy:
    """Passes everything on, but for some answers to COMMIT: there it cuts the connection.

    Whoever asked cannot know that it was committed. ``chance`` is that of each answer to be lost,
    at first none is; ``dropped`` counts the cuts. While it ``is_silent`` nothing comes through
    either way, and nobody is told: as if each packet was lost.
    """

    def __init__(self, server_url: str):
        parts = urlsplit(server_url)
        self.chance, self.dropped = 0.0, 0
        self.is_silent = False
        self._server = (parts.hostname, parts.port)
        self._door = socket.create_server(("127.0.0.1", 0))
        port = self._door.getsockname()[1]
        # Plain text all the way: the proxy has to read the answers.
        self.url = f"postgresql://{parts.username}@127.0.0.1:{port}{parts.path}?sslmode=disable"
        threading.Thread(target=self._open, daemon=True).start()

    def close(self) -> None:
        """Let nobody else in."""
        with suppress(OSError):
            self._door.shutdown(socket.SHUT_RDWR)
        self._door.close()

    def _open(self) -> None:
        with suppress(OSError):
            while True:
                client, _ = self._door.accept()
                threading.Thread(target=self._connect, args=(client,), daemon=True).start()

    def _connect(self, client: socket.socket) -> None:
        with suppress(OSError), client, socket.create_connection(self._server) as server:
            for end in (client, server):
                end.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            threading.Thread(target=self._forward, args=(client, server), daemon=True).start()
            self._answer(server, client)
            for end in (client, server):
                end.shutdown(socket.SHUT_RDWR)

    def _forward(self, client: socket.socket, server: socket.socket) -> None:
        with suppress(OSError):
            while data := client.recv(65536):
                self._wait_while_silent()
                server.sendall(data)
        with suppress(OSError):
            server.shutdown(socket.SHUT_WR)

    def _wait_while_silent(self) -> None:
        while self.is_silent:
            time.sleep(0.02)

    def _answer(self, server: socket.socket, client: socket.socket) -> None:
        """Pass the server's messages on, whole ones, until one of them is dropped."""
        pending = b""
        while data := server.recv(65536):
            self._wait_while_silent()
            pending += data
            whole = 0
            while (end := _end_of(pending, whole)) is not None:
                is_commit = pending[whole] == ord("C") and pending[whole + 5 : end] == COMMITTED
                if is_commit and random.random() < self.chance:
                    self.dropped += 1
                    return
                whole = end
            client.sendall(pending[:whole])
            pending = pending[whole:]


def _end_of(pending: bytes, start: int) -> int | None:
    """Where the message ends that starts there; None while it is not there whole."""
    if len(pending) < start + 5:
        return None
    end = start + 1 + struct.unpack_from("!i", pending, start + 1)[0]
    return end if end <= len(pending) else None
