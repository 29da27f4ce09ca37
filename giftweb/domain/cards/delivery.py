"""A card reaches its holder, by mail or in a parcel: from then on its validity counts (D25)."""

from collections.abc import Iterable

from giftweb import clock, models
from giftweb.database import transactional
from giftweb.domain import audit, time_zones
from giftweb.domain.cards import locking, validity, values
from giftweb.domain.cards.values import Card

_ALIVE = ("open", values.FROZEN)


@transactional
def mark_delivered(card_ids: Iterable[str]) -> list[Card]:
    """These cards were sent; those for which it was the first time, as they are now.

    A card that has ended stays as it is.

    Raises: NotFound.
    """
    found = [locked.card for locked in locking.lock(card_ids).values()]
    return [_deliver(card) for card in found if card.delivered_at is None and card.state in _ALIVE]


def _deliver(card: Card) -> Card:
    changes = {"delivered_at": clock.now(), **_ending(card)._asdict()}
    audit.seals.change(models.GiftCard, card.id, **changes)
    delivered = card._replace(**changes)
    locking.queue_event("gift_card.updated", delivered)
    return delivered


def _ending(card: Card) -> validity.Validity:
    if card.expires_on is None:
        return validity.Validity(None, None)
    zone = time_zones.of_campaign(card.campaign_id)
    return validity.delivered(card, at=clock.now(), zone=zone)


def as_delivered(card: Card) -> Card:
    """The card as it will be once it is sent: what the mail that brings it says of it."""
    if not card.is_expected or card.deliver_at is None or card.expires_on is None:
        return card
    zone = time_zones.of_campaign(card.campaign_id)
    at = max(card.deliver_at, clock.now())
    return card._replace(expires_on=validity.delivered(card, at=at, zone=zone).expires_on)
