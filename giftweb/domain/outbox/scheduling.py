"""Mails with codes that wait for their day, and may get another one (E28)."""

from datetime import datetime

from giftweb import models
from giftweb.domain.outbox import mails
from giftweb.domain.outbox.addressees import CARRIERS
from giftweb.domain.outbox.mails import SCHEDULED, WAITING, Mail


def of_card(card_id: str) -> Mail | None:
    """The mail that carries the card and waits for its day; None when none does."""
    found = mails.of_card(card_id, limit=1000)
    return next((m for m in found if m.kind in CARRIERS and m.status == SCHEDULED), None)


def move(mail: Mail, *, to: datetime) -> bool:
    """Send it at another time; False when it does not wait for the one it had any more."""
    table = models.Mail
    still_waits = (table.id == mail.id) & (table.state == WAITING) & (table.attempts == 0)
    moved = table.update(due_at=to).where(still_waits, table.due_at == mail.due_at)
    return bool(moved.execute())
