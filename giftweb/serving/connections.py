"""Connections: how long one may wait, and how many of them one address may have.

uvicorn speaks HTTP/1.1 on them (httptools, which is llhttp). It waits for ever for the head of a
request and for a client to read, and counts idle connections as busy ones; here it does not.
"""

import asyncio
import ipaddress
import math
from collections import deque
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING, Any, cast

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle

if TYPE_CHECKING:
    from giftweb.serving.front import Front

HEAD_SECONDS = 5
BODY_SECONDS = 10
IDLE_SECONDS = 15
READ_SECONDS = 15
"""In so long a client has to read some of a response."""
STOP_SECONDS = 0.5
"""So long a process that stops waits for the request of a connection that it has accepted."""
MAX_HEAD_BYTES = 16 * 1024
MAX_HEADERS = 100
MAX_PIPELINED = 16
MAX_CONNECTIONS = 4000
"""In one process."""
MAX_CONNECTIONS_PER_SOURCE = 2000
LATE = (
    b"HTTP/1.1 408 Request Timeout\r\nContent-Type: text/plain\r\nContent-Length: 37\r\n"
    b"Connection: close\r\n\r\nThe request took too long to arrive.\n"
)
BUSY = (
    b"HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\nRetry-After: 1\r\n"
    b"Connection: close\r\n\r\n"
)


@dataclass(eq=False)
class Source:
    """One client address, or the /64 network of an IPv6 address.

    ``connections`` are in the order in which they were opened; ``kept_bytes`` are the large bodies
    of its requests without a response; ``queue`` are those that wait for a thread.
    """

    name: str
    requests: int = 0
    kept_bytes: int = 0
    connections: dict["Connection", None] = field(default_factory=dict)
    queue: deque[asyncio.Future] = field(default_factory=deque)


class Sources:
    """All sources with a connection or a request."""

    def __init__(self, *, is_behind_proxy: bool):
        self._sources: dict[str, Source] = {}
        self._connections = 0
        self._max_per_source = MAX_CONNECTIONS if is_behind_proxy else MAX_CONNECTIONS_PER_SOURCE

    def find(self, address: str) -> Source:
        """The source of an address."""
        name = source_name(address)
        if name not in self._sources:
            self._sources[name] = Source(name)
        return self._sources[name]

    def add(self, source: Source, connection: "Connection") -> bool:
        """Count a new connection; False when there is no room for it.

        At a limit, the oldest connection without a request in work is closed instead: one of the
        same source, or of the source with the most connections.
        """
        if len(source.connections) >= self._max_per_source and not _evict_one(source):
            return False
        if self._connections >= MAX_CONNECTIONS:
            largest = max(self._sources.values(), key=lambda found: len(found.connections))
            if not _evict_one(largest):
                return False
        self._connections += 1
        source.connections[connection] = None
        return True

    def remove(self, source: Source, connection: "Connection") -> None:
        """Stop counting a connection, if it has been counted."""
        if connection in source.connections:
            del source.connections[connection]
            self._connections -= 1
        self.forget(source)

    def forget(self, source: Source) -> None:
        """Drop a source without connections and requests."""
        if not (source.connections or source.requests or source.kept_bytes):
            self._sources.pop(source.name, None)


def _evict_one(source: Source) -> bool:
    resting = next((found for found in source.connections if found.is_resting), None)
    if resting is None:
        return False
    resting.transport.abort()
    resting.is_evicted = True
    return True


@lru_cache(maxsize=4096)
def source_name(address: str) -> str:
    """The address, or the /64 of an IPv6 address. Whatever is no address is one shared source."""
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return "unknown"
    if isinstance(found, ipaddress.IPv4Address):
        return str(found)
    if found.ipv4_mapped:
        return str(found.ipv4_mapped)
    return str(ipaddress.IPv6Network((found.packed[:8] + bytes(8), 64)))


class Connection(HttpToolsProtocol):
    """uvicorn's connection, with deadlines and limits."""

    def __init__(self, *args: Any, **options: Any):
        super().__init__(*args, **options)
        self._front = cast("Front", self.app)
        self._since = self.loop.time()
        self._is_in_head = False
        self._head_bytes = 0
        self._header_count = 0
        self._unread_bytes = 0
        self._unanswered: deque[RequestResponseCycle] = deque()
        self._stopping: asyncio.Task[None] | None = None
        self.is_evicted = False

    @property
    def is_resting(self) -> bool:
        """Whether it can be closed without the loss of a request that is complete."""
        return (self._is_idle or self.cycle.more_body) and not self.is_evicted

    @property
    def _max_seconds(self) -> float:
        if not self._is_idle:
            return BODY_SECONDS if self.cycle.more_body else math.inf
        return HEAD_SECONDS if self._is_in_head or self.cycle is None else IDLE_SECONDS

    @property
    def _is_idle(self) -> bool:
        return self.cycle is None or self.cycle.response_complete

    def check_deadline(self, now: float) -> None:
        """Close the connection when its client takes too long to send a head, or to read."""
        unread = self.transport.get_write_buffer_size()
        if unread and unread == self._unread_bytes:
            if now - self._since > READ_SECONDS:
                self.transport.abort()
        elif unread:
            self._unread_bytes, self._since = unread, now
        elif now - self._since > self._max_seconds:
            if self._is_in_head or not self._is_idle:
                self.transport.write(LATE)
            self.transport.close()

    def on_response_complete(self) -> None:
        """The response has been written. uvicorn continues with the next request, if any."""
        self._since = self.loop.time()
        self._unanswered.popleft()
        super().on_response_complete()

    def shutdown(self) -> None:
        """The process is to stop. A request that has arrived is read first, and answered."""
        self._stopping = self.loop.create_task(self._close_soon())

    async def _close_soon(self) -> None:
        await asyncio.sleep(STOP_SECONDS)
        await asyncio.sleep(0)
        super().shutdown()

    # Called by the event loop

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """The client has connected."""
        super().connection_made(transport)
        self._front.connections.add(self)
        self._source = self._front.sources.find(self.client[0] if self.client else "")
        if not self._front.sources.add(self._source, self):
            self.transport.write(BUSY)
            self.transport.close()

    def connection_lost(self, exc: Exception | None) -> None:
        """The connection has ended: nothing is sent for any of its requests.

        uvicorn alone notes it at the newest, and logs an error for one in work before that.
        """
        super().connection_lost(exc)
        while self._unanswered:
            cycle = self._unanswered.popleft()
            cycle.disconnected = True
            cycle.message_event.set()
        self._front.connections.discard(self)
        self._front.sources.remove(self._source, self)

    def data_received(self, data: bytes) -> None:
        """The client has sent bytes."""
        was_in_head = self._is_in_head
        super().data_received(data)
        if was_in_head and self._is_in_head and not self.transport.is_closing():
            self._head_bytes += len(data)
            if self._head_bytes > MAX_HEAD_BYTES:
                self.send_400_response("The head of the request is too large.")

    # Called by llhttp. What is raised here is answered with 400, and ends the connection.

    def on_message_begin(self) -> None:
        """The first byte of a request."""
        if len(self.pipeline) >= MAX_PIPELINED:
            raise ValueError("too many requests at once")
        super().on_message_begin()
        self._is_in_head = True
        self._since = self.loop.time()
        self._head_bytes = self._header_count = 0

    def on_header(self, name: bytes, value: bytes) -> None:
        """A header; or a trailer behind a chunked body, which is dropped."""
        if not self._is_in_head:
            return
        self._header_count += 1
        self._head_bytes += len(name) + len(value)
        if self._header_count > MAX_HEADERS or self._head_bytes > MAX_HEAD_BYTES:
            raise ValueError("the head is too large")
        super().on_header(name, value)

    def on_headers_complete(self) -> None:
        """The end of the head."""
        self._is_in_head = False
        self._since = self.loop.time()
        if self.parser.get_http_version() not in ("1.0", "1.1"):
            raise ValueError("another version of HTTP")
        super().on_headers_complete()
        self._unanswered.append(self.cycle)
        if self._stopping is not None:
            self.cycle.keep_alive = False
