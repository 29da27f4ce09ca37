"""The production door: ``python -m giftweb.serving.web``, or any WSGI server on ``wsgi:app``."""

import os

from app import create_app, require_installed
from giftweb import database
from giftweb.web.http.static_files import StaticFiles

app = create_app()
# The `flask` command looks in here first, and `flask db upgrade` must start without a database.
if "FLASK_RUN_FROM_CLI" not in os.environ:
    database.limit_waiting()
    require_installed(app)
app.wsgi_app = StaticFiles(  # type: ignore[method-assign]
    app.wsgi_app, is_https=app.config["GIFTWEB"].is_https
)
