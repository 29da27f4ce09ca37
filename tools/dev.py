"""One process for who changes the code: ``make dev``.

It starts again when a module, a template or a style sheet changes. While the code cannot be loaded,
every address answers with the traceback. Mails and webhooks wait: ``flask worker --once`` delivers
them.
"""

import logging
import os
import sys
import traceback
from collections.abc import Callable, Iterable
from pathlib import Path

from werkzeug.serving import is_running_from_reloader, run_simple
from werkzeug.wrappers import Response

from giftweb.serving.listen import Place

ROOT = Path(__file__).parent.parent
WATCHED = (
    *(*ROOT.glob("giftweb/templates/**/*.*"), *ROOT.glob("giftweb/static/*.*")),
    *ROOT.glob("tools/styleguide/**/*.html"),
)


def load() -> Callable[..., Iterable[bytes]]:
    """The application; a page with the traceback when it cannot be built."""
    try:
        from tools import workbench

        return workbench.create()
    except Exception:
        text = traceback.format_exc()
        print(text, file=sys.stderr, flush=True)
        return Response(text, status=500, mimetype="text/plain")


def prepare() -> int:
    """Prepare the database as `make run` does; 1 after a line that says what is in the way."""
    from tools import first_run

    return first_run.attempt(lambda _: first_run.prepare_database())


def main() -> int:
    """Prepare, then serve until Ctrl-C: the first process watches, the one it starts answers."""
    is_answering = is_running_from_reloader()
    if not is_answering and prepare():
        return 1
    place = Place.read(os.environ)
    application = load() if is_answering else Response()
    if is_answering:
        print(f"\n  {place.address}/, {place.address}/staff/ and {place.address}/styleguide/.")
        print("  Ctrl-C stops it.\n", flush=True)
    logging.getLogger("werkzeug").setLevel(logging.WARNING)
    run_simple(
        place.host,
        place.port,
        application,
        use_reloader=True,
        extra_files=[str(path) for path in WATCHED],
        threaded=True,
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
