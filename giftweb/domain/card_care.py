"""What keeps a card in its holder's hands: send again, correct the address, show the code (B9)."""

from giftweb import codes, database
from giftweb.database import transactional
from giftweb.domain import audit, card_locks, cards, row_seals
from giftweb.domain import card_values as values
from giftweb.domain.audit import Actor
from giftweb.domain.card_values import Card
from giftweb.errors import Invalid


@transactional
def resend(card_id: str, *, by: Actor, email: str | None = None) -> str:
    """Mail the card again, to its holder or to ``email``; where it went.

    Raises: NotFound, CardNotUsable (it is over), Invalid (email: no address known), NotAllowed (to
    one's own address).
    """
    card = card_locks.lock_one(card_id).card
    card_locks.require_alive(card)
    to = email or card.holder_email
    if not to:
        raise Invalid("Enter the address to send the card to.", field="email")
    cards.require_not_oneself(to, by)
    audit.record(by=by, action="gift_card.sent_again", subject=card_id, is_test=card.is_test)
    card_locks.mail_holder("card_resent", card._replace(holder_email=to))
    return to


@transactional
def correct_holder(
    card_id: str, *, email: str, name: str | None, by: Actor, reason: str | None = None
) -> Card:
    """Change who holds the card. The mail is not sent again by this.

    Raises: NotFound, CardNotUsable (it is over), NotAllowed (to one's own address).
    """
    card, to = card_locks.lock_one(card_id).card, cards.normal_email(email)
    card_locks.require_alive(card)
    cards.require_not_oneself(to, by)
    audit.record(
        by=by,
        action="gift_card.holder_corrected",
        subject=card_id,
        reason=reason,
        is_test=card.is_test,
    )
    row_seals.change("gift_card", card_id, holder_email=to, holder_name=name)
    changed = card._replace(holder_email=to, holder_name=name)
    card_locks.tell("gift_card.updated", changed)
    return changed


@transactional
def reveal(card_id: str, *, by: Actor, reason: str) -> str:
    """The code itself, for staff who may see it; who saw it and why is kept (DESIGN 5, I30).

    Raises: NotFound, Invalid (reason).
    """
    if not reason.strip():
        raise Invalid("Say why you need to see the code.", field="reason")
    card = values.find(card_id)
    audit.record(
        by=by, action="gift_card.code_shown", subject=card_id, reason=reason, is_test=card.is_test
    )
    return open_code(card_id)


def open_code(card_id: str) -> str:
    """The code of a card, for the mail that carries it and the answer that created it.

    Raises: NotFound; keys.KeysUnusable.
    """
    sealed = database.scalar("SELECT code_sealed FROM gift_card WHERE id = ?", card_id)
    if sealed is None:
        values.find(card_id)
    return codes.unseal(bytes(sealed), card_id)
