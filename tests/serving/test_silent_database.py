"""A database that does not answer, and does not say so either: packets are lost (E50)."""

import http.client
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import urlencode, urlsplit

import psycopg
import pytest

from giftweb import database
from giftweb.database import engines, timeouts
from giftweb.errors import Unavailable
from tests.factories import make_card
from tests.proxy import DroppingProxy
from tests.served import serving

pytestmark = [pytest.mark.engines("postgresql"), pytest.mark.proves("E50")]

A_FEW_SECONDS = 10


@pytest.fixture
def way(engine) -> Iterator[DroppingProxy]:
    """The way from the program to its database."""
    proxy = DroppingProxy(engine.url)
    yield proxy
    proxy.is_silent = False
    proxy.close()


@pytest.fixture
def handle(engine, way) -> Iterator[engines.Postgres]:
    """The database by this way, as a web process has it."""
    before = database.db.obj
    database.connect(way.url)
    database.limit_waiting()
    yield database.db.obj
    database.close()
    database.db.initialize(before)


def look_up(address: str, code: str) -> tuple[int, float]:
    """The status of the balance page for a code, and the seconds that it took."""
    started = time.monotonic()
    connection = http.client.HTTPConnection(urlsplit(address).netloc, timeout=30)
    body, form = urlencode({"code": code}), {"Content-Type": "application/x-www-form-urlencoded"}
    connection.request("POST", "/balance", body, form)
    status = connection.getresponse().status
    connection.close()
    return status, time.monotonic() - started


def test_each_request_ends_within_a_few_seconds_and_the_next_is_answered(way, keys_path):
    code = make_card().code
    with serving(way.url, keys_path, processes=1) as address, ThreadPoolExecutor(4) as visitors:

        def visit(count: int) -> list[tuple[int, float]]:
            return list(visitors.map(lambda _: look_up(address, code), range(count)))

        assert {status for status, _ in visit(8)} == {200}
        way.is_silent = True
        found = visit(8)
        assert {status for status, _ in found} == {503}
        assert max(seconds for _, seconds in found) < A_FEW_SECONDS, found
        way.is_silent = False
        deadline = time.monotonic() + A_FEW_SECONDS
        while look_up(address, code)[0] != 200:
            assert time.monotonic() < deadline
        assert {status for status, _ in visit(8)} == {200}


def test_a_statement_that_runs_too_long_is_ended_by_the_server(handle, monkeypatch):
    monkeypatch.setattr(timeouts, "STATEMENT_SECONDS", 1)
    database.limit_waiting()
    database.close()
    with pytest.raises(Unavailable):
        database.rows("SELECT pg_sleep(20)")
    assert database.scalar("SELECT 1") == 1


@pytest.mark.parametrize("step", ["begin", "write", "commit"])
def test_a_transaction_is_given_up_at_any_step(handle, way, monkeypatch, step):
    monkeypatch.setattr(timeouts, "ANSWER_SECONDS", 0.5)
    database.limit_waiting()
    database.close()
    assert database.scalar("SELECT 1") == 1

    @database.transactional
    def verb() -> None:
        way.is_silent = step == "begin"
        database.scalar("SELECT 1")
        database.execute("CREATE TEMPORARY TABLE short (a int)")
        way.is_silent = step == "write"
        database.execute("INSERT INTO short VALUES (1)")
        way.is_silent = True

    started = time.monotonic()
    with pytest.raises(Unavailable):
        verb()
    assert time.monotonic() - started < 3
    way.is_silent = False
    assert database.scalar("SELECT 1") == 1


def test_both_sides_notice_when_the_other_machine_is_gone(handle, engine):
    database.scalar("SELECT 1")
    parameters = handle.connection().info.get_parameters()
    assert parameters["tcp_user_timeout"] == str(timeouts.LOST_PEER_MILLISECONDS)
    assert parameters["keepalives_idle"] == str(timeouts.LOST_PEER["keepalives_idle"])
    assert parameters["connect_timeout"] == str(timeouts.CONNECT_SECONDS)
    shown = {
        name: database.scalar(f"SHOW {name}")
        for name in ("tcp_user_timeout", "tcp_keepalives_idle", "statement_timeout")
    }
    assert shown == {
        "tcp_user_timeout": str(timeouts.LOST_PEER_MILLISECONDS),
        "tcp_keepalives_idle": "3",
        "statement_timeout": f"{timeouts.STATEMENT_SECONDS}s",
    }


def test_the_address_may_say_otherwise(engine):
    handle = engines.postgres("postgresql://host/name?connect_timeout=9&keepalives_idle=60")
    assert "connect_timeout" not in handle.connect_params
    assert "keepalives_idle" not in handle.connect_params
    assert handle.connect_params["keepalives_count"] == 3


def test_a_command_may_take_its_time(engine):
    with psycopg.connect(engine.url) as plain:
        assert plain.execute("SHOW statement_timeout").fetchone() == ("0",)
    assert database.scalar("SHOW statement_timeout") == "0"
    assert database.db.obj.connection().answer_seconds is None
