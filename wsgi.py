"""The production door: ``python -m giftweb.server``, or any WSGI server on ``wsgi:app``."""

import os
from pathlib import Path

from whitenoise import WhiteNoise

from app import create_app, require_installed

STATIC = Path(__file__).parent / "giftweb" / "static"
KEEP_SECONDS = 24 * 60 * 60


def _header_of_files(headers: dict[str, str], path: str, url: str) -> None:
    headers["X-Content-Type-Options"] = "nosniff"


app = create_app()
# The `flask` command looks in here first, and `flask db upgrade` must start without a database.
if "FLASK_RUN_FROM_CLI" not in os.environ:
    require_installed(app)
app.wsgi_app = WhiteNoise(  # type: ignore[method-assign]
    app.wsgi_app,
    root=STATIC,
    prefix="static/",
    max_age=KEEP_SECONDS,
    add_headers_function=_header_of_files,
)
