"""Changes of what a card says: its last day, its note and tags, its holder, its delivery."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, NamedTuple

from giftweb import days, models
from giftweb.database import transactional
from giftweb.domain import audit, law, time_zones
from giftweb.domain.audit.log import Actor
from giftweb.domain.cards import delivery, holder, locking, tags, validity
from giftweb.domain.cards.values import Card


class Holder(NamedTuple):
    """Who is to hold a card."""

    email: str
    name: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Changes:
    """What of a card changes; None: it stays. An empty note is none, and so are no tags."""

    expires_on: date | None = None
    note: str | None = None
    tags: Sequence[str] | None = None
    holder: Holder | None = None
    deliver_at: datetime | None = None


@transactional
def change(card_id: str, *, changes: Changes, by: Actor, reason: str | None = None) -> Card:
    """Change all of it, or nothing.

    Raises: NotFound, CardNotUsable (it has ended), Invalid (expires_on, tags, deliver_at, holder),
    Refused (it does not wait for its day), NotAllowed and LimitExceeded (its holder).
    """
    card = locking.lock_one(card_id).card
    if changes.holder is not None:
        name = changes.holder.name or card.holder_name
        holder.correct_holder(card_id, email=changes.holder.email, name=name, by=by)
    if changes.deliver_at is not None:
        delivery.move(card_id, at=changes.deliver_at, by=by)
    card = locking.lock_one(card_id).card
    columns = _words(changes) | _last_day(card, changes.expires_on)
    if not columns:
        return card
    _record(card, columns, by=by, reason=reason)
    audit.seals.change(models.GiftCard, card_id, **columns)
    changed = card._replace(**columns)
    locking.queue_event("gift_card.updated", changed)
    return changed


@transactional
def restore_last_day(
    card_id: str, *, last_day: date | None, is_expected: bool, by: Actor, reason: str
) -> Card:
    """Give a card the last day back that it had before; None: it had none.

    ``is_expected``: it counted from a delivery that was still to come. Once that has come, the day
    is certain.

    Raises: NotFound, CardNotUsable (it has ended), Invalid (the day is over).
    """
    card = locking.lock_one(card_id).card
    locking.require_alive(card)
    zone = time_zones.of_campaign(card.campaign_id)
    validity.require_in_time(last_day, deliver_at=card.delivered_at, zone=zone)
    is_certain = last_day is not None and (not is_expected or card.delivered_at is not None)
    columns: dict[str, Any] = {
        "expires_on": last_day,
        "expires_at": days.end_of(last_day, zone) if last_day and is_certain else None,
    }
    audit.record(
        by=by,
        action="gift_card.changed",
        subject=card_id,
        reason=reason,
        data={"changed": ["expires_on"], "expires_on": last_day.isoformat() if last_day else None},
        is_test=card.is_test,
    )
    audit.seals.change(models.GiftCard, card_id, **columns)
    changed = card._replace(**columns)
    locking.queue_event("gift_card.updated", changed)
    return changed


def _words(changes: Changes) -> dict[str, Any]:
    columns: dict[str, Any] = {}
    if changes.note is not None:
        columns["note"] = changes.note or None
    if changes.tags is not None:
        columns["tags"] = tags.read(changes.tags)
    return columns


def _last_day(card: Card, expires_on: date | None) -> dict[str, Any]:
    if expires_on is None:
        return {}
    locking.require_alive(card)
    zone = time_zones.of_campaign(card.campaign_id)
    sent_at = card.delivered_at or card.deliver_at
    validity.require_in_time(expires_on, deliver_at=sent_at, zone=zone)
    _require_lawful(card, expires_on, zone)
    return {"expires_on": expires_on, "expires_at": days.end_of(expires_on, zone)}


def _require_lawful(card: Card, expires_on: date, zone: str) -> None:
    """A sold card does not end sooner than the law lets it; one that ends so may end later.

    Raises: BrokenRule.
    """
    if card.expires_on is not None and expires_on >= card.expires_on:
        return
    law.rules.require_lasting(
        law.of_campaign(card.campaign_id),
        expires_on=expires_on,
        first=days.day_of(card.delivered_at or card.created_at, zone),
        source=law.rules.SOLD if card.sales_minor else card.source,
    )


def _record(card: Card, columns: dict[str, Any], *, by: Actor, reason: str | None) -> None:
    data = {"changed": sorted(columns.keys() - {"expires_at"})}
    if "expires_on" in columns:
        data["expires_on"] = columns["expires_on"].isoformat()
    audit.record(
        by=by,
        action="gift_card.changed",
        subject=card.id,
        reason=reason,
        data=data,
        is_test=card.is_test,
    )
