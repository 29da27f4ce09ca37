"""The production door: ``python -m giftweb.serving.web``, or any WSGI server on ``wsgi:app``."""

import os
import sys

from app import create_app, require_installed
from giftweb import database
from giftweb.errors import DomainError
from giftweb.web.http.static_files import StaticFiles

# The `flask` command looks in here first, and `flask db upgrade` must start without a database.
is_command = "FLASK_RUN_FROM_CLI" in os.environ
try:
    app = create_app()
except (RuntimeError, ValueError, DomainError) as problem:
    if not is_command:
        raise
    sys.exit(f"Error: {problem}")
if not is_command:
    database.limit_waiting()
    require_installed(app)
app.wsgi_app = StaticFiles(  # type: ignore[method-assign]
    app.wsgi_app, is_https=app.config["GIFTWEB"].is_https
)
