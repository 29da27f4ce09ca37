"""What follows when a mail has gone out: the cards that it carried are delivered (D25), and whoever
gives them is told that they went out on the day that was chosen.
"""

from giftweb.database import transactional
from giftweb.domain import cards, orders, outbox
from giftweb.domain.mail.letters import CARRIERS
from giftweb.domain.outbox.mails import Mail

PURCHASED, GIFT_SENT = "cards_purchased", "gift_sent"


@transactional
def mark_sent(mail: Mail) -> None:
    """The mail server took it."""
    if mail.kind in CARRIERS:
        cards.delivery.mark_delivered(mail.card_ids)
    outbox.sending.mark_sent(mail)
    if mail.kind == PURCHASED and mail.order_id:
        _inform_the_giver(mail)


def _inform_the_giver(mail: Mail) -> None:
    """Of cards that waited for their day, and that somebody else gets."""
    assert mail.order_id is not None  # noqa: S101 - the caller has checked
    giver = orders.find(mail.order_id).customer_email
    waited = [
        each
        for each in map(cards.find, mail.card_ids)
        if each.deliver_at and each.deliver_at > each.created_at
    ]
    if waited and giver != mail.to:
        outbox.mail(
            GIFT_SENT,
            to=giver,
            card_id=waited[0].id,
            order_id=mail.order_id,
            data={"cards": [each.id for each in waited]},
            is_test=mail.is_test,
        )
