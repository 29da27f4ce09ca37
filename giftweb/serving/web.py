"""``python -m giftweb.serving.web``: granian, with two habits of our own.

The program is read before its workers are forked: they share what was read, so that they are small,
and one that died is back at once. And a worker that was killed is started again however often:
granian takes two deaths within seconds for a crash loop, stops, and with it the healthy workers.
"""

import gc
import importlib
import os
import sys
import time
from collections.abc import Callable
from tempfile import TemporaryDirectory
from typing import Any

from granian.constants import HTTPModes, Interfaces
from granian.log import LogLevels
from granian.server.mp import MPServer

from giftweb.serving.heap import return_large_blocks
from giftweb.serving.listen import CannotStart, Place
from giftweb.serving.process import die_with_parent, leave_ctrl_c_to_parent

# Where the workers write their numbers for /metrics; chosen before the program is read.
_numbers = TemporaryDirectory(prefix="giftweb-metrics-")
os.environ.setdefault("PROMETHEUS_MULTIPROC_DIR", _numbers.name)

import app  # noqa: E402, F401
from giftweb.blueprints import BLUEPRINTS  # noqa: E402
from giftweb.errors import DomainError  # noqa: E402

THREADS_PER_PROCESS = 4
"""Enough to wait for the disk and for a lock at the same time. More of them take the interpreter
from each other, and each has a connection of its own: docs/decisions/0021-four-threads.md."""
WAITING_PER_PROCESS = 64
LOOK_EVERY_SECONDS = 0.2
START_SECONDS = 5
STOP_SECONDS = 6
"""For the requests under way: longer than one waits for another one's lock, shorter than the
supervisor waits for us."""


class WebServer(MPServer):
    """Keeps its workers up; stops by itself only when one cannot start."""

    def _serve_loop(self, spawn_target: Callable, target_loader: Callable) -> None:
        while not self.interrupt_signal:
            self.main_loop_interrupt.wait(LOOK_EVERY_SECONDS)
            self.main_loop_interrupt.clear()
            dead = [worker for worker in self.wrks if not worker.is_alive()]
            if any(_could_not_start(worker) for worker in dead):
                return
            self.interrupt_children.clear()
            if not self.interrupt_signal:
                places = [self.wrks.index(worker) for worker in dead]
                self._respawn_workers(places, spawn_target, target_loader)


def _could_not_start(worker: Any) -> bool:
    """Whether a worker failed soon after it was made. To be killed is not to fail."""
    failed = (worker.inner.exitcode or 0) > 0
    return failed and time.monotonic() - worker.birth < START_SECONDS


def load() -> Callable:
    """In a fresh worker: the application. The worker ends with its parent, and when told by it."""
    die_with_parent()
    leave_ctrl_c_to_parent()
    return_large_blocks()
    try:
        from wsgi import app as application
    except (RuntimeError, ValueError, DomainError) as problem:
        # The schema, the keys or a setting are not this program's: a sentence, no traceback.
        sys.exit(str(problem))
    _settle()
    return application


def _settle() -> None:
    """What has been read stays. The collector walks it no more: each walk took a tenth of a second,
    in which nobody was answered, and unshared the memory that the workers share."""
    gc.collect()
    gc.freeze()


def main() -> str | None:
    """Serve at the place that the environment names, until told to stop; what is in the way."""
    os.umask(0o077)
    try:
        place = Place.read(os.environ)
    except CannotStart as problem:
        return str(problem)
    for name in BLUEPRINTS:
        importlib.import_module(f"giftweb.blueprints.{name}")
    _settle()
    WebServer(
        "wsgi:app",
        address=place.host,
        port=place.port,
        interface=Interfaces.WSGI,
        http=HTTPModes.http1,
        workers=place.web_processes,
        blocking_threads=THREADS_PER_PROCESS,
        backpressure=WAITING_PER_PROCESS,
        websockets=False,
        log_level=LogLevels.error,
        respawn_failed_workers=True,
        workers_kill_timeout=STOP_SECONDS,
    ).serve(target_loader=load, wrap_loader=False)
    return None


if __name__ == "__main__":
    sys.exit(main())
