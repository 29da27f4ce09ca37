"""The order of writers on SQLite: they queue at a lock file instead of polling.

SQLite itself sleeps longer after each failed try, so under load a writer may wait for seconds while
others pass it. Here each process has one thread in the queue, and the kernel serves the processes
in order. This is for fairness alone: BEGIN IMMEDIATE keeps two writers apart. Figures:
docs/decisions/0009-file-ticket.md.
"""

import fcntl
import os
import threading
from pathlib import Path


class WriterQueue:
    """The queue of one database file; one object for each process."""

    def __init__(self, path: Path):
        self._path = path
        self._turn = threading.Lock()
        self._mine = threading.local()
        self._file: int | None = None
        self._process = 0

    def acquire(self, *, timeout: float) -> None:
        """Wait for the turn of this thread; go on without it after ``timeout`` seconds."""
        if self._turn.acquire(timeout=timeout):
            self._mine.held = True
            fcntl.flock(self._opened(), fcntl.LOCK_EX)

    def release(self) -> None:
        """Let the next one write. Without a turn this does nothing."""
        if getattr(self._mine, "held", False):
            self._mine.held = False
            fcntl.flock(self._opened(), fcntl.LOCK_UN)
            self._turn.release()

    def _opened(self) -> int:
        # A forked process needs a file of its own: the lock belongs to the open file.
        if self._file is None or self._process != os.getpid():
            self._file = os.open(self._path, os.O_RDWR | os.O_CREAT, 0o600)
            self._process = os.getpid()
        return self._file
