"""A card reaches its holder, by mail or in a parcel: from then on its validity counts (D25)."""

from collections.abc import Iterable
from datetime import date, datetime, time

from giftweb import clock, days, models
from giftweb.database import transactional
from giftweb.domain import audit, json_values, law, notes, outbox, time_zones
from giftweb.domain.audit.log import Actor
from giftweb.domain.cards import locking, validity, values
from giftweb.domain.cards.values import Card
from giftweb.domain.catalogue import items
from giftweb.errors import Invalid, Refused
from giftweb.language import gettext, lazy_gettext

_ALIVE = ("open", values.FROZEN)
NOT_WAITING = lazy_gettext("This card does not wait for its day any more.")


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
    return validity.delivered(card, at=clock.now(), zone=zone, to_years_end=_to_years_end(card))


def as_delivered(card: Card) -> Card:
    """The card as it will be once it is sent: what the mail that brings it says of it."""
    if not card.is_expected or card.deliver_at is None or card.expires_on is None:
        return card
    zone = time_zones.of_campaign(card.campaign_id)
    at = max(card.deliver_at, clock.now())
    ends = validity.delivered(card, at=at, zone=zone, to_years_end=_to_years_end(card))
    return card._replace(expires_on=ends.expires_on)


def _to_years_end(card: Card) -> bool:
    return law.rules.ends_with_year(card.campaign_id, source=card.source)


# Another day, while it waits


@transactional
def move_to_day(
    card_id: str, *, day: date, hour: time | None = None, zone: str | None = None, by: Actor
) -> list[Card]:
    """Send a card that waits for its day on another day, with what is in its mail.

    Without an hour it is at the hour that was chosen before, without a zone where that was chosen.
    The cards, as they wait now; their validity moves with them.

    Raises: NotFound, CardNotUsable (it has ended), Refused (it does not wait), Invalid (deliver_on:
    not within a year, or after the last day that was chosen for a card).
    """
    card = values.find(card_id)
    there = zone or card.deliver_zone or time_zones.of_campaign(card.campaign_id)
    if not items.may_deliver_on(day, zone=there):
        raise Invalid(items.WITHIN_A_YEAR, field="deliver_on")
    if hour is None and card.deliver_at is not None and card.deliver_zone:
        hour = days.local(card.deliver_at, card.deliver_zone).time()
    at = max(items.moment_of(day, zone=there, hour=hour), clock.now())
    return _move(card_id, at, zone=there, field="deliver_on", by=by)


@transactional
def move(card_id: str, *, at: datetime, by: Actor) -> list[Card]:
    """The same at an instant.

    Raises: as ``move_to_day``, with the field deliver_at.
    """
    if not items.may_deliver_at(at):
        raise Invalid(gettext("Send a time from now to one year ahead."), field="deliver_at")
    card = values.find(card_id)
    zone = card.deliver_zone or time_zones.of_campaign(card.campaign_id)
    return _move(card_id, max(at, clock.now()), zone=zone, field="deliver_at", by=by)


def _move(card_id: str, at: datetime, *, zone: str, field: str, by: Actor) -> list[Card]:
    """``zone``: in which the time was chosen."""
    mail = outbox.scheduling.of_card(card_id)
    locked = locking.lock(mail.card_ids if mail else [card_id])
    wanted = locked[card_id].card
    locking.require_alive(wanted)
    if not wanted.is_scheduled or (mail is None and wanted.type != "physical"):
        raise Refused(NOT_WAITING)
    waiting = [each.card for each in locked.values() if each.card.is_scheduled]
    for card in waiting:
        _require_before_end(card, at, field=field)
    if mail and not outbox.scheduling.move(mail, to=at):
        raise Refused(NOT_WAITING)
    return [_moved(card, at, zone=zone, by=by) for card in waiting]


def _require_before_end(card: Card, at: datetime, *, field: str) -> None:
    zone = time_zones.of_campaign(card.campaign_id)
    if card.expires_on and card.expires_at and days.day_of(at, zone) > card.expires_on:
        sentence = gettext(
            "Gift card •••• {last4} expires on {day}: choose a day before.",
            last4=card.last4,
            day=card.expires_on,
        )
        raise Invalid(sentence, field=field)


def _moved(card: Card, at: datetime, *, zone: str, by: Actor) -> Card:
    audit.record(
        by=by,
        action="gift_card.delivery_moved",
        subject=card.id,
        data={"deliver_at": json_values.instant(at)},
        is_test=card.is_test,
    )
    shop_zone = time_zones.of_campaign(card.campaign_id)
    ends = validity.moved(
        card,
        deliver_at=at,
        now=clock.now(),
        zone=shop_zone,
        to_years_end=_to_years_end(card),
    )
    changes = {"deliver_at": at, "deliver_zone": zone, **ends._asdict()}
    audit.seals.change(models.GiftCard, card.id, **changes)
    moved = card._replace(**changes)
    locking.queue_event("gift_card.updated", moved)
    if card.order_id is not None:
        there = days.local(at, zone)
        when = f"{there:%Y-%m-%d %H:%M} ({zone})"
        notes.add(
            card.order_id, f"Gift card •••• {card.last4} was set to be sent on {when}.", by=by
        )
    return moved
