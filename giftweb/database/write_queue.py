"""Who writes next on SQLite: writers queue up at a file, instead of asking again and again.

SQLite's own waiting is a sleep that grows with each try, so under load a writer may wait for
seconds while others pass. Here each process sends one thread to the queue, and the kernel serves
the processes in the order in which they came. It is a courtesy, not a lock: what keeps two writers
apart is BEGIN IMMEDIATE. Measured: docs/decisions/0009-file-ticket.md.
"""

import fcntl
import os
import threading
from pathlib import Path


class Ticket:
    """A place in the queue in front of one database file."""

    def __init__(self, path: Path):
        self._path = path
        self._turn = threading.Lock()
        self._mine = threading.local()
        self._file: int | None = None
        self._process = 0

    def take(self, *, timeout: float) -> None:
        """Wait for one's turn; after ``timeout`` seconds go on without one."""
        if self._turn.acquire(timeout=timeout):
            self._mine.held = True
            fcntl.flock(self._opened(), fcntl.LOCK_EX)

    def give_back(self) -> None:
        """Let the next one write. Without a turn nothing happens."""
        if getattr(self._mine, "held", False):
            self._mine.held = False
            fcntl.flock(self._opened(), fcntl.LOCK_UN)
            self._turn.release()

    def _opened(self) -> int:
        # A forked process that kept its parent's file would share its parent's turn.
        if self._file is None or self._process != os.getpid():
            self._file = os.open(self._path, os.O_RDWR | os.O_CREAT, 0o600)
            self._process = os.getpid()
        return self._file
