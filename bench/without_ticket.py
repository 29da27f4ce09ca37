"""``python -m bench.without_ticket``: the server, whose writers on SQLite do not queue up."""

import sys

from giftweb import server
from giftweb.ticket import Ticket


def _go_on(*_: object, **__: object) -> None:
    return None


if __name__ == "__main__":
    Ticket.take = Ticket.give_back = _go_on  # type: ignore[assignment, method-assign]
    sys.exit(server.main())
