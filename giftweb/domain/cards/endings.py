"""How a gift card ends: cancelled while unused, replaced by a new code, or expired."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from peewee import fn

from giftweb import clock, codes, ids
from giftweb.database import transactional
from giftweb.database.listings import literal
from giftweb.domain import audit, law, ledger, limits, time_zones
from giftweb.domain.audit.log import Actor
from giftweb.domain.cards import expected, locking, pins, refusals, validity, values
from giftweb.domain.cards.locking import Locked
from giftweb.domain.cards.values import Card, Issued
from giftweb.domain.ledger.transfers import CARD, Movement, Position
from giftweb.domain.limits import Gift, Request
from giftweb.errors import CardAlreadyUsed, CardInUse, CardNotUsable, Invalid
from giftweb.language import gettext
from giftweb.models import AuditEntry, GiftCard, Hold, Transfer


@transactional
def cancel(card_id: str, *, by: Actor, reason: str | None = None) -> Card:
    """Withdraw a card that was never used; its money goes back to where it came from (D5, I21).

    Raises: NotFound, CardAlreadyUsed, CardInUse, CardNotUsable (it has ended).
    """
    locked = locking.lock_one(card_id)
    _require_withdrawable(locked)
    audit_id = audit.record(
        by=by,
        action="gift_card.cancelled",
        subject=card_id,
        reason=reason,
        is_test=locked.card.is_test,
    )
    for movement in _withdrawals(locked, audit_id):
        locked, _ = locking.move(locked, movement)
    return locking.set_state(locked, "cancelled")


def _require_withdrawable(locked: Locked) -> None:
    if locked.card.status in locking.ENDED:
        raise CardNotUsable(refusals.unusable(locked.card.status))
    if has_been_used(locked.card.id):
        raise CardAlreadyUsed
    if locked.position.held_minor:
        raise CardInUse


def withdrawable(found: Iterable[Card]) -> set[str]:
    """The ids of those cards that ``cancel`` would take: alive, and never used."""
    alive = [card for card in found if card.status not in locking.ENDED and not card.held_minor]
    used = used_of(ledger.funding.owners_of(card.id for card in alive))
    return {card.id for card in alive} - used


def has_been_used(card_id: str) -> bool:
    """Whether an order ever took money from the card or from one whose money it has, or its holder
    had it in cash (D5).

    One that others were merged into counts as used: each of them had a price of its own.
    """
    return bool(used_of(ledger.funding.owners_of([card_id])))


def used_of(owners: Mapping[str, str]) -> set[str]:
    """Those who have been used of the cards that ``owners`` have their money from
    (``ledger.funding.owners_of``)."""
    if not owners:
        return set()
    chain, is_use = list(owners), Transfer.kind.in_(("capture", "cash_out"))
    taken = Transfer.select(Transfer.card_id).where(is_use, Transfer.card_id.in_(chain)).distinct()
    merged = GiftCard.select(GiftCard.merged_into_id).where(GiftCard.merged_into_id.in_(chain))
    return {owners[card_id] for (card_id,) in (*taken.tuples(), *merged.tuples())}


def _withdrawals(locked: Locked, audit_id: str) -> list[Movement]:
    """One transfer a credit, the newest first, each back to its source; the rest is adjusted."""
    movements, rest = [], locked.position.balance_minor
    remainders = ledger.funding.remainders(locked.card.id, locked.card.parts)
    for credit_id, source, left in reversed(remainders):
        if credit_id and left and source != "adjustments":
            movements.append(Movement("cancel", CARD, source, left, audit_id, parent_id=credit_id))
            rest -= left
    if rest:
        movements.append(Movement("adjust", CARD, "adjustments", rest, audit_id))
    return movements


@transactional
def replace_card(
    card_id: str, *, by: Actor, reason: str | None = None, send_email: bool = True
) -> Issued:
    """A new code for the same money: the old card is dead, its history stays (D5).

    Raises: NotFound, CardInUse, CardNotUsable (cancelled, replaced, expired), LimitExceeded.
    """
    locked = locking.lock_one(card_id)
    old = locked.card
    locking.require_alive(old)
    locking.require_reviewed(old.id)
    if locked.position.held_minor:
        raise CardInUse
    _require_within_limits(old, reason, by=by)
    audit_id = audit.record(
        by=by, action="gift_card.replaced", subject=old.id, reason=reason, is_test=old.is_test
    )
    amount = old.balance_minor
    if amount:
        away = Movement("replace", CARD, "replacements", amount, audit_id)
        locked, _ = locking.move(locked, away)
    again = (
        Movement("replace", "replacements", CARD, amount, audit_id, parts=old.parts)
        if amount
        else None
    )
    issued, _ = issue_replacement(
        old, again, by=by, source=old.source, is_mailed=send_email, replaces_id=old.id
    )
    locking.set_state(locked, "replaced")
    if send_email:
        # Whoever waits for a day that is still to come knows of no code that was replaced.
        due_at, now = issued.card.deliver_at, issued.card.created_at
        kind = "card_issued" if due_at and due_at > now else "card_replaced"
        locking.mail_holder(kind, issued.card, not_before=due_at)
    locking.queue_event("gift_card.issued", issued.card)
    return issued


def _require_within_limits(card: Card, reason: str | None, *, by: Actor) -> None:
    """A new code is a new way to the money, so it counts as giving it."""
    amount = expected.balance(card)
    gift = Gift(amount=amount, email=card.holder_email, is_test=card.is_test, brings_code=True)
    request = Request(verb=limits.verbs.REPLACE, subject=card.id, amount=amount, reason=reason)
    limits.require([gift], by=by, request=request)


def issue_replacement(
    old: Card, movement: Movement | None, *, by: Actor, source: str, is_mailed: bool, **linked: str
) -> tuple[Issued, str | None]:
    """A card for the same holder that begins with the movement, and that movement's id.

    ``linked``: the ``order_id`` it is issued for, or ``replaces_id``. Within a transaction; no mail
    and no event is queued yet.
    """
    card_id, code, pin = ids.new("gc"), codes.generate(), pins.find(old)
    position, transfer_id = ledger.open_with(
        card_id, currency=old.currency, is_test=old.is_test, movement=movement
    )
    card = _replacement(
        old,
        card_id=card_id,
        last4=code[-4:],
        position=position,
        source=source,
        is_mailed=is_mailed,
        created_at=clock.now(),
        **linked,
    )
    locking.store(card, code, pin)
    if card.state == values.FROZEN:
        audit.record(
            by=by,
            action="gift_card.frozen",
            subject=card_id,
            reason="The card that it follows was frozen",
            is_test=card.is_test,
        )
    return Issued(card, code, pin), transfer_id


def _replacement(
    old: Card,
    *,
    card_id: str,
    last4: str,
    position: Position,
    source: str,
    is_mailed: bool,
    created_at: datetime,
    order_id: str | None = None,
    replaces_id: str | None = None,
) -> Card:
    """A card for the same holder that takes another one's place, with all its terms (D23, I39).

    Only a day that has passed is not inherited: the money would be gone at once (D7).
    """
    return old._replace(
        id=card_id,
        last4=last4,
        origin="replacement" if replaces_id else "refund",
        source=source,
        state=values.FROZEN if _is_frozen(old) else "open",
        balance_minor=position.balance_minor,
        held_minor=0,
        initial_minor=position.balance_minor,
        version=position.version,
        order_id=order_id,
        order_item_id=None,
        replaces_id=replaces_id,
        merged_into_id=None,
        **_times(old, is_mailed=is_mailed and bool(old.holder_email), at=created_at),
        created_at=created_at,
        **values.funded(position.funding),
    )


def _times(old: Card, *, is_mailed: bool, at: datetime) -> dict[str, Any]:
    """When the new card is sent, on the day for which the old one waits, and when it is over."""
    deliver_at = None
    if is_mailed:
        deliver_at = max(old.deliver_at or at, at) if old.is_expected else at
    ends = validity.Validity(None, None)
    is_over = old.expires_at is not None and old.expires_at <= at
    if old.expires_on is not None and not is_over:
        zone = time_zones.of_campaign(old.campaign_id)
        is_long = law.rules.ends_with_year(old.campaign_id, source=old.source)
        ends = validity.moved(old, deliver_at=deliver_at, now=at, zone=zone, to_years_end=is_long)
    return {"deliver_at": deliver_at, "delivered_at": None, **ends._asdict()}


def _is_frozen(card: Card) -> bool:
    """Whether the card is frozen, or was when it expired."""
    return card.state == values.FROZEN or (card.state == values.EXPIRED and _was_frozen(card.id))


def _was_frozen(card_id: str) -> bool:
    """Whether the last of what froze or unfroze the card froze it."""
    entry = AuditEntry
    kinds = entry.action.in_(("gift_card.frozen", "gift_card.unfrozen"))
    found = entry.select(entry.action).where(entry.subject == card_id, kinds)
    last = found.order_by(entry.id.desc()).first()
    return last is not None and last.action == "gift_card.frozen"


def lock_current(card_id: str) -> Card:
    """The card under its lock, or the last of those that replaced it (D7).

    Raises: NotFound.
    """
    return lock_all_current([card_id])[card_id]


def lock_all_current(card_ids: Iterable[str]) -> dict[str, Card]:
    """Each of these cards, or the last of those that replaced it, under their locks.

    Raises: NotFound.
    """
    return {
        card_id: _lock_successor(locked.card) for card_id, locked in locking.lock(card_ids).items()
    }


def _lock_successor(card: Card) -> Card:
    while card.status == values.REPLACED:
        successor = GiftCard.get(values.succeeds(card))
        card = locking.lock_one(successor.id).card
    return card


@transactional
def expire(card_id: str, *, by: Actor = audit.SYSTEM) -> Card:
    """Move what is left on a card past its date to breakage. Held money waits for its order.

    Raises: NotFound, CardNotUsable (it has ended), Invalid (its date has not passed).
    """
    locked = locking.lock_one(card_id)
    card = locked.card
    if card.status in locking.ENDED or card.state == "expired":
        raise CardNotUsable(refusals.unusable(card.status))
    if card.status != values.EXPIRED:
        raise Invalid(gettext("This card has not reached its date."), field="expires_on")
    if locked.position.held_minor:
        raise CardInUse
    audit_id = audit.record(
        by=by, action="gift_card.expired", subject=card_id, is_test=card.is_test
    )
    if card.balance_minor:
        away = Movement("expire", CARD, "breakage", card.balance_minor, audit_id)
        locked, _ = locking.move(locked, away)
    return locking.set_state(locked, "expired")


def due_to_expire(*, limit: int = 100) -> list[str]:
    """Cards past their date whose money has not been moved yet, free of holds."""
    held = Hold.select().where(
        Hold.card == GiftCard.id, Hold.resolved_at.is_null(), Hold.expires_at > clock.now()
    )
    due = GiftCard.select(GiftCard.id).where(
        GiftCard.expires_at <= clock.now(),
        # The terms of the partial index on expiry, as it has them.
        GiftCard.state.in_([literal("open"), literal("frozen")]),
        ~fn.EXISTS(held),
    )
    found = due.order_by(GiftCard.expires_at).limit(limit).tuples()
    return [card_id for (card_id,) in found]
