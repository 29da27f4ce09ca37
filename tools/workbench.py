"""The application as ``make dev`` serves it: each request is printed with its statements, and the
style guide is at ``/styleguide/``."""

import time
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from app import create_app, require_installed
from tools import queries, styleguide
from tools.queries import Query

WIDEST = 160
"""So much of a statement is printed."""

Environ = dict[str, Any]
Application = Callable[..., Iterable[bytes]]


def create() -> Application:
    """The application of the environment.

    Raises: whatever keeps it from being built, such as a syntax error in a module.
    """
    application = require_installed(create_app())
    queries.watch()
    return with_styleguide(Reporting(application))


class Reporting:
    """Around the application: prints each request, and below it what it sent to the database."""

    def __init__(self, application: Application):
        self._application = application

    def __call__(self, environ: Environ, start_response: Callable[..., Any]) -> Iterator[bytes]:
        statuses: list[str] = []

        def start(status: str, *rest: Any) -> Any:
            statuses.append(status.split()[0])
            return start_response(status, *rest)

        began = time.perf_counter()
        with queries.collecting() as sent:
            yield from self._application(environ, start)
        request = f"{environ['REQUEST_METHOD']} {environ['PATH_INFO']}"
        print(report(request, statuses[-1], time.perf_counter() - began, sent), flush=True)


def with_styleguide(application: Application) -> Application:
    """The application, and the style guide at its address, which asks no database."""
    guide = styleguide.create_app()

    def choose(environ: Environ, start_response: Callable[..., Any]) -> Iterable[bytes]:
        is_guide = environ["PATH_INFO"].startswith("/styleguide")
        return (guide if is_guide else application)(environ, start_response)

    return choose


def report(request: str, status: str, seconds: float, sent: list[Query]) -> str:
    """``GET /balance 200 in 4.1 ms, 2 queries in 0.6 ms`` and a line for each query."""
    total = sum(query.seconds for query in sent)
    count = f"{len(sent)} {'query' if len(sent) == 1 else 'queries'}"
    head = f"{request} {status} in {_ms(seconds)}, {count} in {_ms(total)}"
    return "\n".join([head, *(f"{_ms(each.seconds):>11}  {_cut(each.text)}" for each in sent)])


def _ms(seconds: float) -> str:
    return f"{seconds * 1000:.1f} ms"


def _cut(text: str) -> str:
    return text if len(text) <= WIDEST else f"{text[: WIDEST - 2]} …"
