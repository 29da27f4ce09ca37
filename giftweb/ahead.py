"""Work done ahead in a process of its own, on the second core, while its results are used."""

import marshal
import multiprocessing
from collections.abc import Iterator
from multiprocessing.connection import Connection
from typing import TypeVar

T = TypeVar("T")


def ahead(made: Iterator[T]) -> Iterator[T]:
    """The same items, made one ahead by a forked process. Plain tuples, lists, texts and numbers.

    The process must not touch the database: it shares the connection it was forked with.
    """
    context = multiprocessing.get_context("fork")
    receiver, sender = context.Pipe(duplex=False)
    process = context.Process(target=_send, args=(sender, made), daemon=True)
    process.start()
    sender.close()
    try:
        while item := receiver.recv_bytes():
            yield marshal.loads(item)  # noqa: S302 - our own process wrote it
    finally:
        receiver.close()
        process.join()


def _send(sender: Connection, made: Iterator) -> None:
    for item in made:
        sender.send_bytes(marshal.dumps(item))
    sender.send_bytes(b"")
