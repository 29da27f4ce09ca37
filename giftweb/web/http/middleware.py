"""What goes onto every answer when it leaves, whoever wrote it.

Flask's ``after_request`` would do, but there each header is checked, set and copied one by one,
which takes longer than to look a card up. Here they are a list, on its way to the server.
"""

from collections.abc import Callable, Iterable
from time import perf_counter
from typing import Any

from flask import Flask

Headers = list[tuple[str, str]]
Environ = dict[str, Any]
Stamp = Callable[[Environ, str, Headers], None]
"""Is given the request's environment, the answer's status line, and its headers to add to."""

BEGAN = "giftweb.began"
"""Where in the environment stands when the request came, by ``perf_counter``."""


class Envelope:
    """Around the application: has every answer stamped."""

    def __init__(self, application: Callable[..., Iterable[bytes]], stamps: list[Stamp]):
        self._application = application
        self._stamps = stamps

    def __call__(self, environ: Environ, start_response: Callable[..., Any]) -> Iterable[bytes]:
        def start(status: str, headers: Headers, *problem: Any) -> Any:
            for stamped in self._stamps:
                stamped(environ, status, headers)
            return start_response(status, headers, *problem)

        environ[BEGAN] = perf_counter()
        return self._application(environ, start)


def endpoint(environ: Environ) -> str | None:
    """Which view the request was for; None for an address that there is not."""
    request = environ.get("werkzeug.request")
    return request.endpoint if request is not None else None


def stamp(app: Flask, stamped: Stamp) -> None:
    """Have each answer of the application stamped."""
    stamps = app.extensions.setdefault("giftweb.stamps", [])
    if not stamps:
        app.wsgi_app = Envelope(app.wsgi_app, stamps)  # type: ignore[method-assign]
    stamps.append(stamped)
