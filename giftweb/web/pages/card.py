"""What a card's page is drawn from, for the page itself and for every action on it."""

from typing import Any

from giftweb.domain import desk
from giftweb.web.text import audit_log


def values(card_id: str, *, before: int | None = None) -> dict[str, Any]:
    """The values of ``gift_cards/_card.html``; ``before`` is a version of its history.

    Raises: NotFound.
    """
    record = desk.card_page.read(card_id, before=before)
    return {
        "record": record,
        "history": audit_log.timeline(list(record.entries)),
        "is_first": before is None,
    }
