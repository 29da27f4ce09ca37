"""A web process that dies, does not answer or is stuck is replaced, and its visitors are served."""

import math
import os
import signal
import subprocess
import sys
import textwrap
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.postgres import free_port
from tests.served import web_processes
from tests.serving.front.running import Client

pytestmark = pytest.mark.no_database

ROOT = Path(__file__).parents[3]
PROGRAM = """
    import os, sys, time
    from giftweb.serving import front, web
    from giftweb.serving.listen import Place

    if "patient" not in sys.argv:
        web.SILENT_SECONDS = front.STUCK_SECONDS = 1

    def application(environ, start_response):
        time.sleep({"/stuck": 8, "/slow": 2}.get(environ["PATH_INFO"], 0))
        start_response("200 OK", [])
        return [str(os.getpid()).encode()]

    def make_front():
        if "fails" in sys.argv:
            print("This program cannot start.", file=sys.stderr)
            sys.exit(web.STARTUP_FAILURE)
        web.prepare_process()
        made = front.Front(application)
        web.watch(made)
        return made

    if __name__ == "__main__":
        sys.exit(web.serve("program:make_front", Place.read(os.environ)))
"""


class Served:
    """Two web processes under their parent."""

    def __init__(self, folder: Path, *arguments: str, count: int = 2):
        self.port = free_port()
        program = folder / "program.py"
        program.write_text(textwrap.dedent(PROGRAM))
        place = {"PORT": str(self.port), "WEB_CONCURRENCY": str(count)}
        # A file: a pipe that nobody reads would stop it when it is full.
        self._log = folder / "log"
        with self._log.open("w") as log:
            self.parent = subprocess.Popen(
                [sys.executable, str(program), *arguments],
                env={**os.environ, "PYTHONPATH": f"{ROOT}:{folder}", **place},
                stderr=log,
            )

    def connect(self, path: str = "/", source: str = "127.0.0.1") -> Client:
        """A client that has sent a request."""
        client = Client(("127.0.0.1", self.port), source)
        return client.send(f"GET {path} HTTP/1.1\r\nHost: x\r\n\r\n".encode())

    def ask(self) -> int:
        """The process that answers a request on a new connection."""
        client = self.connect()
        answer = client.read()
        client.socket.close()
        return int(answer.partition(b"\r\n\r\n")[2])

    @property
    def children(self) -> set[int]:
        """The web processes."""
        return set(web_processes(self.parent.pid))

    def stop(self) -> str:
        """What it wrote."""
        self.parent.terminate()
        self.parent.wait(20)
        return self._log.read_text()


@pytest.fixture
def served(tmp_path) -> Iterator[Served]:
    served = Served(tmp_path)
    wait_until(lambda: answers(served))
    yield served
    served.stop()


def answers(served: Served) -> bool:
    try:
        return served.ask() > 0
    except OSError:
        return False


def wait_until(condition, seconds: float = 15) -> None:
    until = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < until, "it did not happen in time"
        time.sleep(0.05)


@pytest.mark.proves("X2")
def test_a_process_that_does_not_answer_is_replaced_and_no_visitor_waits_for_it(served):
    wait_until(lambda: len(served.children) == 2)
    silent = served.ask()
    os.kill(silent, signal.SIGSTOP)
    while silent in served.children:
        assert served.ask() != silent
        time.sleep(0.02)
    wait_until(lambda: len(served.children) == 2)


@pytest.mark.proves("X2")
def test_a_process_whose_threads_are_stuck_is_replaced_and_loses_no_request(tmp_path):
    served = Served(tmp_path, count=1)
    wait_until(lambda: answers(served))
    before = served.children
    stuck = [served.connect("/stuck", f"127.0.0.{number}") for number in range(2, 18)]
    assert served.ask() in before
    wait_until(lambda: not served.children & before, seconds=30)
    assert [client.status for client in stuck] == [200] * len(stuck)
    wait_until(lambda: answers(served))
    assert "in call" in served.stop()


def test_a_request_under_way_is_answered_when_everything_stops(served):
    client = served.connect("/slow")
    served.parent.terminate()
    assert client.status == 200
    assert served.parent.wait(20) == 0


def test_a_program_that_cannot_start_is_not_tried_for_ever(tmp_path):
    served = Served(tmp_path, "fails")
    assert served.parent.wait(60) == 1
    assert "This program cannot start." in served.stop()


@pytest.mark.proves("X2")
def test_no_visitor_is_lost_while_the_processes_are_replaced(tmp_path):
    served = Served(tmp_path, "patient")
    wait_until(lambda: answers(served) and len(served.children) == 2)
    before, answered = served.children, set()
    with ThreadPoolExecutor(3) as visitors:
        visits = [visitors.submit(visit_until, served, before, answered) for _ in range(3)]
        served.parent.send_signal(signal.SIGHUP)
        assert sum(visit.result() for visit in visits) > 20
    assert not served.children & before
    assert answered & before
    assert answered - before
    served.stop()


def visit_until(served: Served, gone: set[int], answered: set[int]) -> int:
    """Visit until a second after the last of those processes has ended; how many were answered."""
    count, over_at, longest = 0, math.inf, time.monotonic() + 120
    while time.monotonic() < min(over_at, longest):
        answered.add(served.ask())
        count += 1
        time.sleep(0.01)
        if math.isinf(over_at) and not served.children & gone:
            over_at = time.monotonic() + 1
    return count
