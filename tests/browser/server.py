"""The one server of a pytest worker that browsers visit, and the application it serves just now."""

import functools
import threading
import time
from collections.abc import Callable
from contextlib import closing
from typing import Any

from flask import Flask
from playwright.sync_api import Page
from werkzeug.serving import WSGIRequestHandler, make_server

from giftweb.domain import staff
from giftweb.domain.staff.people import Person


class Quiet(WSGIRequestHandler):
    """Serves without a line for each request."""

    def log(self, type: str, message: str, *args: object) -> None:
        """Write nothing."""


class Server:
    """Threads of this process that answer with ``app``, a different one for each engine.

    They hold each answer for ``delay`` milliseconds: tests/browser/slow.py.
    """

    def __init__(self) -> None:
        self.app: Flask | None = None
        self.delay = 0
        self._at_work = 0
        self._changed = threading.Condition()
        self._http = make_server("127.0.0.1", 0, self._answer, threaded=True, request_handler=Quiet)
        self._thread = threading.Thread(
            target=self._http.serve_forever, kwargs={"poll_interval": 0.05}
        )
        self._thread.start()

    @property
    def port(self) -> int:
        return self._http.server_port

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def wait_until_idle(self) -> None:
        """Return when no request is under way: the database may be emptied then."""
        with self._changed:
            assert self._changed.wait_for(lambda: not self._at_work, timeout=20)

    def stop(self) -> None:
        self._http.shutdown()
        self._thread.join()
        self._http.server_close()

    def _answer(self, environ: dict[str, Any], start_response: Callable) -> list[bytes]:
        with self._changed:
            self._at_work += 1
        try:
            assert self.app is not None
            time.sleep(self.delay / 1000)
            with closing(self.app(environ, start_response)) as answer:
                return list(answer)
        finally:
            with self._changed:
                self._at_work -= 1
                self._changed.notify_all()


@functools.cache
def running() -> Server:
    """The server, started when it is first asked for."""
    return Server()


def enter(page: Page, person: Person) -> None:
    """Sign the person in by the cookie that the form on the sign-in page would have left."""
    server = running()
    assert server.app is not None
    client = server.app.test_client()
    key = staff.sessions.open_for(person.id, agent="the tests")
    with client.session_transaction() as session:
        session.update(_user_id=key, _fresh=True)
    name = server.app.config["SESSION_COOKIE_NAME"]
    cookie = client.get_cookie(name)
    assert cookie is not None
    kept = {"name": name, "value": cookie.value, "url": server.address, "httpOnly": True}
    page.context.add_cookies([kept])
