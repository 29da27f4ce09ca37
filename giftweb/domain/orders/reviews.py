"""Bought gift cards that somebody looks at before they are sent (B26).

They are paid and issued, but frozen, and their codes leave the house in no way until somebody
releases them. Who refuses them is ``desk.reviews``: what was paid goes back.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import NamedTuple

from giftweb import clock, ids, models
from giftweb.database import records, transactional
from giftweb.database.listings import literal
from giftweb.domain import audit, cards, notes, outbox
from giftweb.domain.audit.log import SYSTEM, Actor
from giftweb.domain.cards.values import Card
from giftweb.domain.orders.values import Order
from giftweb.errors import Refused
from giftweb.language import gettext
from giftweb.models import CardReview
from giftweb.tables.orders import WAITS_FOR_REVIEW

RELEASED, REFUSED = "released", "refused"


class NothingToReview(Refused):
    """No gift card of this order waits for a review any more."""


class Review(NamedTuple):
    """A card that waits. ``reason``: words of ``review_limits.REASONS`` with blanks between."""

    id: str
    card_id: str
    order_id: str
    reason: str
    created_at: datetime


# Waiting


def hold(order: Order, bought: Iterable[Card], *, why: Sequence[str]) -> None:
    """Freeze the cards of a locked order that were issued just now, until somebody decides."""
    count = 0
    for card in bought:
        count += 1
        audit.seals.insert(
            CardReview,
            id=ids.new("rev"),
            card_id=card.id,
            order_id=order.id,
            reason=" ".join(why),
            created_at=clock.now(),
        )
        cards.freeze(card.id, by=SYSTEM, reason=WAITS_FOR_REVIEW)
    some = "One gift card waits" if count == 1 else f"{count} gift cards wait"
    notes.add(order.id, f"{some} for a review before anything is sent.")


def waiting(order_id: str) -> list[Review]:
    """The reviews of an order's cards that are open, for cards that have not ended meanwhile."""
    is_open = CardReview.decision.is_null() & (CardReview.order == order_id)
    alive = models.GiftCard.state.in_([literal("open"), literal("frozen")])
    found = records.select(Review, CardReview).join(models.GiftCard)
    return list(found.where(is_open, alive).order_by(CardReview.card))


def decide(found: Sequence[Review], decision: str, *, by: Actor, reason: str | None) -> None:
    """Keep what was decided, and by whom."""
    for review in found:
        changes = {"decision": decision, "decided_at": clock.now(), "decided_by": by.id}
        audit.seals.change(CardReview, review.id, **changes)
        audit.record(
            by=by, action=f"gift_card.review_{decision}", subject=review.card_id, reason=reason
        )


@transactional
def release(order: Order, *, by: Actor, reason: str | None = None) -> list[Card]:
    """Send the cards of a locked order that wait for a review; the cards.

    Raises: NothingToReview, Refused (a payment of the order was charged back).
    """
    found = waiting(order.id)
    if not found:
        raise NothingToReview
    if models.Chargeback.select().where(models.Chargeback.order == order.id).exists():
        raise Refused(
            gettext("A payment of this order was charged back. Its gift cards stay frozen.")
        )
    decide(found, RELEASED, by=by, reason=reason)
    released = [cards.unfreeze(each.card_id, by=by, reason="Released") for each in found]
    mail(order, released)
    some = "One gift card was" if len(released) == 1 else f"{len(released)} gift cards were"
    notes.add(order.id, f"{some} released after a review.", by=by, reason=reason)
    return released


def mail(order: Order, bought: Iterable[Card]) -> None:
    """Mail each recipient once with all the codes that a day brings (S71)."""
    groups: dict[tuple[str | None, datetime | None], list[Card]] = {}
    for card in bought:
        if card.type != "physical":
            groups.setdefault((card.holder_email, card.scheduled_at), []).append(card)
    for (address, _), group in groups.items():
        outbox.mail(
            "cards_purchased",
            to=address,
            card_id=group[0].id,
            order_id=order.id,
            not_before=group[0].deliver_at,
            data={"cards": [card.id for card in group]},
            is_test=order.is_test,
        )
