"""One process for who changes the code: ``make dev``.

It starts again when a module, a template or a style sheet changes, prints the statements of each
request with their time, and serves the style guide at ``/styleguide/``. Mails and webhooks wait:
``flask worker --once`` delivers them.
"""

import os
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

from werkzeug.serving import WSGIRequestHandler, is_running_from_reloader, run_simple

from app import create_app, require_installed
from giftweb.serving.listen import Place
from tools import first_run, queries, styleguide
from tools.queries import Query

ROOT = Path(__file__).parent.parent
TEMPLATES = (
    *(*ROOT.glob("giftweb/templates/**/*.*"), *ROOT.glob("giftweb/static/*.*")),
    *ROOT.glob("tools/styleguide/**/*.html"),
)
WIDEST = 160
"""So much of a statement is printed."""

Environ = dict[str, Any]
Application = Callable[..., Iterable[bytes]]


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
        asked = f"{environ['REQUEST_METHOD']} {environ['PATH_INFO']}"
        print(report(asked, statuses[-1], time.perf_counter() - began, sent), flush=True)


def with_styleguide(application: Application) -> Application:
    """The application, and the style guide at its address, which asks no database."""
    guide = styleguide.create_app()

    def choose(environ: Environ, start_response: Callable[..., Any]) -> Iterable[bytes]:
        is_guide = environ["PATH_INFO"].startswith("/styleguide")
        return (guide if is_guide else application)(environ, start_response)

    return choose


def report(asked: str, status: str, seconds: float, sent: list[Query]) -> str:
    """``GET /balance 200 in 4.1 ms, 2 queries in 0.6 ms`` and a line for each query."""
    total = sum(query.seconds for query in sent)
    count = f"{len(sent)} {'query' if len(sent) == 1 else 'queries'}"
    head = f"{asked} {status} in {_ms(seconds)}, {count} in {_ms(total)}"
    return "\n".join([head, *(f"{_ms(each.seconds):>11}  {_cut(each.text)}" for each in sent)])


def _ms(seconds: float) -> str:
    return f"{seconds * 1000:.1f} ms"


def _cut(text: str) -> str:
    return text if len(text) <= WIDEST else f"{text[: WIDEST - 2]} …"


class Quiet(WSGIRequestHandler):
    """The server's own line for each request is left out: ours says more."""

    def log_request(self, *_: Any) -> None:
        """Write nothing."""


def main() -> int:
    """Prepare the database as `make run` does, then serve until Ctrl-C."""
    if not is_running_from_reloader() and first_run.attempt(lambda _: first_run.prepare_database()):
        return 1
    place = Place.read(os.environ)
    application = require_installed(create_app())
    queries.watch()
    if is_running_from_reloader():
        print(f"\n  {place.address}/, {place.address}/staff/ and {place.address}/styleguide/.")
        print("  Ctrl-C stops it.\n", flush=True)
    run_simple(
        place.host,
        place.port,
        with_styleguide(Reporting(application)),
        use_reloader=True,
        extra_files=[str(path) for path in TEMPLATES],
        threaded=True,
        request_handler=Quiet,
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
