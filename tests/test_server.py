"""The web server keeps its processes up, and says why when it cannot start."""

import os
import signal
import subprocess
import sys
import time
import urllib.request
from contextlib import suppress

import pytest

from tests.postgres import free_port
from tests.serving import ROOT
from tests.soak.storms import web_workers


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


@pytest.mark.no_database
def test_a_database_that_is_not_migrated_is_told(tmp_path, keys_path):
    settings = {"DATABASE_URL": f"sqlite:///{tmp_path}/x.db", "GIFTWEB_KEYS": str(keys_path)}
    started = subprocess.run(
        [sys.executable, "-m", "giftweb.server"],
        cwd=ROOT,
        env={**os.environ, **settings, "PORT": str(free_port())},
        capture_output=True,
        text=True,
        timeout=30,
    )
    assert started.returncode == 1
    assert "Run `flask db upgrade`" in started.stderr
    assert "Traceback" not in started.stderr
