"""A process that starts while the database is away waits for it, and serves once it is back."""

import os
import signal
import subprocess
import sys
import urllib.request
from collections.abc import Callable, Iterator

import pytest

from giftweb import database
from tests import engines, postgres
from tests.factories import make_card
from tests.postgres import free_port
from tests.served import ROOT, serving
from tests.serving.test_web import wait_until_it_answers
from tests.serving.test_worker import states, wait_until, working
from tests.soak.storms import web_workers

pytestmark = [pytest.mark.no_database, pytest.mark.proves("X2")]

WEB = [sys.executable, "-m", "giftweb.serving.web"]
WAITING = "waiting for the database: connection"


@pytest.fixture(scope="module")
def cluster() -> Iterator[postgres.Cluster]:
    made, before = postgres.new_cluster(), database.db.obj
    yield made
    database.close()
    database.db.initialize(before)
    made.remove()


@pytest.fixture
def engine_of_its_own(cluster, keys_path) -> Iterator[engines.Postgres]:
    yield engines.Postgres(cluster.url)
    database.close()
    cluster.start_if_stopped()


@pytest.fixture
def has_logged(capfd) -> Callable[[str, int], bool]:
    """Whether the processes that a test started have logged this so many times by now."""
    log = ""

    def has_logged(text: str, times: int) -> bool:
        nonlocal log
        log += capfd.readouterr().err
        return log.count(text) >= times

    return has_logged


def test_web_processes_that_die_meanwhile_are_back_with_it(
    cluster, engine_of_its_own, keys_path, has_logged
):
    with serving(engine_of_its_own.url, keys_path) as address:
        cluster.stop()
        for worker in web_workers(address.rpartition(":")[2]):
            os.kill(worker, signal.SIGKILL)
        wait_until(lambda: has_logged(WAITING, 2))
        cluster.start(cluster.port)
        wait_until_it_answers(address)
        with urllib.request.urlopen(f"{address}/readyz", timeout=5) as answer:
            assert answer.status == 200


def test_a_worker_that_starts_meanwhile_works_once_it_is_back(
    cluster, engine_of_its_own, keys_path, server, has_logged
):
    make_card("5.00 USD")
    database.close()
    cluster.stop()
    with working(engine_of_its_own, keys_path, server.port):
        wait_until(lambda: has_logged(WAITING, 1))
        cluster.start(cluster.port)
        wait_until(lambda: server.taken)
        wait_until(lambda: states() == ["sent"])


def test_who_waits_can_be_stopped(keys_path, tmp_path):
    url = "postgresql://nobody@127.0.0.1:1/x"
    settings = {"DATABASE_URL": url, "GIFTWEB_KEYS": str(keys_path), "PORT": str(free_port())}
    log = tmp_path / "log"
    with log.open("w") as stderr:
        web = subprocess.Popen(WEB, cwd=ROOT, env={**os.environ, **settings}, stderr=stderr)
    try:
        wait_until(lambda: log.read_text().count(WAITING) == 2)
        web.terminate()
        assert web.wait(10) == 0
    finally:
        web.kill()
