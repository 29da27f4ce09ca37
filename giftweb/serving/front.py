"""Between the web server and the application: strangers wait here, and keep no thread.

uvicorn reads and writes. A thread of the application gets a request that is complete, and is free
before its response has been read. docs/decisions/0024-a-front-on-uvicorn.md has the figures.
"""

import asyncio
import re
import time
from asyncio import Future
from collections import deque
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from http import HTTPStatus
from io import BytesIO
from typing import Any

from giftweb.serving.connections import Connection, Source, Sources
from giftweb.serving.wsgi import (
    Application,
    Environ,
    Rejected,
    Response,
    Scope,
    call,
    json_response,
    make_environ,
    refusal,
)

THREADS = 4
"""Enough to wait for the disk and for a lock at the same time. More of them take the interpreter
from each other, and each has a connection of its own: docs/decisions/0021-four-threads.md."""
STUCK_SECONDS = 10
TICK_SECONDS = 0.5

# Limits of one process
MAX_REQUESTS = 512
MAX_REQUESTS_PER_SOURCE = 128
MAX_BODY_BYTES = 1024 * 1024
LARGER_BODIES = {
    "/staff/counter/photo": 8 * 1024 * 1024,
    "/staff/imports/": 8 * 1024 * 1024,
}
"""Addresses that take more: a photo as a phone makes it, a file of gift cards."""
PICTURE_BYTES = 12 * 1024 * 1024
_TAKES_PICTURE = re.compile("/staff/(?:products/[^/]+/[^/]+/pictures|campaigns/[^/]+/logo)")
MAX_KEPT_BYTES = 64 * 1024 * 1024
MAX_KEPT_BYTES_PER_SOURCE = 16 * 1024 * 1024
SMALL_BODY_BYTES = 16 * 1024
"""A form: there is always room for one."""
PART_BYTES = 64 * 1024

Message = dict[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]


def largest_body(path: str) -> int:
    """How many bytes a request to this path may bring."""
    if _TAKES_PICTURE.fullmatch(path):
        return PICTURE_BYTES
    return LARGER_BODIES.get(path, MAX_BODY_BYTES)


class ClientGone(Exception):
    """The client has closed the connection."""


class Front:
    """A WSGI application as an ASGI one. ``proxies`` is the number of trusted ones before us.

    ``prepared`` are JSON texts by path, sent without a thread: they come when all are busy.
    """

    def __init__(
        self,
        application: Application,
        *,
        proxies: int = 0,
        prepared: dict[str, bytes] | None = None,
    ):
        self.connections: set[Connection] = set()
        self.sources = Sources(is_behind_proxy=proxies > 0)
        self.ticked_at = time.monotonic()
        self._application = application
        self._proxies = proxies
        self._prepared = prepared or {}
        self._executor = ThreadPoolExecutor(THREADS)
        self._threads = THREADS
        self._running = 0
        self._progress_at = self.ticked_at
        self._requests = 0
        self._queues: deque[Source] = deque()
        self._kept_bytes = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Source: the ASGI specification."""
        if scope["type"] == "lifespan":
            await self._live(receive, send)
            return
        try:
            response = await self._respond(scope, receive)
        except Rejected as rejected:
            response = refusal(rejected.status, path=scope["path"])
        except ClientGone:
            return
        with response.body:
            await _send(response, send)

    @property
    def are_threads_stuck(self) -> bool:
        """Whether all of them have been busy, and none has finished, for STUCK_SECONDS."""
        are_busy = self._running >= self._threads
        return are_busy and time.monotonic() - self._progress_at > STUCK_SECONDS

    def renew_threads(self) -> None:
        """Let new threads serve what waits for those that are stuck. Called from any thread."""
        self._progress_at = time.monotonic()
        self._loop.call_soon_threadsafe(self._renew_threads)

    def _renew_threads(self) -> None:
        self._executor.shutdown(wait=False)
        self._executor = ThreadPoolExecutor(THREADS)
        self._threads += THREADS
        for _ in range(THREADS):
            self._running += 1
            self._pass_turn_on()

    async def _live(self, receive: Receive, send: Send) -> None:
        await receive()
        self._loop = asyncio.get_running_loop()
        ticking = asyncio.create_task(self._tick())
        await send({"type": "lifespan.startup.complete"})
        await receive()
        ticking.cancel()
        self._executor.shutdown(wait=self._running == 0, cancel_futures=True)
        await send({"type": "lifespan.shutdown.complete"})

    async def _tick(self) -> None:
        while True:
            self.ticked_at = time.monotonic()
            for connection in tuple(self.connections):
                connection.check_deadline(self._loop.time())
            await asyncio.sleep(TICK_SECONDS)
            # After a stall timers come first: what has arrived meanwhile is read before they count.
            await asyncio.sleep(0)

    async def _respond(self, scope: Scope, receive: Receive) -> Response:
        prepared = self._prepared.get(scope["path"])
        if prepared is not None and scope["method"] in ("GET", "HEAD"):
            return json_response(HTTPStatus.OK, prepared)
        environ = make_environ(scope)
        source = self._find_source(environ)
        body = bytearray()
        try:
            if "CONTENT_LENGTH" in environ or "HTTP_TRANSFER_ENCODING" in environ:
                await self._read_body(environ, receive, source, body)
            environ["wsgi.input"] = BytesIO(body)
            response = await self._work(environ, source)
            if "HTTP_UPGRADE" in environ:
                response.headers.append((b"connection", b"close"))
            return response
        finally:
            self._kept_bytes -= len(body)
            source.kept_bytes -= len(body)
            self.sources.forget(source)

    def _find_source(self, environ: Environ) -> Source:
        hops = environ.get("HTTP_X_FORWARDED_FOR", "").split(",")
        if 0 < self._proxies <= len(hops):
            return self.sources.find(hops[-self._proxies].strip())
        return self.sources.find(environ["REMOTE_ADDR"])

    async def _read_body(
        self, environ: Environ, receive: Receive, source: Source, body: bytearray
    ) -> None:
        """Read the body of a request into ``body``, and its size into the environ.

        Raises: Rejected, ClientGone.
        """
        declared = int(environ.get("CONTENT_LENGTH") or 0)
        is_chunked = environ.pop("HTTP_TRANSFER_ENCODING", None) is not None
        most = largest_body(environ["PATH_INFO"])
        if declared > most and "HTTP_EXPECT" in environ:
            raise Rejected(HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
        await self._receive_into(body, receive, source, most=most)
        if len(body) > most:
            raise Rejected(HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
        if not is_chunked and len(body) != declared:
            raise Rejected(HTTPStatus.BAD_REQUEST)
        environ["CONTENT_LENGTH"] = str(len(body))

    async def _receive_into(
        self, body: bytearray, receive: Receive, source: Source, *, most: int
    ) -> None:
        """What is beyond the limit is received and dropped: its client is to read the refusal."""
        has_more = True
        while has_more:
            message = await receive()
            if message["type"] == "http.disconnect":
                raise ClientGone
            has_more = message.get("more_body", False)
            if len(body) > most:
                continue
            part = message.get("body", b"")
            body += part
            self._kept_bytes += len(part)
            source.kept_bytes += len(part)
            if len(body) > SMALL_BODY_BYTES and self._is_memory_full(source):
                raise Rejected(HTTPStatus.SERVICE_UNAVAILABLE)

    def _is_memory_full(self, source: Source) -> bool:
        is_greedy = source.kept_bytes > MAX_KEPT_BYTES_PER_SOURCE
        return is_greedy or self._kept_bytes > MAX_KEPT_BYTES

    async def _work(self, environ: Environ, source: Source) -> Response:
        """Call the application in a thread; when none is free, sources take turns."""
        if self._requests >= MAX_REQUESTS or source.requests >= MAX_REQUESTS_PER_SOURCE:
            raise Rejected(HTTPStatus.SERVICE_UNAVAILABLE)
        self._requests += 1
        source.requests += 1
        try:
            if self._running < self._threads:
                self._running += 1
                self._progress_at = time.monotonic()
            else:
                await self._wait_for_turn(source)
            try:
                response: Future[Response] = self._loop.create_future()
                self._executor.submit(self._run, environ, response)
                return await response
            finally:
                self._pass_turn_on()
        finally:
            self._requests -= 1
            source.requests -= 1

    def _run(self, environ: Environ, response: Future[Response]) -> None:
        """In a thread."""
        try:
            result = call(self._application, environ)
        except BaseException as error:
            self._loop.call_soon_threadsafe(_set, response, None, error)
        else:
            self._loop.call_soon_threadsafe(_set, response, result)

    def _wait_for_turn(self, source: Source) -> Future[None]:
        turn: Future[None] = self._loop.create_future()
        if not source.queue:
            self._queues.append(source)
        source.queue.append(turn)
        return turn

    def _pass_turn_on(self) -> None:
        self._progress_at = time.monotonic()
        while self._queues:
            source = self._queues.popleft()
            turn = source.queue.popleft()
            if source.queue:
                self._queues.append(source)
            if not turn.done():
                turn.set_result(None)
                return
        self._running -= 1


async def _send(response: Response, send: Send) -> None:
    await send(
        {
            "type": "http.response.start",
            "status": response.status,
            "headers": response.headers,
        }
    )
    part = response.body.read(PART_BYTES)
    while len(part) == PART_BYTES:
        await send({"type": "http.response.body", "body": part, "more_body": True})
        part = response.body.read(PART_BYTES)
    await send({"type": "http.response.body", "body": part})


def _set(
    response: Future[Response], result: Response | None, error: BaseException | None = None
) -> None:
    if response.done():
        return
    if error is not None:
        response.set_exception(error)
    elif result is not None:
        response.set_result(result)
