"""The mails that the program has queued, as rows; what they look like is the mail tests' matter."""

import json
from dataclasses import dataclass
from typing import Any

from giftweb import database


@dataclass(frozen=True)
class Queued:
    """One mail that waits for the worker, or went out."""

    kind: str
    to: str
    card_id: str | None
    order_id: str | None
    data: dict[str, Any] | None
    state: str


class Mailbox:
    """Reads the outbox."""

    def all(self) -> list[Queued]:
        """Every mail, oldest first."""
        found = database.rows(
            "SELECT kind, to_email, card_id, order_id, data, state FROM mail ORDER BY id"
        )
        return [
            Queued(kind, to, card, order, json.loads(data) if data else None, state)
            for kind, to, card, order, data, state in found
        ]

    def to(self, email: str) -> list[Queued]:
        """The mails to one address, oldest first."""
        return [mail for mail in self.all() if mail.to == email]

    def kinds(self) -> list[str]:
        """What the mails are about, oldest first."""
        return [mail.kind for mail in self.all()]
