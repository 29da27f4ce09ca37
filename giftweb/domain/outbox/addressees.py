"""A mail that carries a code goes to who holds the card when it is sent (D26).

A card that was sent to another address on purpose has ``elsewhere`` in its mail's data, and goes
there.
"""

from collections import defaultdict
from typing import Any

from giftweb import clock, database, ids, models
from giftweb.database import transactional
from giftweb.domain.audit import seals
from giftweb.domain.outbox import mails
from giftweb.domain.outbox.mails import FAILED, SENDING, SENT, UNCLEAR, WAITING, Mail
from giftweb.tables import outbox

CARRIERS = frozenset(outbox.CARRIERS)
"""The kinds that carry codes."""

REACHED = (SENT, UNCLEAR)
"""The states of a mail that has arrived, or may have."""


@transactional
def follow(card_id: str) -> None:
    """Address what was not sent yet of the card's mails with its code to its holder of now.

    One that a worker is about to send is taken from it; a mail with the cards of several holders is
    split.
    """
    for mail in unsent(card_id):
        readdress(mail)


def is_reached(card_id: str, email: str) -> bool:
    """Whether an address may have had the card's code: it was mailed there, or nowhere by us."""
    of_card = [mail for mail in mails.of_card(card_id, limit=1000) if mail.kind in CARRIERS]
    return not of_card or any(mail.to == email and mail.state in REACHED for mail in of_card)


def unsent(card_id: str) -> list[Mail]:
    """Mails with the card's code that wait, are being prepared or have failed, locked."""
    found = [mail.id for mail in mails.of_card(card_id, limit=1000) if mail.kind in CARRIERS]
    locked = database.locked(mails.select().where(models.Mail.id.in_(found)))
    return [mail for mail in locked if mail.state in (WAITING, SENDING, FAILED)]


def readdress(mail: Mail) -> bool:
    """Address a locked mail with codes to the holder of its cards, if it is for somebody else.

    Cards of other holders go into mails of their own. Whether anything changed; what a worker had
    claimed waits again then.
    """
    groups = _by_holder(mail)
    if list(groups) in ([], [mail.to]):
        return False
    first = mail.to if mail.to in groups else next(iter(groups))
    for address, card_ids in groups.items():
        _write(mail, address, card_ids, is_copy=address != first)
    return True


def _by_holder(mail: Mail) -> dict[str, list[str]]:
    """Address -> the mail's cards whose holder has it; nothing for a mail that stays as it is."""
    if mail.kind not in CARRIERS or mail.data.get("elsewhere"):
        return {}
    card = models.GiftCard
    rows = card.select(card.id, card.holder_email).where(card.id.in_(mail.card_ids)).tuples()
    holders = dict(rows)
    groups = defaultdict(list)
    for card_id in mail.card_ids:
        groups[holders[card_id] or mail.to].append(card_id)
    return dict(groups)


def _write(mail: Mail, address: str, card_ids: list[str], *, is_copy: bool) -> None:
    """The mail with one holder's cards, in its own row or in a copy of it."""
    data = mail.data | {"cards": card_ids} if "cards" in mail.data else mail.data
    changes: dict[str, Any] = {"to_email": address, "card_id": card_ids[0], "data": data or None}
    if mail.state == SENDING:
        changes |= {"state": WAITING, "due_at": clock.now()}
    if is_copy:
        changes["id"] = ids.new("mail")
        seals.insert(models.Mail, mail, **changes)
    else:
        seals.change(models.Mail, mail.id, **changes)
