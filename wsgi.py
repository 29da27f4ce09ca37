"""The production door: ``python -m giftweb.server``, or any WSGI server on ``wsgi:app``."""

import os

from app import create_app, require_installed
from giftweb.web.static_files import StaticFiles

app = create_app()
# The `flask` command looks in here first, and `flask db upgrade` must start without a database.
if "FLASK_RUN_FROM_CLI" not in os.environ:
    require_installed(app)
app.wsgi_app = StaticFiles(app.wsgi_app)  # type: ignore[method-assign]
