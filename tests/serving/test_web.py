"""The web server keeps its processes up, and says why when it cannot start."""

import os
import signal
import subprocess
import sys
import time
import urllib.request
from contextlib import suppress

import pytest

from tests import strangers
from tests.postgres import free_port
from tests.served import ROOT
from tests.soak.storms import web_workers


@pytest.mark.engines("sqlite")
def test_processes_that_are_killed_again_and_again_are_back(served):
    port = served.rpartition(":")[2]
    for _ in range(3):
        for worker in web_workers(port):
            os.kill(worker, signal.SIGKILL)
        wait_until_it_answers(served)


def wait_until_it_answers(address: str) -> None:
    """A connection that a killed process had taken is lost; another one is served."""
    for _ in range(50):
        with suppress(OSError), urllib.request.urlopen(f"{address}/healthz", timeout=2):
            return
        time.sleep(0.1)
    raise AssertionError("nobody answers any more")


@pytest.mark.engines("sqlite")
def test_http2_connections_that_are_cut_take_no_thread(served_by_one):
    for _ in range(8):
        with strangers.open_to(served_by_one) as connection, suppress(OSError):
            strangers.begin_forms_over_http2(connection, 30)
            time.sleep(0.1)
    for _ in range(8):
        with urllib.request.urlopen(f"{served_by_one}/balance", timeout=5) as answer:
            assert answer.status == 200


@pytest.mark.engines("sqlite")
@pytest.mark.proves("X3")
def test_forms_that_do_not_come_take_no_thread(served_by_one):
    slow = [strangers.begin_form(served_by_one) for _ in range(64)]
    for _ in range(8):
        with urllib.request.urlopen(f"{served_by_one}/balance", timeout=5) as answer:
            assert answer.status == 200
    for connection in slow:
        connection.close()


@pytest.mark.engines("sqlite")
def test_the_health_is_what_the_application_says(served_by_one, client):
    with urllib.request.urlopen(f"{served_by_one}/healthz", timeout=5) as answer:
        assert answer.read() == client.get("/healthz").data
        for header in ("Content-Type", "Cache-Control", "X-Content-Type-Options"):
            assert answer.headers[header] == client.get("/healthz").headers[header]


def start(**environ: str) -> subprocess.CompletedProcess:
    return subprocess.run(
        [sys.executable, "-m", "giftweb.serving.web"],
        cwd=ROOT,
        env={**os.environ, "WEB_CONCURRENCY": "1", "PORT": str(free_port()), **environ},
        capture_output=True,
        text=True,
        timeout=60,
    )


@pytest.mark.no_database
def test_a_database_that_is_not_migrated_is_reported(tmp_path, keys_path):
    started = start(DATABASE_URL=f"sqlite:///{tmp_path}/x.db", GIFTWEB_KEYS=str(keys_path))
    assert started.returncode == 1
    assert "Run `flask db upgrade`" in started.stderr
    assert "Traceback" not in started.stderr


DAMAGED = b"SQLite format 3\x00" + b"x" * 4080


@pytest.mark.no_database
@pytest.mark.parametrize(
    ("name", "value", "why"),
    [
        ("DATABASE_URL", "sqlite:///{folder}", "it must name a SQLite database"),
        ("DATABASE_URL", "sqlite:///{folder}/letter.txt", "it must name a SQLite database"),
        ("DATABASE_URL", "sqlite:///{folder}/damaged.db", "The database is damaged: "),
        ("GIFTWEB_KEYS", "{folder}", "cannot be read: Is a directory."),
        ("TRUSTED_PROXIES", "x", "TRUSTED_PROXIES is x: it must be a whole number from 0"),
        ("MAIL_USE_TLS", "maybe", "MAIL_USE_TLS is maybe: it must be one of 1, true"),
    ],
)
def test_what_cannot_be_used_is_reported_and_ends_the_server(tmp_path, keys_path, name, value, why):
    (tmp_path / "letter.txt").write_text("Dear reader")
    (tmp_path / "damaged.db").write_bytes(DAMAGED)
    settings = {"DATABASE_URL": f"sqlite:///{tmp_path}/x.db", "GIFTWEB_KEYS": str(keys_path)}
    started = start(**{**settings, name: value.format(folder=tmp_path)})
    assert started.returncode == 1
    assert started.stderr.count(why) == 1
    assert "Traceback" not in started.stderr


A_FOREIGN_THREAD = """
import ctypes, sys
from giftweb import database
from giftweb.domain import throttle

database.connect(sys.argv[1])
Work = ctypes.CFUNCTYPE(ctypes.c_void_p, ctypes.c_void_p)

@Work
def work(_):
    print(database.scalar("SELECT 42"), flush=True)
    throttle.check(throttle.LOOK_UP, source="192.0.2.1")

libc, thread = ctypes.PyDLL(None), ctypes.c_ulong()
assert libc.pthread_create(ctypes.byref(thread), None, work, None) == 0
ctypes.CDLL(None).pthread_join(thread, None)
"""
"""The server's threads are not Python's: what they have open is closed with their state."""


def test_a_thread_of_the_server_ends_quietly_with_its_connections_open(engine):
    ended = subprocess.run(
        [sys.executable, "-c", A_FOREIGN_THREAD, engine.url],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=30,
    )
    assert (ended.returncode, ended.stdout, ended.stderr) == (0, "42\n", "")
