"""``python -m giftweb.serving.web``: the application behind uvicorn, in several processes.

uvicorn's supervisor starts a process again that has died or does not answer. A process whose event
loop is stuck ends itself; stuck threads get company, and end it when they become many.
"""

import faulthandler
import gc
import os
import resource
import signal
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from tempfile import TemporaryDirectory

from uvicorn.config import STARTUP_FAILURE, Config
from uvicorn.supervisors import Multiprocess

from giftweb.config import from_environment
from giftweb.environment import SettingUnusable
from giftweb.serving.connections import IDLE_SECONDS
from giftweb.serving.front import Front
from giftweb.serving.heap import return_large_blocks
from giftweb.serving.listen import Place
from giftweb.serving.process import die_with_parent, leave_ctrl_c_to_parent

STOP_SECONDS = 20
"""For the requests under way: a payment provider may take so long."""
SILENT_SECONDS = 10
MAX_RENEWALS = 3
MAX_OPEN_FILES = 16384
HEALTH = {"/healthz": b'{"status":"ok"}\n'}
"""Sent even when every thread is busy. Other servers ask the application: blueprints/health.py."""


def make_front() -> Front:
    """The application, in a new process."""
    prepare_process()
    # Nothing of what is read now is garbage, and looking for it took a tenth of the start.
    gc.disable()
    import peewee

    from giftweb import security_log
    from giftweb.database.sqlite import damage_text, is_damage
    from giftweb.errors import DomainError

    try:
        with _ends_on_sigterm():
            from wsgi import app as application
    except (RuntimeError, ValueError, OSError, DomainError) as problem:
        # The schema, the keys or a setting are not this program's: a sentence, no traceback.
        print(problem, file=sys.stderr)
        sys.exit(STARTUP_FAILURE)
    except peewee.DatabaseError as problem:
        if not is_damage(problem):
            raise
        print(damage_text(problem), file=sys.stderr)
        sys.exit(STARTUP_FAILURE)
    security_log.load()
    # What has been read stays: each walk of the collector over it took a tenth of a second.
    gc.collect()
    gc.freeze()
    gc.enable()
    front = Front(
        application, proxies=application.config["GIFTWEB"].trusted_proxies, prepared=HEALTH
    )
    watch(front)
    return front


@contextmanager
def _ends_on_sigterm() -> Iterator[None]:
    """SIGTERM ends this process at once. Later it ends the loop, but that does not run yet while
    the database is waited for."""
    ends_the_loop = signal.signal(signal.SIGTERM, signal.SIG_DFL)
    yield
    signal.signal(signal.SIGTERM, ends_the_loop)


def prepare_process() -> None:
    """Have this process end with its parent, and give large blocks of memory back."""
    die_with_parent()
    leave_ctrl_c_to_parent()
    return_large_blocks()


def watch(front: Front) -> None:
    """Look after a front from a thread of its own."""
    threading.Thread(target=_watch, args=(front,), daemon=True).start()


def _watch(front: Front) -> None:
    renewals = 0
    while True:
        time.sleep(1)
        if time.monotonic() - front.ticked_at > SILENT_SECONDS:
            faulthandler.dump_traceback()
            os._exit(1)
        if front.are_threads_stuck:
            faulthandler.dump_traceback()
            front.renew_threads()
            renewals += 1
            if renewals == MAX_RENEWALS:
                signal.raise_signal(signal.SIGTERM)


def serve(factory: str, place: Place) -> int:
    """Serve the front that ``module:function`` makes, until stopped.

    0, or 1 when it could not start.
    """
    allow_open_files()
    config = Config(
        factory,
        factory=True,
        host=place.host,
        port=place.port,
        workers=place.web_processes,
        interface="asgi3",
        http="giftweb.serving.connections:Connection",
        loop="uvloop",
        ws="none",
        lifespan="on",
        log_level="error",
        access_log=False,
        proxy_headers=False,
        server_header=False,
        timeout_keep_alive=IDLE_SECONDS,
        timeout_graceful_shutdown=STOP_SECONDS,
        timeout_worker_healthcheck=SILENT_SECONDS,
    )
    supervisor = Multiprocess(config, sockets=[config.bind_socket()])
    supervisor.run()
    return int(any(process.exitcode == STARTUP_FAILURE for process in supervisor.processes))


def allow_open_files() -> None:
    """Raise the limit of this process and its children: each connection is an open file."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = MAX_OPEN_FILES if hard == resource.RLIM_INFINITY else min(MAX_OPEN_FILES, hard)
    if soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))


def main() -> int | str:
    """Serve at the place that the environment names; what is in the way."""
    os.umask(0o077)
    try:
        place, settings = Place.read(os.environ), from_environment()
    except SettingUnusable as problem:
        return str(problem)
    if warning := place.why_unsafe(proxies=settings.trusted_proxies):
        print(warning, file=sys.stderr)
    with TemporaryDirectory(prefix="giftweb-metrics-") as numbers:
        # Where the web processes write their numbers for /metrics.
        os.environ.setdefault("PROMETHEUS_MULTIPROC_DIR", numbers)
        return serve("giftweb.serving.web:make_front", place)


if __name__ == "__main__":
    sys.exit(main())
