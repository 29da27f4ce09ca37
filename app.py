"""Builds the application: the only place that wires things together."""

import importlib
import os
from collections.abc import Mapping
from typing import Any

import click
from flask import Flask, g
from flask_wtf import CSRFProtect
from werkzeug.middleware.proxy_fix import ProxyFix

from giftweb import blueprints, cli, database, gateways, installation, keys
from giftweb.config import Config, from_environment
from giftweb.domain import catalogue, payments
from giftweb.errors import DomainError
from giftweb.web import mail
from giftweb.web.access import gate
from giftweb.web.http import (
    clocks,
    compression,
    errors,
    languages,
    metrics,
    requests,
    security,
    style_sheets,
)
from giftweb.web.text import log_lines, templating

csrf = CSRFProtect()


def create_app(config: Config | Mapping[str, Any] | None = None) -> Flask:
    """The application; a `flask` command ends with a sentence that says why there is none.

    Raises: SettingUnusable, KeysUnusable for settings or keys that cannot be used.
    """
    try:
        return _create_app(config)
    except (RuntimeError, ValueError, OSError, DomainError) as problem:
        if "FLASK_RUN_FROM_CLI" not in os.environ:
            raise
        raise click.ClickException(str(problem)) from problem


def _create_app(config: Config | Mapping[str, Any] | None) -> Flask:
    """The application for a configuration; by default that of the environment.

    By default the files that it keeps are made its owner's alone, too.

    A mapping goes before the environment (``DATABASE_URL``) and Flask's settings (``TESTING``).

    The database is not asked until the first request or command, so that ``flask db upgrade`` can
    start without one; ``require_installed`` makes a server refuse what it cannot serve.
    """
    log_lines.install()
    settings = config if isinstance(config, Mapping) else {}
    if config is None:
        installation.keep_private(from_environment())
    if not isinstance(config, Config):
        config = from_environment({**os.environ, **settings})
    app = Flask("giftweb", static_folder="static", template_folder="templates")
    # Two slashes are another address, not a redirect: a redirect is a page, and the API has none.
    app.url_map.merge_slashes = False
    app.config.update(
        GIFTWEB=config,
        SECRET_KEY=_session_key(config),
        MAX_CONTENT_LENGTH=1024 * 1024,
        MAX_FORM_MEMORY_SIZE=1024 * 1024,
        WTF_CSRF_TIME_LIMIT=None,
        WTF_CSRF_SSL_STRICT=False,
        SESSION_COOKIE_NAME=security.cookie_name("giftweb", config),
        SESSION_COOKIE_SECURE=config.is_https,
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
    )
    app.config.update(settings)
    database.connect(config.database_url)
    payments.providers.use_gateways(gateways.available(config))
    catalogue.prices.use_base_currency(config.base_currency)
    for part in (metrics, languages, requests):
        part.install(app)
    gate.install(app)
    csrf.init_app(app)
    for part in (clocks, templating, style_sheets, errors, security, compression, mail.smtp):
        part.install(app)
    _register_blueprints(app)
    cli.install(app)
    app.teardown_appcontext(_leave_no_transaction)
    if config.trusted_proxies:
        app.wsgi_app = ProxyFix(  # type: ignore[method-assign]
            app.wsgi_app, x_for=config.trusted_proxies, x_proto=0, x_host=0
        )
    return app


def require_installed(app: Flask) -> Flask:
    """Refuse to serve with a schema or keys that are not this program's; wait for a database that
    is away.

    Raises: schema.SchemaBehind, keys.KeysUnusable.
    """
    installation.check_when_reachable(app.config["GIFTWEB"])
    database.close()
    return app


def _session_key(config: Config) -> str | None:
    if not config.keys_path.exists():
        return None
    keys.follow(config.keys_path)
    return keys.ring().session


def _register_blueprints(app: Flask) -> None:
    for name in blueprints.BLUEPRINTS:
        blueprint = importlib.import_module(f"giftweb.blueprints.{name}").blueprint
        app.register_blueprint(blueprint)
        if name in blueprints.WITHOUT_CSRF:
            csrf.exempt(blueprint)


def _leave_no_transaction(problem: BaseException | None) -> None:
    database.rollback_open()
    g.pop("actor", None)
