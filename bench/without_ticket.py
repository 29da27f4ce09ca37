"""``python -m bench.without_ticket``: the server, whose writers on SQLite do not queue up."""

import sys

from giftweb.database.write_queue import WriterQueue
from giftweb.serving import web


def _go_on(*_: object, **__: object) -> None:
    return None


if __name__ == "__main__":
    WriterQueue.acquire = WriterQueue.release = _go_on  # type: ignore[assignment, method-assign]
    sys.exit(web.main())
