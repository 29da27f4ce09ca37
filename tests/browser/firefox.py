"""Debian's Firefox over WebDriver BiDi, which it speaks by itself on a WebSocket."""

import asyncio
import itertools
import json
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import aiohttp

from tests.postgres import free_port


class Firefox:
    """One session of the browser."""

    name = "Firefox"

    def __init__(self, loop: asyncio.AbstractEventLoop, socket: aiohttp.ClientWebSocketResponse):
        self._loop, self._socket, self._numbers = loop, socket, itertools.count(1)
        self._ask("session.new", capabilities={})
        self._top = self._ask("browsingContext.getTree")["contexts"][0]["context"]
        self._here = self._top

    def open(self, url: str) -> None:
        """Go to an address, in the top page."""
        self._here = self._top
        self._ask("browsingContext.navigate", context=self._top, url=url, wait="complete")

    def enter_frame(self) -> None:
        """Speak to the page's first frame from now on."""
        tree = self._ask("browsingContext.getTree", root=self._top)["contexts"][0]
        self._here = tree["children"][0]["context"]

    def leave_frame(self) -> None:
        """Speak to the top page again."""
        self._here = self._top

    def run(self, script: str) -> Any:
        """The value of an expression."""
        answer = self._ask(
            "script.evaluate",
            expression=f"JSON.stringify({script})",
            target={"context": self._here},
            awaitPromise=True,
        )
        assert answer["type"] == "success", answer
        value = answer["result"].get("value")
        return None if value is None else json.loads(value)

    def type_into(self, selector: str, text: str) -> None:
        """Type into a field, key by key."""
        self.run(f"document.querySelector({selector!r}).focus()")
        keys = [
            {"type": step, "value": character}
            for character in text
            for step in ("keyDown", "keyUp")
        ]
        actions = [{"type": "key", "id": "keyboard", "actions": keys}]
        self._ask("input.performActions", context=self._here, actions=actions)

    def _ask(self, method: str, **params: Any) -> Any:
        return self._loop.run_until_complete(self._answer(method, params))

    async def _answer(self, method: str, params: dict[str, Any]) -> Any:
        number = next(self._numbers)
        await self._socket.send_json({"id": number, "method": method, "params": params})
        while True:
            message = await asyncio.wait_for(self._socket.receive_json(), 60)
            if message.get("id") == number:
                assert message["type"] == "success", message
                return message["result"]


@contextmanager
def firefox() -> Iterator[Firefox]:
    """A running Firefox with a fresh profile."""
    port = free_port()
    with tempfile.TemporaryDirectory() as profile:
        command = ["firefox-esr", "--headless", "--no-remote", "--profile", profile]
        running = subprocess.Popen(
            [*command, "--remote-debugging-port", str(port)],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        loop = asyncio.new_event_loop()
        session, socket = loop.run_until_complete(_connect(f"ws://127.0.0.1:{port}/session"))
        try:
            yield Firefox(loop, socket)
        finally:
            loop.run_until_complete(session.close())
            loop.close()
            running.terminate()
            running.wait(20)


async def _connect(address: str) -> tuple[aiohttp.ClientSession, Any]:
    session = aiohttp.ClientSession()
    for _ in range(150):
        try:
            return session, await session.ws_connect(address)
        except aiohttp.ClientError:
            await asyncio.sleep(0.2)
    raise AssertionError("Firefox did not start")
