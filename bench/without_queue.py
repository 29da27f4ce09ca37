"""``python -m bench.without_queue``: the server, whose writers on SQLite do not queue up."""

import sys

from giftweb.database.write_queue import WriteQueue
from giftweb.serving import web


def _go_on(*_: object, **__: object) -> None:
    return None


if __name__ == "__main__":
    WriteQueue.acquire = WriteQueue.release = _go_on  # type: ignore[assignment, method-assign]
    sys.exit(web.main())
