"""Builds the application: the only place that wires things together."""

import importlib
import os
from collections.abc import Callable, Mapping
from functools import partial
from threading import RLock
from typing import Any

from flask import Flask, Request, current_app, g, request
from flask_wtf import CSRFProtect
from werkzeug.middleware.proxy_fix import ProxyFix
from werkzeug.routing import Map, MapAdapter
from werkzeug.wsgi import get_host

from giftweb import blueprints, cli, database, gateways, installation, keys
from giftweb.config import Config, from_environment
from giftweb.domain import catalogue, payments
from giftweb.web import mail
from giftweb.web.access import rights
from giftweb.web.access.sessions import Sessions
from giftweb.web.http import errors, metrics, security
from giftweb.web.http.routing import Adapter, Known, LazyRule
from giftweb.web.text import templating

csrf = CSRFProtect()


def require_token() -> None:
    """Refuse a form without the token of its visitor's session, but for WITHOUT_CSRF. Flask-WTF's
    own check asks more questions before it lets those through than this one asks in all."""
    asked = request.endpoint
    if asked is None or asked.partition(".")[0] in blueprints.WITHOUT_CSRF:
        return
    if current_app.config["WTF_CSRF_ENABLED"]:
        csrf.protect()


class Application(Flask):
    """Flask that does not ask, at each of its calls, whether a function is a coroutine: none is.

    Its pages are read when the first address is asked for. A command needs none of them, and would
    wait a quarter of its start for them.
    """

    url_rule_class = LazyRule

    def __init__(self, *args: Any, **options: Any):
        self._reading = RLock()
        self._read_pages: Callable[[], None] | None = None
        self._has_pages = False
        self._known: Known = {}
        super().__init__(*args, **options)

    def read_later(self, read_pages: Callable[[], None]) -> None:
        """Have the pages registered by ``read_pages``."""
        self._read_pages = read_pages

    @property
    def url_map(self) -> Map:
        """Every address there is."""
        if not self._has_pages:
            with self._reading:
                # A page that is being registered asks for the map as well.
                read_pages, self._read_pages = self._read_pages, None
                if read_pages:
                    read_pages()
                    self._has_pages = True
        return self._url_map

    @url_map.setter
    def url_map(self, empty: Map) -> None:
        self._url_map = empty

    def ensure_sync(self, func: Callable[..., Any]) -> Callable[..., Any]:
        return func

    def create_url_adapter(self, request: Request | None) -> MapAdapter | None:
        """The path alone tells where a request goes: here is one host, and no websocket. Flask's
        own way reads the Host header twice and spells it for the domain name system."""
        if request is None:
            return super().create_url_adapter(None)
        environ = request.environ
        request.host = get_host(environ, request.trusted_hosts)
        adapter = Adapter(
            self.url_map,
            server_name=request.host,
            script_name=request.root_path,
            subdomain="",
            url_scheme=request.scheme,
            path_info=request.path,
            default_method=request.method,
            query_args=environ.get("QUERY_STRING", ""),
        )
        adapter.known = self._known
        return adapter


def create_app(config: Config | Mapping[str, Any] | None = None) -> Flask:
    """The application for a configuration; by default that of the environment.

    A mapping goes before the environment (``DATABASE_URL``) and Flask's settings (``TESTING``).

    The database is not asked until the first request or command, so that ``flask db upgrade`` can
    start without one; ``require_installed`` makes a server refuse what it cannot serve.
    """
    given = config if isinstance(config, Mapping) else {}
    if not isinstance(config, Config):
        config = from_environment({**os.environ, **given})
    app = Application("giftweb", static_folder="static", template_folder="templates")
    app.session_interface = Sessions()
    # Two slashes are another address, not a redirect: a redirect is a page, and the API has none.
    app.url_map.merge_slashes = False
    app.config.update(
        GIFTWEB=config,
        SECRET_KEY=_session_key(config),
        MAX_CONTENT_LENGTH=1024 * 1024,
        MAX_FORM_MEMORY_SIZE=1024 * 1024,
        WTF_CSRF_CHECK_DEFAULT=False,
        WTF_CSRF_TIME_LIMIT=None,
        WTF_CSRF_SSL_STRICT=False,
        SESSION_COOKIE_NAME=security.cookie_name("giftweb", config),
        SESSION_COOKIE_SECURE=config.is_https,
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
    )
    app.config.update(given)
    database.connect(config.database_url)
    payments.providers.use_gateways(gateways.available(config))
    catalogue.prices.use_base_currency(config.base_currency)
    metrics.install(app)
    rights.install(app)
    csrf.init_app(app)
    app.before_request(require_token)
    for part in (templating, errors, security, mail.smtp):
        part.install(app)
    app.read_later(partial(_register_blueprints, app, config))
    cli.install(app)
    app.teardown_appcontext(_leave_no_transaction)
    if config.trusted_proxies:
        app.wsgi_app = ProxyFix(  # type: ignore[method-assign]
            app.wsgi_app, x_for=config.trusted_proxies, x_proto=0, x_host=0
        )
    return app


def require_installed(app: Flask) -> Flask:
    """Refuse to serve with a schema or keys that are not this program's.

    Raises: schema.SchemaBehind, keys.KeysUnusable.
    """
    installation.check(app.config["GIFTWEB"])
    database.close()
    _ = app.url_map  # The pages too: nobody's first request is to wait for them.
    return app


def _session_key(config: Config) -> str | None:
    if not config.keys_path.exists():
        return None
    keys.follow(config.keys_path)
    return keys.ring().session


def _register_blueprints(app: Flask, config: Config) -> None:
    names = blueprints.BLUEPRINTS + (blueprints.DEVELOPMENT if config.is_development else ())
    for name in names:
        blueprint = importlib.import_module(f"giftweb.blueprints.{name}").blueprint
        app.register_blueprint(blueprint)


def _leave_no_transaction(problem: BaseException | None) -> None:
    database.abandon()
    g.pop("actor", None)
