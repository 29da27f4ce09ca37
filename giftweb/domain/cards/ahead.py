"""Work done ahead in a process of its own, on the second core, while its results are used."""

import fcntl
import marshal
import multiprocessing
from collections.abc import Generator, Iterator
from contextlib import suppress
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from typing import Any, TypeVar

T = TypeVar("T")

_ROOM = 1 << 20


def ahead(made: Iterator[T]) -> Generator[T, None, None]:
    """The same items, made one ahead by a forked process, which begins at once.

    They are plain tuples, lists, texts and numbers. The process must not touch the database: it
    shares the connection it was forked with.
    """
    context = multiprocessing.get_context("fork")
    receiver, sender = context.Pipe(duplex=False)
    _widen(receiver)
    process = context.Process(target=_send, args=(sender, made), daemon=True)
    process.start()
    sender.close()
    return _received(receiver, process)


def _received(receiver: Connection, process: BaseProcess) -> Generator[Any, None, None]:
    try:
        while item := receiver.recv_bytes():
            yield marshal.loads(item)  # noqa: S302 - our own process wrote it
    finally:
        receiver.close()
        process.join()


def _widen(receiver: Connection) -> None:
    """Room for a whole item where the system has it: neither side then waits for the other."""
    with suppress(AttributeError, OSError):
        fcntl.fcntl(receiver.fileno(), fcntl.F_SETPIPE_SZ, _ROOM)


def _send(sender: Connection, made: Iterator) -> None:
    with suppress(BrokenPipeError):  # nobody wants any more
        for item in made:
            sender.send_bytes(marshal.dumps(item))
        sender.send_bytes(b"")
