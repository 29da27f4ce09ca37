"""WebKit, the engine of Safari, through Debian's WebKitWebDriver (W3C WebDriver over HTTP)."""

import json
import os
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from tests.postgres import free_port

WIDGET_FRAME = "document.querySelector('giftweb-checkout').shadowRoot.querySelector('iframe')"


class WebKit:
    """One session of the browser."""

    name = "WebKit"

    def __init__(self, address: str):
        self._address = address
        answer = self._ask("POST", "/session", {"capabilities": {"alwaysMatch": {}}})
        self._session = f"/session/{answer['sessionId']}"

    def open(self, url: str) -> None:
        """Go to an address, in the top page."""
        self._do("/frame", {"id": None})
        self._do("/url", {"url": url})

    def enter_frame(self) -> None:
        """Speak to the widget's frame from now on."""
        found = self.run(WIDGET_FRAME)
        self._do("/frame", {"id": found})

    def leave_frame(self) -> None:
        """Speak to the top page again."""
        self._do("/frame", {"id": None})

    def run(self, script: str) -> Any:
        """The value of an expression."""
        return self._do("/execute/sync", {"script": f"return {script}", "args": []})

    def type_into(self, selector: str, text: str) -> None:
        """Put text into a field at once, as a paste does.

        The driver gives the keyboard to the top page alone, never to a frame of another origin.
        """
        field = f"document.querySelector({selector!r})"
        self.run(f"({field}.value = {text!r})")
        self.run(f"{field}.dispatchEvent(new InputEvent('input', {{bubbles: true}}))")

    def close(self) -> None:
        """End the session."""
        self._ask("DELETE", self._session)

    def _do(self, path: str, body: dict) -> Any:
        return self._ask("POST", self._session + path, body)

    def _ask(self, method: str, path: str, body: dict | None = None) -> Any:
        asked = urllib.request.Request(
            self._address + path,
            method=method,
            data=None if body is None else json.dumps(body).encode(),
            headers={"Content-Type": "application/json"},
        )
        try:
            with urllib.request.urlopen(asked, timeout=60) as answer:
                return json.load(answer)["value"]
        except urllib.error.HTTPError as refusal:
            raise AssertionError(refusal.read().decode()) from refusal


@contextmanager
def webkit() -> Iterator[WebKit]:
    """A running WebKit, on a screen that nobody sees."""
    port, screen = free_port(), f":{90 + os.getpid() % 900}"
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    display = subprocess.Popen(["Xvfb", screen, "-screen", "0", "1280x900x24"], **quiet)
    driver = subprocess.Popen(
        ["WebKitWebDriver", f"--port={port}"],
        env={**os.environ, "DISPLAY": screen, "WEBKIT_DISABLE_SANDBOX_THIS_IS_DANGEROUS": "1"},
        **quiet,
    )
    try:
        session = _session(f"http://127.0.0.1:{port}")
        yield session
        session.close()
    finally:
        for process in (driver, display):
            process.terminate()
            process.wait(10)


def _session(address: str) -> WebKit:
    deadline = time.monotonic() + 20
    while True:
        try:
            return WebKit(address)
        except urllib.error.URLError:
            assert time.monotonic() < deadline, "WebKitWebDriver did not start"
            time.sleep(0.2)
