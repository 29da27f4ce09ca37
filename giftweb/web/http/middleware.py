"""Headers that every response carries, whoever wrote it.

Flask's ``after_request`` would do, but there each header is checked, set and copied one by one,
which takes longer than to look a card up (decision 22). Here they are a list, on its way to the
server.
"""

from collections.abc import Callable, Iterable
from time import perf_counter
from typing import Any

from flask import Flask

Headers = list[tuple[str, str]]
Environ = dict[str, Any]
Hook = Callable[[Environ, str, Headers], None]
"""Gets the request's environment, the response's status line, and its headers to add to."""

STARTED = "giftweb.started"
"""The key in the environment for when the request came, by ``perf_counter``."""

_HOOKS = "giftweb.header_hooks"


class ResponseHeaders:
    """Middleware around the application: calls the hooks before a response starts."""

    def __init__(self, application: Callable[..., Iterable[bytes]], hooks: list[Hook]):
        self._application = application
        self._hooks = hooks

    def __call__(self, environ: Environ, start_response: Callable[..., Any]) -> Iterable[bytes]:
        def start(status: str, headers: Headers, *exc_info: Any) -> Any:
            for hook in self._hooks:
                hook(environ, status, headers)
            return start_response(status, headers, *exc_info)

        environ[STARTED] = perf_counter()
        return self._application(environ, start)


def endpoint(environ: Environ) -> str | None:
    """The endpoint of the request; None for an unknown address."""
    request = environ.get("werkzeug.request")
    return request.endpoint if request is not None else None


def add_headers_hook(app: Flask, hook: Hook) -> None:
    """Call ``hook`` for every response of the application."""
    hooks = app.extensions.setdefault(_HOOKS, [])
    if not hooks:
        app.wsgi_app = ResponseHeaders(app.wsgi_app, hooks)  # type: ignore[method-assign]
    hooks.append(hook)
