"""What a card's page is drawn from, for the page itself and for every action on it."""

from typing import Any

from flask import url_for

from giftweb.domain import cards, desk
from giftweb.domain.limits import LimitExceeded
from giftweb.errors import Refused
from giftweb.language import gettext
from giftweb.web import mail
from giftweb.web.access import actors, gate
from giftweb.web.http import clocks, htmx
from giftweb.web.text import audit_log


def link_to(card_id: str) -> htmx.Link:
    """A way to a card that was just made: to its code, where no mail brings it and whoever is here
    may see it.
    """
    if not mail.smtp.has_server() and gate.may_open("card_actions.reveal"):
        return gettext("Show code"), url_for("card_actions.reveal", card_id=card_id)
    return gettext("Open the card"), url_for("gift_cards.show", card_id=card_id)


def values(card_id: str, *, before: int | None = None) -> dict[str, Any]:
    """The values of ``gift_cards/_card.html``; ``before`` is a version of its history.

    Raises: NotFound.
    """
    record = desk.card_page.read(card_id, before=before)
    clocks.use_clock_of(record.card.campaign_id)
    return {
        "record": record,
        "history": audit_log.timeline(list(record.entries)),
        "is_first": before is None,
    }


def code_of(card_id: str, reason: str) -> str:
    """The code, for staff who may see it. Above a limit another person is asked; once they have
    approved, it is shown.

    Raises: as ``cards.holder.reveal``; Refused (it waits for another person).
    """
    by = actors.current()
    try:
        return cards.holder.reveal(card_id, by=by, reason=reason)
    except LimitExceeded as exceeded:
        raise Refused(desk.asking.ask(exceeded, by=by)) from exceeded
