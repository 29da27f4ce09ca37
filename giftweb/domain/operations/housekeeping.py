"""What time does by itself, for the worker to write down: lapses, old links and keys."""

from datetime import datetime, timedelta

from peewee import fn

from giftweb import clock
from giftweb.database import transactional
from giftweb.domain import cards, house_settings, limits
from giftweb.models import Checkout, Hold, IdempotencyKey, Order, UsedChallenge

CHALLENGES_KEPT = timedelta(days=1)
"""How long the challenge of a passkey that was answered stays in its table."""

KEYS_KEPT = timedelta(days=30)
"""How long the key of a request that moved no money is remembered. Others are kept for ever."""

CARTS_KEPT = timedelta(days=30)
"""How long a cart that has ended is kept, for whoever comes back to it."""

_CARTS_AT_ONCE = 500
_UNPAID = ("open", "voided", "expired")

_SEEN = "worker_seen"


def cards_with_lapsed_holds(*, limit: int = 100) -> list[str]:
    """Cards with a hold that has lapsed and whose lapse has not been written."""
    is_lapsed = Hold.resolved_at.is_null() & (Hold.expires_at <= clock.now())
    found = Hold.select(Hold.card).where(is_lapsed).distinct().limit(limit)
    return [card_id for (card_id,) in found.tuples()]


@transactional
def lapse_holds(card_id: str) -> None:
    """Write the lapse of a card's holds that have lapsed; locking the card does it."""
    cards.locking.lock_one(card_id)


@transactional
def prune() -> int:
    """Drop answered challenges, keys of old requests that moved no money, days of limits that are
    over and carts that nobody came back to; how many."""
    now, is_spared = clock.now(), IdempotencyKey.moves_money
    is_over = UsedChallenge.used_at < now - CHALLENGES_KEPT
    challenges = UsedChallenge.delete().where(is_over).execute()
    is_old = IdempotencyKey.created_at < now - KEYS_KEPT
    keys = IdempotencyKey.delete().where(~is_spared, is_old).execute()
    return challenges + keys + limits.daily_use.prune() + _prune_carts(now)


def _prune_carts(now: datetime) -> int:
    """Carts without an order that ended long ago and never held any money."""
    was_paid = Order.select(1).where(Order.checkout == Checkout.id)
    held = Hold.select(1).where(Hold.checkout == Checkout.id)
    is_over = (Checkout.expires_at < now - CARTS_KEPT) & Checkout.claim.is_null()
    old = (
        Checkout.select(Checkout.id)
        .where(is_over, Checkout.status.in_(_UNPAID), ~fn.EXISTS(was_paid), ~fn.EXISTS(held))
        .order_by(Checkout.expires_at)
        .limit(_CARTS_AT_ONCE)
    )
    found = [cart_id for (cart_id,) in old.tuples()]
    return Checkout.delete().where(Checkout.id.in_(found)).execute() if found else 0


@transactional
def note_worker() -> None:
    """Write that a worker is alive now."""
    house_settings.put(_SEEN, clock.micros())


def worker_seen_at() -> datetime | None:
    """When a worker last recorded that it is alive; None when there never was one."""
    found = house_settings.get(_SEEN)
    return None if found is None else clock.from_micros(found)
