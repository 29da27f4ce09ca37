"""How a gift card ends: cancelled while unused, replaced by a new code, or expired."""

from datetime import datetime

from giftweb import clock, codes, database, ids
from giftweb.database import transactional
from giftweb.domain import audit, ledger
from giftweb.domain.audit.log import Actor
from giftweb.domain.cards import locking, values
from giftweb.domain.cards.locking import Locked
from giftweb.domain.cards.values import Card, Issued
from giftweb.domain.ledger.transfers import CARD, Movement
from giftweb.errors import CardAlreadyUsed, CardInUse, CardNotUsable, Invalid

CHAIN = (
    "WITH RECURSIVE chain (id) AS (SELECT id FROM gift_card WHERE id = ?"
    " UNION ALL SELECT g.replaces_id FROM gift_card g JOIN chain c ON g.id = c.id"
    " WHERE g.replaces_id IS NOT NULL)"
)
"""A card and those that it replaces, newest first."""


@transactional
def cancel(card_id: str, *, by: Actor, reason: str | None = None) -> Card:
    """Withdraw a card that was never used; its money goes back to where it came from (D5, I21).

    Raises: NotFound, CardAlreadyUsed, CardInUse, CardNotUsable (already over).
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
        raise CardNotUsable(status=locked.card.status)
    if has_been_used(locked.card.id):
        raise CardAlreadyUsed
    if locked.position.held_minor:
        raise CardInUse


def has_been_used(card_id: str) -> bool:
    """Whether an order ever took money from the card or from one that it replaces (D5)."""
    return bool(
        database.scalar(
            f"{CHAIN} SELECT 1 FROM transfer WHERE kind = 'capture'"
            " AND card_id IN (SELECT id FROM chain) LIMIT 1",
            card_id,
        )
    )


def _withdrawals(locked: Locked, audit_id: str) -> list[Movement]:
    """One transfer a funding, newest first, until the balance is gone (adjustments shift it)."""
    fundings = database.rows(
        f"{CHAIN} SELECT f.id, f.from_account, CAST(f.amount_minor - COALESCE((SELECT"
        " SUM(b.amount_minor) FROM transfer b WHERE b.parent_id = f.id), 0) AS BIGINT)"
        " FROM transfer f WHERE f.card_id IN (SELECT id FROM chain)"
        " AND f.kind IN ('issue', 'top_up') ORDER BY f.created_at DESC",
        locked.card.id,
    )
    movements, left = [], locked.position.balance_minor
    for parent_id, source, amount in fundings:
        part = min(amount, left)
        if part:
            movements.append(Movement("cancel", CARD, source, part, audit_id, parent_id=parent_id))
        left -= part
    if left:
        movements.append(Movement("adjust", CARD, "adjustments", left, audit_id))
    return movements


@transactional
def replace_card(
    card_id: str, *, by: Actor, reason: str | None = None, send_email: bool = True
) -> Issued:
    """A new code for the same money: the old card is dead, its history stays (D5).

    Raises: NotFound, CardInUse, CardNotUsable (cancelled, replaced, expired).
    """
    locked = locking.lock_one(card_id)
    old = locked.card
    locking.require_alive(old)
    if locked.position.held_minor:
        raise CardInUse
    audit_id = audit.record(
        by=by, action="gift_card.replaced", subject=old.id, reason=reason, is_test=old.is_test
    )
    amount = old.balance_minor
    if amount:
        away = Movement("replace", CARD, "replacements", amount, audit_id)
        locked, _ = locking.move(locked, away)
    again = Movement("replace", "replacements", CARD, amount, audit_id) if amount else None
    issued, _ = issue_replacement(old, again, source="replacements", replaces_id=old.id)
    locking.set_state(locked, "replaced")
    if send_email:
        locking.mail_holder("card_replaced", issued.card)
    locking.queue_event("gift_card.issued", issued.card)
    return issued


def issue_replacement(
    old: Card, movement: Movement | None, *, source: str, **linked: str
) -> tuple[Issued, str | None]:
    """A card for the same holder that begins with the movement, and that movement's id.

    ``linked``: the ``order_id`` it is issued for, or ``replaces_id``. Within a transaction; no mail
    and no event is queued yet.
    """
    card_id, code = ids.new("gc"), codes.generate()
    position, transfer_id = ledger.open_with(
        card_id, currency=old.currency, is_test=old.is_test, movement=movement
    )
    card = _replacement(
        old,
        card_id=card_id,
        last4=code[-4:],
        balance_minor=position.balance_minor,
        source=source,
        created_at=clock.now(),
        **linked,
    )
    locking.store(card, code)
    return Issued(card, code), transfer_id


def _replacement(
    old: Card,
    *,
    card_id: str,
    last4: str,
    balance_minor: int,
    source: str,
    created_at: datetime,
    order_id: str | None = None,
    replaces_id: str | None = None,
) -> Card:
    """A card for the same holder that takes another one's place, with its first balance."""
    return old._replace(
        id=card_id,
        last4=last4,
        origin="replacement",
        source=source,
        state="open",
        balance_minor=balance_minor,
        held_minor=0,
        initial_minor=balance_minor,
        version=1 if balance_minor else 0,
        order_id=order_id,
        order_item_id=None,
        replaces_id=replaces_id,
        expires_on=old.expires_on if replaces_id else None,
        created_at=created_at,
    )


def lock_current(card_id: str) -> Card:
    """The card under its lock, or the last of those that replaced it (D7).

    Raises: NotFound.
    """
    card = locking.lock_one(card_id).card
    while card.status == values.REPLACED:
        successor = database.scalar("SELECT id FROM gift_card WHERE replaces_id = ?", card.id)
        card = locking.lock_one(successor).card
    return card


@transactional
def expire(card_id: str, *, by: Actor = audit.SYSTEM) -> Card:
    """Move what is left on a card past its date to breakage. Held money waits for its order.

    Raises: NotFound, CardNotUsable (it is over), Invalid (its date has not passed).
    """
    locked = locking.lock_one(card_id)
    card = locked.card
    if card.status in locking.ENDED or card.state == "expired":
        raise CardNotUsable(status=card.status)
    if card.status != values.EXPIRED:
        raise Invalid("This card has not reached its date.", field="expires_on")
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
    found = database.rows(
        "SELECT g.id FROM gift_card g JOIN account a ON a.id = g.id"
        " WHERE g.expires_on < ? AND g.expires_on IS NOT NULL AND g.state IN ('open', 'frozen')"
        " AND NOT EXISTS (SELECT 1 FROM hold h WHERE h.card_id = g.id AND h.resolved_at IS NULL"
        " AND h.expires_at > ?) ORDER BY g.expires_on LIMIT ?",
        clock.today().isoformat(),
        clock.micros(),
        limit,
    )
    return [card_id for (card_id,) in found]
