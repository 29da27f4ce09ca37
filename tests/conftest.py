"""Every test runs on SQLite and on PostgreSQL, on an empty database, and leaves a clean audit.

``@pytest.mark.no_database`` runs a test once and without a database, ``engines("sqlite")`` on the
named engines alone, ``tampers`` leaves out the audit of a test that breaks a row on purpose.
"""

from collections.abc import Iterator

import pytest

from giftweb import keys
from tests import engines, postgres

CLUSTER = pytest.StashKey[postgres.Cluster]()


def pytest_configure(config: pytest.Config) -> None:
    """The process that leads the run owns the PostgreSQL server that its workers share."""
    cluster = None if hasattr(config, "workerinput") else postgres.own_shared_cluster()
    if cluster is not None:
        config.stash[CLUSTER] = cluster


def pytest_unconfigure(config: pytest.Config) -> None:
    """Throw the server away."""
    if cluster := config.stash.get(CLUSTER, None):
        cluster.remove()


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """A test runs once for each engine, unless its marks say otherwise."""
    if metafunc.definition.get_closest_marker("no_database"):
        metafunc.parametrize("engine", [None], indirect=True, ids=[pytest.HIDDEN_PARAM])
        return
    chosen = metafunc.definition.get_closest_marker("engines")
    metafunc.parametrize("engine", chosen.args if chosen else engines.NAMES, indirect=True)


@pytest.fixture(scope="session")
def made_engines(tmp_path_factory) -> Iterator[dict[str, engines.Engine]]:
    """The engines that this pytest worker has made so far, by name."""
    made: dict[str, engines.Engine] = {}
    keys.use(keys.create(tmp_path_factory.mktemp("keys") / "keys.json"))
    yield made
    for engine in made.values():
        engine.remove()


@pytest.fixture(autouse=True)
def engine(request, made_engines, tmp_path_factory) -> Iterator[engines.Engine | None]:
    """The database of this test: empty, and the one the program uses."""
    name = request.param
    if name is None:
        yield None
        return
    if name not in made_engines:
        made_engines[name] = engines.make(name, tmp_path_factory.mktemp(name))
    engine = made_engines[name]
    engine.empty()
    yield engine
    if not request.node.get_closest_marker("tampers"):
        from giftweb.domain import audit_checks

        breaches = audit_checks.run()
        assert not breaches, f"the audit is not clean: {breaches}"
