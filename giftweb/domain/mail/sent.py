"""What follows when a mail has gone out: the cards that it carried are delivered (D25)."""

from giftweb.database import transactional
from giftweb.domain import cards, outbox
from giftweb.domain.mail.letters import CARRIERS
from giftweb.domain.outbox.mails import Mail


@transactional
def mark_sent(mail: Mail) -> None:
    """The mail server took it."""
    if mail.kind in CARRIERS:
        cards.delivery.mark_delivered(mail.card_ids)
    outbox.sending.mark_sent(mail)
