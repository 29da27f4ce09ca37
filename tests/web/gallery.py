"""The style guide as a small application of its own: every part of the pages, no database."""

from flask import Flask
from flask_wtf import CSRFProtect

from giftweb.blueprints import styleguide
from giftweb.config import from_environment
from giftweb.web.http import errors, security
from giftweb.web.text import templating


def create_app() -> Flask:
    """The gallery with the product's own templates, error pages and headers."""
    app = Flask("giftweb", static_folder="static", template_folder="templates")
    app.config.update(
        GIFTWEB=from_environment({}), SECRET_KEY="gallery", WTF_CSRF_CHECK_DEFAULT=False
    )
    CSRFProtect(app)
    for part in (templating, errors, security):
        part.install(app)
    app.register_blueprint(styleguide.blueprint)
    return app
