"""What time does by itself, for the worker to write down: lapses, old links and keys."""

from datetime import datetime, timedelta

from giftweb import clock
from giftweb.database import transactional
from giftweb.domain import cards, house_settings, limits
from giftweb.models import Hold, IdempotencyKey, UsedChallenge

CHALLENGES_KEPT = timedelta(days=1)
"""How long the challenge of a passkey that was answered stays in its table."""

KEYS_KEPT = timedelta(days=30)
"""How long the key of a request that moved no money is remembered. Others are kept for ever."""

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
    """Drop answered challenges, keys of old requests that moved no money, and days of limits that
    are over; how many."""
    now, is_spared = clock.now(), IdempotencyKey.moves_money
    is_over = UsedChallenge.used_at < now - CHALLENGES_KEPT
    challenges = UsedChallenge.delete().where(is_over).execute()
    is_old = IdempotencyKey.created_at < now - KEYS_KEPT
    keys = IdempotencyKey.delete().where(~is_spared, is_old).execute()
    return challenges + keys + limits.daily_use.prune()


@transactional
def note_worker() -> None:
    """Write that a worker is alive now."""
    house_settings.put(_SEEN, clock.micros())


def worker_seen_at() -> datetime | None:
    """When a worker last recorded that it is alive; None when there never was one."""
    found = house_settings.get(_SEEN)
    return None if found is None else clock.from_micros(found)
