"""The order of writers on SQLite: they queue at a lock file instead of polling.

SQLite itself sleeps longer after each failed try, so under load a writer may wait for seconds while
others pass it. Here each process has one thread in the queue, and the kernel serves the processes
in order. This is for fairness alone: BEGIN IMMEDIATE keeps two writers apart. Figures:
docs/decisions/0009-write-queue.md.
"""

import fcntl
import os
import threading
import time
from concurrent.futures import Future
from contextlib import suppress
from pathlib import Path


class WriteQueue:
    """The queue of one database file; one object for each process."""

    def __init__(self, path: Path):
        self._path = path
        self._turn = threading.Lock()
        self._mine = threading.local()
        self._file: int | None = None
        self._process = 0

    def acquire(self, *, timeout: float) -> None:
        """Wait for the turn of this thread; go on without it after ``timeout`` seconds."""
        deadline = time.monotonic() + timeout
        if self._turn.acquire(timeout=timeout):
            self._mine.held = self._lock_file(deadline)

    def release(self) -> None:
        """Let the next one write. Without a turn this does nothing."""
        if getattr(self._mine, "held", False):
            self._mine.held = False
            self._end_turn()

    def _lock_file(self, deadline: float) -> bool:
        """Whether the processes before this one were done in time.

        The kernel knows no wait with a time-out that keeps the order, so another thread waits in
        it. A lock that it gets too late is given back at once.
        """
        try:
            fcntl.flock(self._opened(), fcntl.LOCK_EX | fcntl.LOCK_NB)
            return True
        except OSError:
            locked = _locked_by_a_thread(self._opened())
        in_time = False
        with suppress(TimeoutError):
            try:
                locked.result(timeout=max(0, deadline - time.monotonic()))
                in_time = True
            finally:
                if not in_time:
                    locked.add_done_callback(lambda _: self._end_turn())
        return in_time

    def _end_turn(self) -> None:
        fcntl.flock(self._opened(), fcntl.LOCK_UN)
        self._turn.release()

    def _opened(self) -> int:
        # A forked process needs a file of its own: the lock belongs to the open file.
        if self._file is None or self._process != os.getpid():
            self._file = os.open(self._path, os.O_RDWR | os.O_CREAT, 0o600)
            self._process = os.getpid()
        return self._file


def _locked_by_a_thread(file: int) -> Future[None]:
    """A thread that waits for the lock of this file. It keeps no process from ending."""
    locked: Future[None] = Future()

    def wait() -> None:
        try:
            fcntl.flock(file, fcntl.LOCK_EX)
            locked.set_result(None)
        except OSError as problem:
            locked.set_exception(problem)

    threading.Thread(target=wait, daemon=True).start()
    return locked
