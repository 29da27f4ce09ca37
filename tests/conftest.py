"""Every test runs on SQLite and on PostgreSQL, on an empty database, and leaves a clean audit.

``@pytest.mark.no_database`` runs a test once and without a database, ``engines("sqlite")`` on the
named engines alone, ``tampers`` leaves out the audit of a test that breaks a row on purpose. What a
browser draws knows no engine: there a test names both if it moves money.
"""

import gc
import os
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import hypothesis
import pytest
from flask import Flask
from flask.testing import FlaskClient
from jinja2 import BytecodeCache, FileSystemBytecodeCache
from werkzeug.test import TestResponse

import app as application
from giftweb import database, keys, language
from giftweb.config import Config, from_environment
from giftweb.domain import audit, payments, staff
from giftweb.domain.cards.values import Issued
from giftweb.gateways.by_hand import Offline, Shop
from tests import disks, engines, factories, postgres
from tests.api_client import ApiClient
from tests.mailbox import Mailbox
from tests.providers import Provider
from tests.served import serving
from tools import queries


class WholeAnswers(FlaskClient):
    """Reads each answer to its end, so that no stream of a test ends within another."""

    def open(self, *args: Any, **options: Any) -> TestResponse:
        return super().open(*args, **{"buffered": True, **options})


RARELY = (20_000, 20, 50)
CLUSTER = pytest.StashKey[postgres.Cluster]()


def pytest_configure(config: pytest.Config) -> None:
    """The process that leads the run owns the PostgreSQL server that its workers share."""
    factories.know_stand_ins()
    factories.hash_quickly()
    # How long an example takes says nothing on a busy machine.
    hypothesis.settings.register_profile("giftweb", deadline=None)
    hypothesis.settings.load_profile("giftweb")
    # The servers and commands that tests start keep compiled modules, as an installation does.
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    cluster = None if hasattr(config, "workerinput") else postgres.own_shared_cluster()
    if cluster is not None:
        config.stash[CLUSTER] = cluster


def pytest_collection_finish() -> None:
    """What is loaded by now stays to the end: Python need not look through it again and again."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(*RARELY)


def pytest_unconfigure(config: pytest.Config) -> None:
    """Throw the server away."""
    if cluster := config.stash.get(CLUSTER, None):
        cluster.remove()


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """A test runs once for each engine (in a browser on SQLite), unless its marks say otherwise."""
    if metafunc.definition.get_closest_marker("no_database"):
        metafunc.parametrize("engine", [None], indirect=True, ids=[pytest.HIDDEN_PARAM])
        return
    chosen = metafunc.definition.get_closest_marker("engines")
    in_browser = metafunc.definition.path.parent.name == "browser"
    usual = engines.NAMES[:1] if in_browser else engines.NAMES
    metafunc.parametrize("engine", chosen.args if chosen else usual, indirect=True)


@pytest.fixture(scope="session")
def quick_folder() -> Iterator[Path]:
    """Where databases and keys of this pytest worker lie: they need outlast no power cut."""
    with tempfile.TemporaryDirectory(prefix="giftweb-", dir=disks.in_memory()) as folder:
        yield Path(folder)


@pytest.fixture(scope="session")
def keys_path(quick_folder) -> Path:
    """The keys file of this pytest worker."""
    path = quick_folder / "keys" / "keys.json"
    path.parent.mkdir()
    keys.create(path)
    keys.follow(path)  # What lies beside it is known, and forgotten with each empty database.
    return path


@pytest.fixture(scope="session")
def made_engines(keys_path, quick_folder) -> Iterator[dict[str, engines.Engine]]:
    """The engines that this pytest worker has made so far, by name."""
    made: dict[str, engines.Engine] = {}
    yield made
    for engine in made.values():
        engine.remove()


@pytest.fixture(autouse=True)
def _in_english() -> None:
    """No test goes on in the language of the last request of the one before."""
    language.switch_to(language.ENGLISH)


@pytest.fixture(autouse=True)
def engine(request, made_engines, quick_folder, keys_path) -> Iterator[engines.Engine | None]:
    """The database of this test: empty, and the one the program uses."""
    name = request.param
    if name is None:
        yield None
        return
    if name not in made_engines:
        made_engines[name] = engines.make(name, quick_folder / name)
    engine = made_engines[name]
    keys.follow(keys_path)  # What a test left beside other keys stays there.
    engine.empty()
    factories.forget_failures()
    audit.anchors.forget()
    yield engine
    if not request.node.get_closest_marker("tampers"):
        found = audit.checks.run()
        assert not found, f"the audit is not clean: {found}"


@pytest.fixture
def config(engine, keys_path) -> Config:
    """The program's settings on this test's database: nothing but the address and the keys."""
    return from_environment({"DATABASE_URL": engine.url, "GIFTWEB_KEYS": str(keys_path)})


@pytest.fixture(scope="session")
def compiled_templates(quick_folder) -> BytecodeCache:
    """The templates that Jinja has compiled in this pytest worker, for all its applications."""
    folder = quick_folder / "templates"
    folder.mkdir()
    return FileSystemBytecodeCache(str(folder))


@pytest.fixture(scope="session")
def made_apps() -> dict[Config, Flask]:
    """The applications that this pytest worker has built so far, by their settings."""
    return {}


@pytest.fixture
def app_with(engine, config, made_apps, compiled_templates) -> Callable[..., Flask]:
    """``app_with(trusted_proxies=1)``: the application with some settings of its own."""

    def make(**changes: Any) -> Flask:
        settings = replace(config, **changes)
        if settings not in made_apps:
            made = application.create_app(settings)
            made.config.update(TESTING=True, WTF_CSRF_ENABLED=False)
            made.test_client_class = WholeAnswers
            made.jinja_env.bytecode_cache = compiled_templates
            made_apps[settings] = made
            engine.use()
        return made_apps[settings]

    return make


@pytest.fixture
def app(app_with) -> Flask:
    """The application on this test's database. Its forms ask for no CSRF token."""
    return app_with()


@pytest.fixture
def client(app) -> FlaskClient:
    """A visitor who is not signed in."""
    return app.test_client()


@pytest.fixture
def served(engine, keys_path) -> Iterator[str]:
    """The address of the application as it is served: two processes on this test's database."""
    with serving(engine.url, keys_path) as address:
        yield address


@pytest.fixture
def served_by_one(engine, keys_path) -> Iterator[str]:
    """The address of the application as it is served, where one process shows as much as two."""
    with serving(engine.url, keys_path, processes=1) as address:
        yield address


@pytest.fixture
def staff_client(app) -> Callable[..., FlaskClient]:
    """``staff_client("root")``: a browser with that role signed in; ``client.person`` is who."""

    def sign_in(role: str = "customer_service") -> FlaskClient:
        client = app.test_client()
        client.person = factories.make_staff(role)
        key = staff.sessions.open_for(client.person.id, agent="the tests")
        with client.session_transaction() as session:
            session.update(_user_id=key, _fresh=True)
        return client

    return sign_in


@pytest.fixture
def api(app) -> Callable[..., ApiClient]:
    """``api()`` or ``api(campaign_id, is_test=True)``: a shop's program with a key of its own."""

    def connect(campaign_id: str | None = None, *, is_test: bool = False) -> ApiClient:
        owner = campaign_id or factories.make_campaign().id
        secret = factories.make_api_key(owner, is_test=is_test)
        return ApiClient(app.test_client(), secret, owner)

    return connect


@pytest.fixture
def make_card() -> Callable[..., Issued]:
    """``make_card("50.00 USD")``: a card issued by the domain, with its code."""
    return factories.make_card


@pytest.fixture
def make_checkout() -> Callable:
    """``make_checkout(goods("70.00 USD"))``: an open checkout (tests/factories.py)."""
    return factories.make_checkout


@pytest.fixture
def provider(app) -> Iterator[Provider]:
    """Stripe, in this process."""
    stripe = Provider()
    payments.providers.use_gateways({"shop": Shop(), "offline": Offline(), "stripe": stripe})
    yield stripe
    payments.providers.use_gateways({"shop": Shop(), "offline": Offline()})


@pytest.fixture
def watched(engine) -> Iterator[None]:
    """The database reports its statements to ``tools.queries.collecting`` while a test runs."""
    handle = database.db.obj
    before = dict(vars(handle))
    database.close()
    queries.watch()
    yield
    database.close()
    vars(handle).clear()
    vars(handle).update(before)


@pytest.fixture
def mailbox() -> Mailbox:
    """The mails that the program has queued."""
    return Mailbox()
