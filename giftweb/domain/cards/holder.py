"""What keeps a card in its holder's hands: send again, correct the address, show the code (B9)."""

from giftweb import codes, models
from giftweb.database import transactional
from giftweb.domain import audit, emails
from giftweb.domain.audit.log import Actor
from giftweb.domain.cards import lifecycle, locking, values
from giftweb.domain.cards.values import Card
from giftweb.errors import Invalid, NotFound


@transactional
def resend(card_id: str, *, by: Actor, email: str | None = None) -> str:
    """Mail the card again, to its holder or to ``email``; where it went.

    Raises: NotFound, CardNotUsable (it has ended), Invalid (email: no address known), NotAllowed
    (to one's own address).
    """
    card = locking.lock_one(card_id).card
    locking.require_alive(card)
    to = emails.read(email) if email else card.holder_email
    if not to:
        raise Invalid("Enter the address to send the card to.", field="email")
    lifecycle.require_not_oneself(to, by)
    audit.record(by=by, action="gift_card.sent_again", subject=card_id, is_test=card.is_test)
    locking.mail_holder("card_resent", card._replace(holder_email=to))
    return to


@transactional
def correct_holder(
    card_id: str, *, email: str, name: str | None, by: Actor, reason: str | None = None
) -> Card:
    """Change who holds the card. The mail is not sent again by this.

    Raises: NotFound, CardNotUsable (it has ended), NotAllowed (to one's own address).
    """
    card, to = locking.lock_one(card_id).card, emails.read(email)
    locking.require_alive(card)
    lifecycle.require_not_oneself(to, by)
    audit.record(
        by=by,
        action="gift_card.holder_corrected",
        subject=card_id,
        reason=reason,
        is_test=card.is_test,
    )
    audit.seals.change(models.GiftCard, card_id, holder_email=to, holder_name=name)
    changed = card._replace(holder_email=to, holder_name=name)
    locking.queue_event("gift_card.updated", changed)
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
    card = models.GiftCard.get_or_none(models.GiftCard.id == card_id)
    if card is None:
        raise NotFound
    return codes.unseal(bytes(card.code_sealed), card_id)
